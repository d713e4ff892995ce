"""The escalation queue in due order and the searchable list of tickets."""

from dataclasses import dataclass
from typing import Any

import phonenumbers
from django.db.models import F, Q, QuerySet

from core.references import normal_reference
from tickets import states
from tickets.models import Escalation, Ticket
from tickets.permissions import MANAGEMENT_TIER, SECOND_LINE, supervises, works_desk

QUEUE_VIEWS = ("unclaimed", "mine", "all")
MAX_SEARCH = 200


def queue_for(user: Any, *, view: str = "unclaimed", queue: str = "", kind: str = "") -> QuerySet[Escalation]:
    """Return the open escalations the person may take, soonest due first, paused ones last.

    Args:
        view: `unclaimed`, `mine` or `all`.
        queue: key of one queue.
        kind: one kind of escalation.
    """
    if not works_desk(user):
        return Escalation.objects.none()
    rows = Escalation.objects.filter(closed_at__isnull=True).select_related(
        "queue",
        "claimed_by",
        "ticket",
        "ticket__contact",
        "ticket__family",
        "ticket__model",
        "ticket__priority",
        "ticket__help_session__code",
        "ticket__help_session__model",
        "ticket__help_session__family",
    )
    if not supervises(user):
        tiers = Q(queue__tier__lt=2) | Q(claimed_by=user)
        if user.has_perm(SECOND_LINE):
            tiers |= Q(queue__tier__lt=MANAGEMENT_TIER)
        rows = rows.filter(tiers)
    if view == "mine":
        rows = rows.filter(claimed_by=user)
    elif view == "unclaimed":
        rows = rows.filter(claimed_by__isnull=True)
    if queue:
        rows = rows.filter(queue__key=queue)
    if kind:
        rows = rows.filter(kind=kind)
    return rows.order_by(F("due_at").asc(nulls_last=True), "created_at", "pk")


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to; empty means everything."""

    status: str = "active"
    queue: str = ""
    priority: str = ""
    assignee: str = ""
    language: str = ""
    channel: str = ""
    order: str = "due"


ORDERS: dict[str, tuple[Any, ...]] = {
    "due": (F("due_at").asc(nulls_last=True), "-updated_at"),
    "new": ("-created_at", "-pk"),
    "old": ("created_at", "pk"),
    "changed": ("-updated_at", "-pk"),
}


def tickets_for(user: Any, *, filters: Filters | None = None, search: str = "") -> QuerySet[Ticket]:
    """Return the tickets the person may see, narrowed and sorted; a search looks at every status.

    Args:
        search: a number, a phone number or its last digits, a name, an address or words of the subject.
    """
    if not works_desk(user):
        return Ticket.objects.none()
    chosen = filters or Filters()
    rows = Ticket.objects.select_related("contact", "priority", "queue", "assignee", "family", "model")
    if search.strip():
        rows = rows.filter(search_condition(search))
    elif chosen.status == "active":
        rows = rows.filter(status__in=states.ACTIVE)
    if chosen.status in states.TONES:
        rows = rows.filter(status=chosen.status)
    for field, value in (
        ("queue__key", chosen.queue),
        ("priority__key", chosen.priority),
        ("language", chosen.language),
        ("channel", chosen.channel),
    ):
        if value:
            rows = rows.filter(**{field: value})
    if chosen.assignee == "me":
        rows = rows.filter(assignee=user)
    elif chosen.assignee == "none":
        rows = rows.filter(assignee__isnull=True)
    return rows.order_by(*ORDERS.get(chosen.order, ORDERS["due"]))


def search_condition(typed: str) -> Q:
    """Return the condition of a search by number, phone, name, mail or words; every word of a text must be found."""
    text = " ".join(typed.replace("\x00", "").split())[:MAX_SEARCH]
    number = normal_reference(text)
    condition = Q(reference=number) | Q(reference__startswith=number) if len(number) >= 4 else Q(pk__in=[])
    digits = "".join(ch for ch in text if ch.isdigit())
    if len(digits) >= 4 and not any(ch.isalpha() for ch in text):
        condition |= Q(contact__phone__endswith=digits) | Q(contact__phone=_in_e164(text)) | Q(reference__contains=digits)
    if "@" in text:
        condition |= Q(contact__email__icontains=text.lower())
    words = Q()
    for word in text.split()[:8]:
        words &= (
            Q(subject__icontains=word) | Q(contact__name__icontains=word) | Q(product_text__icontains=word) | Q(serial_text__iexact=word)
        )
    return condition | words if words else condition


def _in_e164(text: str) -> str:
    try:
        return phonenumbers.format_number(phonenumbers.parse(text, "CN"), phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        return "-"
