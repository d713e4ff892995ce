"""Quotes: sent, withdrawn, agreed, declined, run out. Nothing is charged before the customer agrees to the quote that is in force."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput
from fieldservice import states
from fieldservice.actions.base import clean, demand, enter, judge, lock_repair, roles_of
from fieldservice.models import Quote, QuoteLine, RepairOrder, repair_settings

MOST_LINES = 20
MOST_FEN = 100_000_00 * 100
Line = tuple[str, int]


def clean_lines(given: Iterable[Line]) -> list[Line]:
    """Return the lines with clean texts. Raises InvalidInput for none, too many, an empty text, nonsense amounts or a negative total."""
    rows = [(" ".join(str(text).replace("\x00", "").split())[:120], amount) for text, amount in given]
    if not rows:
        raise InvalidInput(_("A quote needs at least one line."), field="lines", code="required")
    if len(rows) > MOST_LINES:
        raise InvalidInput(_("At most %(count)s lines.") % {"count": MOST_LINES}, field="lines", code="many")
    if any(not text for text, _amount in rows):
        raise InvalidInput(_("Every line of the quote needs a text."), field="lines", code="text")
    if any(isinstance(amount, bool) or not isinstance(amount, int) or abs(amount) > MOST_FEN for _text, amount in rows):
        raise InvalidInput(_("Write amounts in yuan, for example 80 or 80.50."), field="lines", code="amount")
    if sum(amount for _text, amount in rows) < 0:
        raise InvalidInput(_("The total of a quote cannot be below zero."), field="lines", code="negative")
    return rows


def quote_repair(
    order: RepairOrder, *, by: Any, lines: Iterable[Line], explanation: str = "", days: int | None = None, version: int | None = None
) -> Quote:
    """Send the customer a quote and return it.

    Args:
        lines: (text, fen); what the warranty covers is a negative amount.
        days: how long it is valid; the settings' days by default.
    Raises:
        NotAllowed, Conflict, InvalidInput.
    """
    rows = clean_lines(lines)
    now = timezone.now()
    with transaction.atomic():
        order = lock_repair(order)
        move = judge("quote", order=order, roles=roles_of(by, order=order, guest=False), version=version)
        until = now + timedelta(days=max(1, days if days is not None else repair_settings().quote_days))
        last = order.quotes.aggregate(last=Max("number"))["last"] or 0
        quote = Quote.objects.create(
            order=order,
            number=last + 1,
            explanation=explanation.replace("\x00", "").strip()[:2000],
            total_fen=sum(amount for _text, amount in rows),
            valid_until=until,
            created_by=by,
            created_at=now,
        )
        QuoteLine.objects.bulk_create(
            [QuoteLine(quote=quote, text=text, amount_fen=amount, order=place) for place, (text, amount) in enumerate(rows)]
        )
        order.attention = RepairOrder.Attention.NONE
        order.visit_day, order.visit_part = None, ""
        fields = ["attention", "visit_day", "visit_part"]
        facts: dict[str, Any] = {"quote": quote.number, "total_fen": quote.total_fen, "until": until.isoformat()}
        enter(order, move=move, by=by, now=now, fields=fields, valid_until=until, **facts)
    return quote


def withdraw_quote(order: RepairOrder, *, by: Any, reason: str, version: int | None = None) -> RepairOrder:
    """Take the open quote back; the customer is told why. Raises NotAllowed, Conflict, InvalidInput."""
    now = timezone.now()
    with transaction.atomic():
        order = lock_repair(order)
        move = judge("withdraw_quote", order=order, roles=roles_of(by, order=order, guest=False), version=version)
        demand(move, facts={"reason": reason})
        text = clean(reason, field="reason", message=_("Say why."), limit=500)
        quote = _open_quote(order)
        quote.withdrawn_at = now
        quote.save(update_fields=["withdrawn_at"])
        enter(order, move=move, by=by, now=now, quote=quote.number, reason=text)
    return order


def approve_quote(order: RepairOrder, *, number: int, by: Any = None, guest: bool = False, comment: str = "") -> RepairOrder:
    """The customer agrees to the quote with this number (or staff note that they did, saying how). Agreeing twice changes nothing.

    Raises:
        NotAllowed; Conflict with words when it was withdrawn, has run out, was answered otherwise or is not the newest.
    """
    return _answer(order, "approve", number=number, by=by, guest=guest, comment=comment)


def decline_quote(order: RepairOrder, *, number: int, by: Any = None, guest: bool = False, comment: str = "") -> RepairOrder:
    """The customer declines the quote with this number. Declining twice changes nothing. Raises as `approve_quote`."""
    return _answer(order, "decline", number=number, by=by, guest=guest, comment=comment)


def _answer(order: RepairOrder, verb: str, *, number: int, by: Any, guest: bool, comment: str) -> RepairOrder:
    now = timezone.now()
    answer = Quote.Answer.APPROVED if verb == "approve" else Quote.Answer.DECLINED
    with transaction.atomic():
        order = lock_repair(order)
        roles = roles_of(by, order=order, guest=guest)
        quote = order.quotes.filter(number=number).first()
        if quote is not None and quote.answer == answer and roles & states.ANYONE:
            return order
        _demand_open(quote, now=now)
        move = judge(verb, order=order, roles=roles)
        staff = states.CUSTOMER not in roles
        if staff and not comment.strip():
            raise InvalidInput(_("Say how the customer told you."), field="comment", code="required")
        assert quote is not None
        who = str(by) if getattr(by, "pk", None) else str(order.contact)
        quote.answer, quote.answered_at, quote.answered_by = answer, now, who[:120]
        quote.save(update_fields=["answer", "answered_at", "answered_by"])
        order.attention = RepairOrder.Attention.DECLINED if verb == "decline" and not staff else RepairOrder.Attention.NONE
        facts: dict[str, Any] = {"quote": quote.number, "total_fen": quote.total_fen}
        if comment.strip():
            # What the customer wrote, or how a colleague knows what they said.
            facts["noted" if staff else "comment"] = comment.replace("\x00", "").strip()[:500]
        enter(order, move=move, by=by, guest=guest, now=now, fields=["attention"], **facts)
    return order


def _demand_open(quote: Quote | None, *, now: Any) -> None:
    """Refuse an answer to a quote that is not in force any more, each case in its own words. Raises Conflict."""
    if quote is None:
        raise Conflict(_("There is no such quote. Look at the repair again."), code="no_quote")
    if quote.withdrawn_at:
        raise Conflict(_("We have withdrawn this quote. You owe nothing; you get a new one or hear from us."), code="withdrawn")
    if quote.expired_at or quote.valid_until <= now:
        raise Conflict(_("This quote has run out. Write to us below and we make a new one."), code="expired")
    if quote.answered_at:
        raise Conflict(_("This quote has been answered already."), code="answered")


def _open_quote(order: RepairOrder) -> Quote:
    quote = order.quotes.filter(answered_at__isnull=True, withdrawn_at__isnull=True, expired_at__isnull=True).first()
    if quote is None:
        raise Conflict(_("There is no open quote."), code="no_quote")
    return quote
