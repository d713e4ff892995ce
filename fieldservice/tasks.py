"""Background work of repairs: what the customer is told at each step. Ids in, rows fetched again, one message a step."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from accounts.notify import notify
from core.history import history_of, record
from core.models import HistoryEntry
from fieldservice import promises, states, words
from fieldservice.actions.base import lock_repair
from fieldservice.models import RepairMessage, RepairOrder
from kb.ledger_contacts import record_contact

# Moves the customer makes themselves need no message: they see the page.
OWN_STEPS = frozenset({"approve", "decline", "come_back"})
QUIET = frozenset({"test"})


def repair_link(order: RepairOrder) -> str:
    """Return the absolute address of the customer's page: behind the sign-in for members, with the secret for guests."""
    with translation.override(_language(order)):
        if order.contact.user_id:
            return settings.SITE_ORIGIN + reverse("portal:my_repair", args=[order.reference])
        return settings.SITE_ORIGIN + reverse("portal:repair", args=[order.reference]) + f"?key={order.secret}"


def _language(order: RepairOrder) -> str:
    """Members chose a language; a guest is written to in the one they booked in, and the link leads there."""
    user = order.contact.user
    return user.language if user is not None else order.language


def _as_of(order: RepairOrder, entry: HistoryEntry | None) -> tuple[str, list[HistoryEntry], bool]:
    """Return the state a step led to, the moves up to it, and whether it is still the newest.

    A letter that goes out late tells of its own step; what has been settled since has a letter of its own.
    """
    moves = [row for row in history_of(order) if row.verb in states.MOVES]
    if entry is None:
        return order.state, moves, True
    reached = [row for row in moves if row.pk <= entry.pk]
    return (reached[-1].data["new"] if reached else states.FIRST), reached, len(reached) == len(moves)


def _tell(repair_id: int, template: str, *, step: str, entry: HistoryEntry | None = None, **context: Any) -> None:
    """Owe the customer one message; the history row of the step makes a second run of the task send nothing."""
    with transaction.atomic():
        order = lock_repair(RepairOrder(pk=repair_id))
        if history_of(order).filter(verb="customer_told", data__step=step).exists():
            return
        state, steps, current = _as_of(order, entry)
        with translation.override(_language(order)):
            visit = promises.visit_of(order) if current else None
            values: dict[str, Any] = {
                "order": order,
                "reference": order.reference,
                "customer": order.contact.name,
                "machine": order.machine,
                "action_url": repair_link(order),
                "action_text": gettext("Open my repair"),
                "next_words": words.next_words(state, steps),
                "due_at": order.due_at if current and states.state_of(state).promise != states.VISIT else None,
                "visit_words": visit.words if visit else "",
                **context,
            }
            if entry is not None:
                values |= {"title": words.step_title(entry), "text": words.step_text(entry)}
        # Who is on the way does not wait until the morning.
        urgent = order.state == states.TRAVELLING
        sent = notify(order.contact, template, context=values, subject=order, language=_language(order), urgent=urgent)
        if sent is not None:
            record(order, "customer_told", label="system", step=step, channel=sent.channel)


def tell_booked(repair_id: int, step_id: int) -> None:
    """Confirm a booking: number, what happens next, by when."""
    _tell(repair_id, "fieldservice/booked", step=f"booked:{step_id}", entry=HistoryEntry.objects.get(pk=step_id))


def tell_moved(repair_id: int, step_id: int) -> None:
    """Tell about a step that somebody else than the customer took, in the words of the table."""
    entry = HistoryEntry.objects.select_related("actor").get(pk=step_id)
    order = RepairOrder.objects.select_related("contact").get(pk=repair_id)
    by_customer = entry.actor_id is not None and entry.actor_id == order.contact.user_id
    guest = entry.actor_id is None and entry.actor_label != "clock"
    if not entry.public or entry.verb in QUIET or ((by_customer or guest) and entry.verb in OWN_STEPS):
        return
    _tell(repair_id, "fieldservice/moved", step=f"moved:{step_id}", entry=entry)


def tell_quoted(repair_id: int, step_id: int) -> None:
    """Send the quote: the sum, until when it is valid, where to answer."""
    entry = HistoryEntry.objects.get(pk=step_id)
    quote = RepairOrder.objects.get(pk=repair_id).quotes.prefetch_related("lines").filter(number=entry.data.get("quote")).first()
    if quote is not None and quote.is_open:
        _tell(repair_id, "fieldservice/quoted", step=f"quoted:{step_id}", entry=entry, quote=quote, lines=list(quote.lines.all()))


def tell_replied(repair_id: int, message_id: int) -> None:
    """Send our words about a repair."""
    message = RepairMessage.objects.get(pk=message_id)
    _tell(repair_id, "fieldservice/replied", step=f"replied:{message_id}", message=message)


def note_contact(repair_id: int, step_id: int) -> None:
    """Tell the deflection ledger that somebody needed us: a “solved” of the last 30 days about the same thing was none.

    A repair that grew out of a request or a chat is no contact of its own: that one has told the ledger, at its own time.
    """
    order = RepairOrder.objects.select_related("help_session", "contact").get(pk=repair_id)
    if order.ticket_id or order.conversation_reference:
        return
    record_contact(
        reference=order.reference,
        channel="repair",
        at=order.created_at,
        product_id=order.model_id,
        family_id=order.family_id,
        unit_id=order.unit_id,
        code_id=order.code_id,
        problem_id=order.problem_id,
        contact_key=order.contact_id,
        user_id=order.contact.user_id,
        visitor_key=order.help_session.visitor_key if order.help_session else "",
    )
