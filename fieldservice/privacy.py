"""Personal data of repairs: handed out on request, and removed when an account closes, as far as the law lets us."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from core.forgetting import forget_files, forget_history, forget_messages
from core.history import record, subject_type
from core.models import Attachment
from fieldservice import states
from fieldservice.models import Quote, RepairMessage, RepairNote, RepairOrder

KEPT_ADDRESS = ("province", "city", "district")
REMOVED = "—"


def _orders(user: Any) -> Any:
    return RepairOrder.objects.filter(contact__user=user).order_by("created_at")


def export(user: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the member's repairs, quotes and messages as JSON; notes among colleagues are not part of it."""
    orders = list(_orders(user).select_related("model", "unit").prefetch_related("quotes__lines", "messages"))
    return {
        "repairs": [
            {
                "reference": order.reference,
                "booked_at": order.created_at.isoformat(),
                "state": order.state,
                "machine": order.model.number if order.model else order.product_text,
                "serial": order.serial,
                "fault": order.fault,
                "address": order.address,
                "wishes": order.wishes,
                "visit_day": order.visit_day.isoformat() if order.visit_day else "",
                "coverage": order.coverage,
            }
            for order in orders
        ],
        "quotes": [
            {
                "repair": order.reference,
                "number": quote.number,
                "total_fen": quote.total_fen,
                "answer": quote.answer,
                "lines": [{"text": line.text, "amount_fen": line.amount_fen} for line in quote.lines.all()],
            }
            for order in orders
            for quote in order.quotes.all()
        ],
        "repair_messages": [
            {"repair": order.reference, "from": row.author_kind, "at": row.created_at.isoformat(), "body": row.body}
            for order in orders
            for row in order.messages.all()
        ],
    }


def files(user: Any) -> list[Attachment]:
    """Return the files of the member's repairs and of what was said there, without those for staff."""
    orders = [str(pk) for pk in _orders(user).values_list("pk", flat=True)]
    messages = [str(pk) for pk in RepairMessage.objects.filter(order__in=orders).values_list("pk", flat=True)]
    mine = Q(subject_type=RepairOrder._meta.label_lower, subject_id__in=orders)
    mine |= Q(subject_type=RepairMessage._meta.label_lower, subject_id__in=messages)
    return list(Attachment.objects.filter(mine, internal=False).order_by("created_at", "pk"))


def open_cases(user: Any) -> list[dict[str, Any]]:
    """Return the repairs under way: while a machine is with us or a visit is arranged, the account stays open."""
    found = _orders(user).filter(state__in=states.ACTIVE).select_related("model", "family")
    return [
        {"reference": order.reference, "title": order.machine, "url": reverse("portal:my_repair", args=[order.reference]), "blocks": True}
        for order in found
    ]


def anonymise(user: Any, *, now: datetime) -> dict[str, int]:
    """Remove what names the person from their repairs; return the counts. A second run counts nothing.

    Kept, because the law wants it (three guarantees, bookkeeping): number, machine, dates, states, quotes with their sums, the region.
    """
    return _blank(list(_orders(user)), user=user, now=now)


def outlived(*, before: datetime) -> QuerySet[RepairOrder]:
    """Return the repairs of people without an open account that were over before a moment and are still kept as proof."""
    nobody = Q(contact__user=None) | Q(contact__user__is_active=False)
    over = RepairOrder.objects.filter(nobody, state__in=states.FINAL, state_since__lt=before)
    quoted = Exists(Quote.objects.filter(order=OuterRef("pk")))
    return over.exclude(Q(fault=REMOVED, address={}, unit=None, serial_text="", coverage={}) & ~quoted)


def let_go(rows: Sequence[RepairOrder], *, now: datetime) -> int:
    """Drop what was kept as proof: words, region, machine's number, warranty and quotes; model, fault and days stay for the figures.

    Returns how many rows changed.
    """
    counts = _blank(rows, user=None, now=now)
    keys = [order.pk for order in rows]
    quotes = Quote.objects.filter(order__in=keys).delete()[0]
    left = {"address": {}, "unit": None, "serial_text": "", "product_text": "", "coverage": {}, "wishes": [], "ticket": None}
    return sum(counts.values()) + quotes + RepairOrder.objects.filter(pk__in=keys).update(**left, updated_at=now)


def _blank(orders: Sequence[RepairOrder], *, user: Any, now: datetime) -> dict[str, int]:
    counts = {"repairs": 0, "repair_messages": 0}
    with transaction.atomic():
        said: list[Any] = [*RepairMessage.objects.filter(order__in=orders), *RepairNote.objects.filter(order__in=orders)]
        counts["files"] = forget_files(user=user, subjects=[*orders, *said])
        counts["messages"] = forget_messages(subjects=orders)
        for order in RepairOrder.objects.filter(pk__in=[order.pk for order in orders]).select_for_update(of=("self",)):
            kept = {name: value for name, value in order.address.items() if name in KEPT_ADDRESS}
            messages = RepairMessage.objects.filter(order=order).exclude(body=REMOVED)
            counts["repair_messages"] += messages.filter(author_kind=RepairMessage.Author.CUSTOMER).update(
                body=REMOVED, author_name=REMOVED, author=None
            )
            messages.filter(author_kind=RepairMessage.Author.AGENT).update(body=REMOVED)
            RepairNote.objects.filter(order=order).exclude(body=REMOVED).update(body=REMOVED)
            order.quotes.exclude(answered_by="").update(answered_by=REMOVED)
            if order.fault == REMOVED and order.address == kept:
                continue
            forget_history([order], user=user)
            order.fault, order.address, order.updated_at = REMOVED, kept, now
            order.save(update_fields=["fault", "address", "updated_at"])
            record(order, "anonymised", label="system", at=now, kind=subject_type(order))
            counts["repairs"] += 1
    return counts
