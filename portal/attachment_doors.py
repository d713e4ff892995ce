"""Who may open an attachment: subject kind → a function (request, attachment) -> bool of the app that owns the subject."""

from collections.abc import Callable
from importlib import import_module

from django.http import HttpRequest

from core.files import is_own_draft
from core.models import Attachment
from core.visitors import known_visitor_key

# `<app>.<model>` of the subject, in lower case → dotted path of the door.
DOORS: dict[str, str] = {
    "tickets.ticket": "portal.doors.may_open_ticket_file",
    "tickets.ticketmessage": "portal.doors.may_open_message_file",
    "fieldservice.repairorder": "portal.doors.may_open_repair_file",
    "fieldservice.repairmessage": "portal.doors.may_open_repair_message_file",
    "chat.chatmessage": "portal.chat_visitor.may_open_chat_file",
    "diagnosis.diagnosisrun": "portal.diagnosis_run.may_open_run_file",
    "warranty.warrantyregistration": "warranty.doors.may_open_receipt",
}


def _door(path: str) -> Callable[[HttpRequest, Attachment], bool]:
    module, name = path.rsplit(".", 1)
    door: Callable[[HttpRequest, Attachment], bool] = getattr(import_module(module), name)
    return door


def may_open(request: HttpRequest, attachment: Attachment) -> bool:
    """Return whether this caller may open this file; an unknown kind of subject opens to nobody."""
    if not attachment.subject_type:
        return is_own_draft(attachment, by=request.user, visitor_key=known_visitor_key(request))
    path = DOORS.get(attachment.subject_type)
    return path is not None and _door(path)(request, attachment)
