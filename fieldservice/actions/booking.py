"""Booking a repair, whatever the way: from a page, for a caller, from a request; once per form."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Contact
from core.errors import InvalidInput
from core.events import emit
from core.files import attach_uploads
from core.history import record
from core.i18n import normal_language
from core.references import new_reference
from fieldservice import coverage, promises, slots
from fieldservice.actions.base import clean, demand_staff
from fieldservice.models import RepairOrder, ServiceOutlet, repair_settings

LEAST_WISHES = 2
MOST_WISHES = 6
ADDRESS_PARTS = ("recipient", "phone", "region_code", "province", "city", "district", "street", "detail", "postcode")
ADDRESS_LENGTH = 120


def book_repair(
    *,
    contact: Contact,
    fault: str,
    address: Mapping[str, str],
    wishes: Iterable[str],
    language: str = "zh-hans",
    channel: str = RepairOrder.Channel.WEB,
    unit: Any = None,
    family: Any = None,
    model: Any = None,
    product_text: str = "",
    serial_text: str = "",
    problem: Any = None,
    code: Any = None,
    ticket: Any = None,
    help_session: Any = None,
    article_key: str = "",
    conversation_reference: str = "",
    outlet: ServiceOutlet | None = None,
    attachments: Iterable[str] = (),
    visitor_key: str = "",
    submit_key: str = "",
    by: Any = None,
    internal: bool = False,
) -> RepairOrder:
    """Book a repair and return it; the same `submit_key` again returns the first one.

    Args:
        fault: what is wrong, in the customer's own words.
        address: of the visit: `province`, `city`, `district`, `street`, `detail`, `postcode`, `recipient` …;
            street or detail must be there.
        wishes: at least two slots (`2026-10-10:morning`) that suit the customer, best first. An agent may leave them out.
        unit: a unit the person may see; then model, family and serial are its own.
        attachments: references of drafts uploaded by `by` or by the visitor `visitor_key`.
        internal: an agent books on the customer's behalf; then `by` must work on repairs.
    Raises:
        InvalidInput (nothing written), InvalidUpload, NotAllowed.
    """
    if internal:
        demand_staff(by)
    if found := _same_form(submit_key):
        return found
    now = timezone.now()
    settings = repair_settings()
    model = unit.model if unit is not None else model
    draft = RepairOrder(
        contact=contact,
        language=normal_language(language),
        channel=channel,
        unit=unit,
        model=model,
        family=model.family if model is not None else family,
        product_text=product_text.replace("\x00", "").strip()[:80],
        serial_text="" if unit is not None else serial_text.replace("\x00", "").strip()[:40],
        coverage=coverage.snapshot(unit, on=timezone.localdate(now)),
        fault=clean(fault, field="fault", message=_("Say in a few words what is wrong.")),
        problem=problem,
        code=code,
        address=clean_address(address),
        wishes=clean_wishes(wishes, settings=settings, now=now, least=0 if internal else LEAST_WISHES),
        ticket=ticket,
        help_session=help_session,
        article_key=article_key[:120],
        conversation_reference=conversation_reference[:24],
        outlet=outlet,
        submit_key=submit_key[:40],
        created_by=by if getattr(by, "pk", None) else None,
        created_at=now,
        updated_at=now,
        state_since=now,
    )
    draft.due_at = promises.due_at(draft, settings=settings, schedule=promises.schedule(settings), now=now)
    try:
        with transaction.atomic():
            return _write(draft, attachments, visitor_key=visitor_key, by=by)
    except IntegrityError:
        if found := _same_form(submit_key):
            return found
        raise


def _same_form(submit_key: str) -> RepairOrder | None:
    """Return the repair this form has made already; the key is random and known to the one who was shown the form."""
    if not submit_key:
        return None
    return RepairOrder.objects.filter(submit_key=submit_key[:40]).first()


def _write(order: RepairOrder, attachments: Iterable[str], *, visitor_key: str, by: Any) -> RepairOrder:
    order.reference = new_reference("R", exists=lambda value: RepairOrder.objects.filter(reference=value).exists())
    order.save()
    attach_uploads(attachments, subject=order, by=by, visitor_key=visitor_key)
    label = "" if getattr(by, "pk", None) else str(order.contact)
    entry = record(order, "booked", by=by, label=label, public=True, at=order.created_at, channel=order.channel, new=order.state)
    emit("repair.booked", repair_id=order.pk, step_id=entry.pk)
    return order


def clean_address(given: Mapping[str, str]) -> dict[str, str]:
    """Return the address with its parts cut and cleaned. Raises InvalidInput without a street and number."""
    parts = {name: " ".join(str(given.get(name, "")).replace("\x00", "").split())[:ADDRESS_LENGTH] for name in ADDRESS_PARTS}
    if not (parts["detail"] or parts["street"]):
        raise InvalidInput(_("Say where the engineer should come: street, building and room."), field="detail", code="required")
    return {name: value for name, value in parts.items() if value}


def clean_wishes(given: Iterable[str], *, settings: Any, now: Any, least: int) -> list[str]:
    """Return the wished slots, each once and in order; only those on offer count. Raises InvalidInput for too few or past ones."""
    offered = {
        slot.key for slot in slots.offered(promises.schedule(settings), now=now, days=settings.offered_days, lead_hours=settings.lead_hours)
    }
    wanted = list(dict.fromkeys(given))
    kept = [key for key in wanted if key in offered][:MOST_WISHES]
    if len(kept) < len(wanted[:MOST_WISHES]):
        raise InvalidInput(_("One of the times is no longer free to choose. Choose again, please."), field="wishes", code="gone")
    if len(kept) < least:
        raise InvalidInput(_("Choose at least two times, so that we find one that fits."), field="wishes", code="few")
    return kept
