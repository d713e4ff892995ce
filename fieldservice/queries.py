"""Reads of repairs: the doors, the lists, the customer's view. Nothing here writes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import phonenumbers
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from core.errors import NotFound
from core.files import attachments_by_subject, attachments_of
from core.history import history_of
from core.models import Attachment, HistoryEntry
from core.references import normal_reference
from core.secrets import same_secret
from fieldservice import promises, slots, states, words
from fieldservice.coverage import Coverage, coverage_from
from fieldservice.models import Quote, RepairMessage, RepairOrder, ServiceOutlet, repair_settings
from fieldservice.permissions import may_see, works_on_repairs
from products.codes import normal_serial

MAX_SEARCH = 200


def full_repairs() -> QuerySet[RepairOrder]:
    """Return repairs with everything a page names, in one query."""
    return RepairOrder.objects.select_related(
        "contact",
        "contact__user",
        "family",
        "model",
        "model__family",
        "unit",
        "unit__owner",
        "unit__model",
        "problem",
        "code",
        "outlet",
        "ticket",
        "help_session__code",
        "help_session__model",
        "help_session__family",
    )


def get_repair_for(user: Any, reference: str) -> RepairOrder:
    """Return the repair for staff who work on repairs, or for who may see it as a customer. Raises NotFound, alike for missing ones."""
    order = full_repairs().filter(reference=normal_reference(reference)).first()
    if order is None or not (works_on_repairs(user) or may_see(user, order)):
        raise NotFound()
    return order


def get_own_repair(user: Any, reference: str) -> RepairOrder:
    """Return the repair for its customer or the unit's household; staff use the desk. Raises NotFound."""
    order = full_repairs().filter(reference=normal_reference(reference)).first()
    if order is None or not may_see(user, order):
        raise NotFound()
    return order


def get_repair_by_link(reference: str, secret: str) -> RepairOrder:
    """Return the repair of a guest's link. Raises NotFound, the same for a wrong number and a wrong secret."""
    order = full_repairs().filter(reference=normal_reference(reference)).first()
    right = same_secret(order.secret if order else "-" * 22, (secret or "")[:80])
    if order is None or not right:
        raise NotFound()
    return order


def repairs_of(user: Any) -> QuerySet[RepairOrder]:
    """Return a member's repairs, newest first."""
    rows = RepairOrder.objects.select_related("family", "model", "unit", "contact")
    if not (user and user.is_authenticated):
        return rows.none()
    return rows.filter(contact__user=user).order_by("-created_at", "-pk")


def repairs_of_unit(unit: Any) -> QuerySet[RepairOrder]:
    """Return the repairs of one machine, newest first; whoever may see the unit may see them."""
    return RepairOrder.objects.filter(unit=unit).select_related("family", "model", "outlet", "contact").order_by("-created_at", "-pk")


def open_repairs_beside(contact: Any, *, units: Any, limit: int = 5) -> list[RepairOrder]:
    """Return the repairs that are not finished of these machines, and those of this customer (or None) without a machine, newest first."""
    theirs = Q(unit__in=units)
    if contact is not None:
        who = Q(contact__user_id=contact.user_id) if contact.user_id else Q(contact=contact)
        theirs |= who & Q(unit__isnull=True)
    rows = RepairOrder.objects.filter(theirs, state__in=states.ACTIVE).select_related("family", "model", "unit__model")
    return list(rows.order_by("-created_at", "-pk")[:limit])


def repairs_of_ticket(ticket: Any) -> QuerySet[RepairOrder]:
    """Return the repairs that came out of a request, newest first."""
    return RepairOrder.objects.filter(ticket=ticket).select_related("family", "model").order_by("-created_at", "-pk")


@dataclass(frozen=True)
class Filters:
    """What the list of the desk is narrowed to; empty means everything."""

    state: str = "active"
    family: str = ""
    outlet: str = ""
    waiting: str = ""
    order: str = "due"


ORDERS: dict[str, tuple[Any, ...]] = {
    "due": (F("due_at").asc(nulls_last=True), "-updated_at", "-pk"),
    "new": ("-created_at", "-pk"),
    "changed": ("-updated_at", "-pk"),
}


def repairs_for(user: Any, *, filters: Filters | None = None, search: str = "", now: datetime | None = None) -> QuerySet[RepairOrder]:
    """Return the repairs staff may work on, narrowed and sorted; a search looks at every state.

    Args:
        search: a number, a phone number or its last digits, a name, a serial number or words of the fault.
        now: for the filter “overdue”.
    """
    if not works_on_repairs(user):
        return RepairOrder.objects.none()
    chosen = filters or Filters()
    rows = RepairOrder.objects.select_related("contact", "family", "model", "unit", "outlet")
    if search.strip():
        rows = rows.filter(_search(search))
    elif chosen.state == "active":
        rows = rows.filter(state__in=states.ACTIVE)
    if chosen.state == "attention":
        rows = rows.exclude(attention="")
    elif chosen.state == "overdue":
        rows = rows.filter(state__in=states.ACTIVE, due_at__lt=now or timezone.now())
    elif chosen.state in states.STATES:
        rows = rows.filter(state=chosen.state)
    if chosen.family:
        rows = rows.filter(family__slug=chosen.family)
    if chosen.outlet:
        rows = rows.filter(outlet__isnull=True) if chosen.outlet == "none" else rows.filter(outlet__key=chosen.outlet)
    if chosen.waiting in states.WAITS_FOR:
        rows = rows.filter(state__in=states.states_waiting_for(chosen.waiting))
    return rows.order_by(*ORDERS.get(chosen.order, ORDERS["due"]))


def _search(typed: str) -> Q:
    text = " ".join(typed.replace("\x00", "").split())[:MAX_SEARCH]
    number = normal_reference(text)
    condition = Q(reference=number) | Q(reference__startswith=number) if len(number) >= 4 else Q(pk__in=[])
    digits = "".join(ch for ch in text if ch.isdigit())
    if len(digits) >= 4 and not any(ch.isalpha() for ch in text):
        condition |= Q(contact__phone__endswith=digits) | Q(contact__phone=_in_e164(text)) | Q(reference__contains=digits)
    serial = normal_serial(text)
    if len(serial) >= 4:
        condition |= Q(unit__serial_normal__contains=serial) | Q(serial_text__icontains=text)
    if "@" in text:
        condition |= Q(contact__email__icontains=text.lower())
    words = Q()
    for word in text.split()[:8]:
        words &= Q(fault__icontains=word) | Q(contact__name__icontains=word) | Q(product_text__icontains=word)
    return condition | words if words else condition


def _in_e164(text: str) -> str:
    try:
        return phonenumbers.format_number(phonenumbers.parse(text, "CN"), phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        return "-"


def to_look_at(user: Any) -> int:
    """Return how many repairs wait for a look of staff: new ones and those with a notice."""
    if not works_on_repairs(user):
        return 0
    return RepairOrder.objects.filter(Q(state=states.RECEIVED) | ~Q(attention=""), state__in=states.ACTIVE).count()


def desk_counts(user: Any) -> dict[str, int]:
    """Return the number of active repairs by state."""
    rows = repairs_for(user).order_by().values("state").annotate(number=Count("pk"))
    return {row["state"]: row["number"] for row in rows}


def active_outlets() -> QuerySet[ServiceOutlet]:
    """Return the outlets that take repairs, in their order."""
    return ServiceOutlet.objects.filter(is_active=True)


def free_slots(*, now: datetime | None = None, staff: bool = False) -> list[slots.Slot]:
    """Return the times a visit can be wished for now; staff may take the next one, customers those after the lead time."""
    settings = repair_settings()
    lead = 0 if staff else settings.lead_hours
    return slots.offered(promises.schedule(settings), now=now or timezone.now(), days=settings.offered_days, lead_hours=lead)


@dataclass(frozen=True)
class Said:
    """One message with its files."""

    message: RepairMessage
    files: tuple[Attachment, ...]


@dataclass(frozen=True)
class RepairView:
    """Everything the page of a repair shows, for the customer; staff see notes and all steps besides."""

    order: RepairOrder
    state: states.State
    steps: tuple[HistoryEntry, ...]
    quote: Quote | None
    messages: tuple[Said, ...]
    files: tuple[Attachment, ...]
    moves: tuple[states.Move, ...]
    visit: slots.Slot | None
    coverage: Coverage
    may_move_visit: bool
    may_write: bool

    @property
    def may(self) -> frozenset[str]:
        """Keys of the moves that are offered."""
        return frozenset(move.key for move in self.moves)

    @property
    def next_words(self) -> str:
        """What happens next, in the customer's words."""
        return words.next_words(self.order.state, self.steps)

    @property
    def unrepaired(self) -> bool:
        """Did the customer decline, so that nothing was repaired."""
        return words.unrepaired(self.steps)

    @property
    def asks_answer(self) -> bool:
        """Does an open quote wait for the customer."""
        return self.quote is not None and self.quote.is_open and "approve" in self.may


def repair_view(order: RepairOrder, *, roles: frozenset[str], public: bool = True, now: datetime | None = None) -> RepairView:
    """Return the view of a repair that a door has let somebody to.

    Args:
        roles: in which roles they look at it; only the moves of these are offered.
        public: leave out what is for staff.
    """
    moment = now or timezone.now()
    messages = list(order.messages.all())
    files = attachments_by_subject(messages, public_only=public)
    quote = order.quotes.prefetch_related("lines").first()
    moves = states.moves_for(order.state, roles)
    if quote is None or not quote.is_open or quote.valid_until <= moment:
        moves = [move for move in moves if move.key not in {"approve", "decline"}]
    locked = roles.isdisjoint(states.STAFF) and too_late_to_move(order, now=moment)
    if locked:
        moves = [move for move in moves if not (move.key in {"move_visit", "cancel"} and order.state == states.SCHEDULED)]
    return RepairView(
        order=order,
        state=states.state_of(order.state),
        steps=tuple(history_of(order, public_only=public)),
        quote=quote,
        messages=tuple(Said(row, tuple(files.get(str(row.pk), ()))) for row in messages),
        files=tuple(attachments_of(order, public_only=public)),
        moves=tuple(moves),
        visit=promises.visit_of(order),
        coverage=coverage_from(order.coverage),
        may_move_visit=any(move.key == "move_visit" for move in moves) and order.visit_moves < repair_settings().most_moves,
        may_write=order.state not in states.FINAL,
    )


def too_late_to_move(order: RepairOrder, *, now: datetime) -> bool:
    """Is it so late before the arranged visit that a customer moves or cancels it by phone only."""
    visit = promises.visit_of(order)
    if order.state != states.SCHEDULED or visit is None:
        return False
    settings = repair_settings()
    return (visit.begins(promises.schedule(settings)) - now).total_seconds() < settings.least_move_hours * promises.HOUR


def earlier_repairs(order: RepairOrder, *, limit: int = 10) -> list[RepairOrder]:
    """Return other repairs of the same machine or the same customer, newest first."""
    same = Q(contact=order.contact)
    if order.contact.user_id:
        same |= Q(contact__user=order.contact.user_id)
    if order.unit_id:
        same |= Q(unit=order.unit_id)
    rows = RepairOrder.objects.filter(same).exclude(pk=order.pk).select_related("model", "family")
    return list(rows.order_by("-created_at")[:limit])
