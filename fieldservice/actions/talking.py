"""Words about a repair: the customer writes, we answer, colleagues leave notes that nobody else sees."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, NotAllowed
from core.events import emit
from core.files import attach_uploads
from core.history import record
from fieldservice import states
from fieldservice.actions.base import clean, demand_staff, lock_repair
from fieldservice.models import RepairMessage, RepairNote, RepairOrder
from fieldservice.permissions import is_customer_of

Author = RepairMessage.Author


def write_message(
    order: RepairOrder,
    *,
    body: str,
    by: Any = None,
    guest: bool = False,
    attachments: Iterable[str] = (),
    visitor_key: str = "",
    client_key: str = "",
) -> RepairMessage:
    """The customer adds words or files; staff have to look at it. The same `client_key` again returns the first message.

    Raises NotAllowed, Conflict for a finished repair, InvalidInput, InvalidUpload.
    """
    text = clean(body, field="body", message=_("Write something first."))
    with transaction.atomic():
        order = lock_repair(order)
        if not guest and not is_customer_of(by, order):
            raise NotAllowed()
        message, new = _say(order, Author.CUSTOMER, text, by=by, name=str(by) if not guest else str(order.contact), client_key=client_key)
        if new:
            attach_uploads(attachments, subject=message, by=by, visitor_key=visitor_key)
            order.attention, order.updated_at = RepairOrder.Attention.WRITTEN, message.created_at
            order.save(update_fields=["attention", "updated_at"])
            record(order, "customer_wrote", by=by, label=str(order.contact), public=False, message=message.pk)
            emit("repair.customer_wrote", repair_id=order.pk, message_id=message.pk)
    return message


def answer_message(order: RepairOrder, *, by: Any, body: str, attachments: Iterable[str] = (), client_key: str = "") -> RepairMessage:
    """Write to the customer about the repair. Raises NotAllowed, Conflict, InvalidInput, InvalidUpload."""
    demand_staff(by)
    text = clean(body, field="body", message=_("Write something first."))
    with transaction.atomic():
        order = lock_repair(order)
        message, new = _say(order, Author.AGENT, text, by=by, name=str(by), client_key=client_key)
        if new:
            attach_uploads(attachments, subject=message, by=by)
            if order.attention == RepairOrder.Attention.WRITTEN:
                order.attention = RepairOrder.Attention.NONE
            order.updated_at = message.created_at
            order.save(update_fields=["attention", "updated_at"])
            record(order, "wrote", by=by, message=message.pk)
            emit("repair.replied", repair_id=order.pk, message_id=message.pk)
    return message


def _say(order: RepairOrder, kind: str, text: str, *, by: Any, name: str, client_key: str) -> tuple[RepairMessage, bool]:
    known = order.messages.filter(client_key=client_key[:40]).first() if client_key else None
    if known is not None:
        return known, False
    if order.state in states.FINAL:
        raise Conflict(_("The repair is finished. Ask a person, or book a new one."), code="state")
    made = RepairMessage.objects.create(
        order=order,
        author_kind=kind,
        author=by if getattr(by, "pk", None) else None,
        author_name=name[:80],
        body=text,
        client_key=client_key[:40],
        created_at=timezone.now(),
    )
    return made, True


def add_note(order: RepairOrder, *, by: Any, body: str) -> RepairNote:
    """Leave a note for colleagues. Raises NotAllowed, InvalidInput."""
    demand_staff(by)
    text = clean(body, field="note", message=_("Write something first."))
    with transaction.atomic():
        note = RepairNote.objects.create(order=order, author=by, body=text, created_at=timezone.now())
        record(order, "noted", by=by, note=note.pk)
    return note


def mark_looked_at(order: RepairOrder, *, by: Any) -> RepairOrder:
    """Say that what needed a look was looked at; again changes nothing. Raises NotAllowed."""
    demand_staff(by)
    with transaction.atomic():
        order = lock_repair(order)
        if order.attention:
            old, order.attention = order.attention, RepairOrder.Attention.NONE
            order.save(update_fields=["attention"])
            record(order, "looked_at", by=by, was=old)
    return order
