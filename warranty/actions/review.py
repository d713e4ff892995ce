"""The desk's side of a registration: approving it, with a corrected date or not, returning it with a reason, refusing a claim."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import emit
from core.history import record
from products.models import Unit
from warranty import states
from warranty.actions.ownership import hand_over
from warranty.actions.registration import check_dates
from warranty.models import ReturnReason, WarrantyRegistration
from warranty.permissions import can_review

State, Kind = WarrantyRegistration.State, WarrantyRegistration.Kind
ALREADY = _("%(who)s has decided this already: %(state)s.")
SOMEBODY = _("A colleague")
REASON_WANTED = _("Choose a reason or write one: the customer must know what to do.")
OWNER_OBJECTS = _("The present owner objects. Write down why you decide for the claim.")


@transaction.atomic
def approve(
    registration: WarrantyRegistration, *, by: Any, purchased_on: date | None = None, installed_on: date | None = None, note: str = ""
) -> WarrantyRegistration:
    """Approve: the unit is theirs, the date counts. `by` None is the maker's rule for known numbers.

    Args:
        purchased_on, installed_on: corrected days; what the customer said by default.
        note: why, for colleagues; needed where the present owner objects to a claim.
    Raises:
        NotAllowed, Conflict (decided already, by whom), InvalidInput (dates).
    """
    # The unit first: two colleagues who decide two claims of one unit wait for each other here.
    unit = Unit.objects.select_for_update(of=("self",)).select_related("model__family", "owner").get(pk=registration.unit_id)
    row = _locked(registration, by)
    _may(row, State.APPROVED)
    if row.owner_answer == WarrantyRegistration.Answer.DISPUTED and not note.strip():
        raise InvalidInput(OWNER_OBJECTS, field="note", code="note_wanted")
    kept = unit.purchased_on if row.kind == Kind.CLAIM else None  # a claim changes the owner, not the warranty
    bought = purchased_on or kept or row.purchased_on
    installed = installed_on or (unit.installed_on if row.kind == Kind.CLAIM else None) or row.installed_on
    check_dates(unit, purchased_on=bought, installed_on=installed)
    corrected = bought != row.purchased_on
    _decide(row, State.APPROVED, by)
    former = unit.owner
    unit.purchased_on, unit.installed_on, unit.use = bought, installed, row.use
    unit.dealer = row.dealer or unit.dealer
    unit.save(update_fields=["purchased_on", "installed_on", "use", "dealer"])
    if former is None or former.pk != row.contact_id:
        hand_over(unit, to=row.contact, by=by, why="claim" if row.kind == Kind.CLAIM else "registration")
    record(
        row,
        "approved",
        by=by,
        label="" if by else "rule",
        public=True,
        purchased_on=bought.isoformat(),
        corrected=corrected,
        note=note.strip(),
    )
    emit("warranty.approved", registration_id=row.pk, former_id=former.pk if former and former.pk != row.contact_id else None)
    if row.kind == Kind.CLAIM:
        _return_other_claims(row, by)
    return row


def _return_other_claims(decided: WarrantyRegistration, by: Any) -> None:
    """Return the open claims of others on the same unit, with words in their language and nobody's name."""
    others = WarrantyRegistration.objects.select_for_update(of=("self",)).select_related("contact__user")
    for row in others.filter(unit_id=decided.unit_id, kind=Kind.CLAIM, state=State.SUBMITTED).exclude(pk=decided.pk).order_by("pk"):
        with override(row.contact.user.language if row.contact.user else row.contact.language):
            words = gettext(
                "Somebody else claimed this machine too and has proved that it is theirs. "
                "If you have a proof that shows its serial number, send it."
            )
        row.return_reason, row.return_text = None, words
        _decide(row, State.RETURNED, by)
        record(row, "returned", by=by, public=True, reason="other_claim", text=words)
        emit("warranty.returned", registration_id=row.pk)


@transaction.atomic
def return_to_customer(
    registration: WarrantyRegistration, *, by: Any, reason: ReturnReason | None = None, text: str = ""
) -> WarrantyRegistration:
    """Return with a reason from the list, words of one's own, or both. Raises NotAllowed, Conflict, InvalidInput without either."""
    row = _locked(registration, by)
    _may(row, State.RETURNED)
    words = text.strip()[:500]
    if reason is None and not words:
        raise InvalidInput(REASON_WANTED, field="reason", code="reason_wanted")
    row.return_reason, row.return_text = reason, words
    _decide(row, State.RETURNED, by)
    record(row, "returned", by=by, public=True, reason=reason.key if reason else "", text=words)
    emit("warranty.returned", registration_id=row.pk)
    return row


@transaction.atomic
def refuse(registration: WarrantyRegistration, *, by: Any, text: str) -> WarrantyRegistration:
    """Refuse a claim for good, with the reason in words. Raises NotAllowed, Conflict, InvalidInput."""
    row = _locked(registration, by)
    if row.kind != Kind.CLAIM:
        raise Conflict(_("Only claims can be refused. Return the registration instead."))
    _may(row, State.REFUSED)
    words = text.strip()[:500]
    if not words:
        raise InvalidInput(REASON_WANTED, field="text", code="reason_wanted")
    row.return_reason, row.return_text = None, words
    _decide(row, State.REFUSED, by)
    record(row, "refused", by=by, public=True, text=words)
    emit("warranty.refused", registration_id=row.pk)
    return row


def _locked(registration: WarrantyRegistration, by: Any) -> WarrantyRegistration:
    if by is not None and not can_review(by):
        raise NotAllowed
    return (
        WarrantyRegistration.objects.select_for_update(of=("self",))
        .select_related("contact__user", "decided_by", "unit")
        .get(pk=registration.pk)
    )


def _may(row: WarrantyRegistration, new: str) -> None:
    """Refuse a second decision and say who made the first."""
    if not states.may_move(row.state, new, who="reviewer"):
        raise Conflict(ALREADY % {"who": row.decided_by or SOMEBODY, "state": states.WORDS[row.state]}, code="decided")


def _decide(row: WarrantyRegistration, state: str, by: Any) -> None:
    row.state, row.decided_at, row.decided_by = state, timezone.now(), by
    row.save()
