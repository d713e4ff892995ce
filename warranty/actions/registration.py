"""The customer's side of a registration: sending it, correcting it, taking it back, answering a claim."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.contacts import find_or_create_contact
from accounts.models import Contact
from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import emit
from core.files import attach_uploads
from core.history import record
from core.references import new_reference
from products.models import ProductModel, Unit
from warranty import states
from warranty.lookup import Found, Lookup, look_up
from warranty.models import WarrantyRegistration, WarrantySettings
from warranty.permissions import owns
from warranty.words import day_words

State, Kind = WarrantyRegistration.State, WarrantyRegistration.Kind

IN_FUTURE = _("This day has not come yet. Check the year and the month.")
BEFORE_SALE = _("%(model)s has been on sale since %(day)s. Check the date, or the model.")
BEFORE_MADE = _("This machine was made on %(day)s, after the date you typed. Check the date, or the serial number.")
WRONG_SHAPE = _("No serial number of ours looks like this. Compare it with the label, character by character.")
MEANT = _("We do not know this number, but we know %(suggestion)s. Choose it if that is what the label says.")
EMPTY_SERIAL = _("Type the serial number from the label, or send a photo of it.")
ALREADY_YOURS = _("This machine is in your list already.")
TAKEN = _("Somebody has registered this machine. If it is yours now, say so below and send a proof of purchase.")
PROOF_WANTED = _("A claim needs a proof: a photo or PDF of the receipt, or of the contract for a used machine.")
MODEL_WANTED = _("Choose the model. The number of the label does not tell it.")
NOT_NOW = _("This registration is no longer open.")


@transaction.atomic
def register(
    *,
    user: Any,
    serial: str,
    purchased_on: date,
    model: ProductModel | None = None,
    dealer: str = "",
    use: str = Unit.Use.HOME,
    installed_on: date | None = None,
    attachments: Iterable[str] = (),
    claim: bool = False,
    submit_key: str = "",
    language: str = "",
) -> WarrantyRegistration:
    """Register a unit for a signed-in person; sent twice with one key it is one registration.

    Args:
        user: who registers.
        serial: as typed; `model` is needed where the number does not name it.
        purchased_on, installed_on: the days on the receipt.
        dealer: shop or platform, in the customer's words.
        use: `home` or `commercial`.
        attachments: references of the customer's uploaded receipts.
        claim: they know that somebody else has registered it and say it is theirs.
        submit_key: the key of the form.
    Raises:
        InvalidInput with the field it belongs to: an unknown shape, somebody else's unit without `claim`, an impossible date.
        Conflict: somebody else was faster.
    """
    contact = find_or_create_contact(user=user, language=language)
    key = f"{contact.pk}:{submit_key}"[:60] if submit_key else None
    known = WarrantyRegistration.objects.filter(submit_key=key).first() if key else None
    if known is not None:
        return known
    found = look_up(serial, user=user, model=model)
    _refuse_serial(found, model, claim)
    unit = _locked_unit(found, model)
    kind = _kind(unit, contact, claim)
    check_dates(unit, purchased_on=purchased_on, installed_on=installed_on)
    references = list(attachments)
    if kind == Kind.CLAIM and not references:
        raise InvalidInput(PROOF_WANTED, field="attachments", code="proof_wanted")
    row = _create(unit, contact, kind, key, serial_typed=serial.strip()[:60], purchased_on=purchased_on, installed_on=installed_on,
                  dealer=dealer.strip()[:120], use=use)  # fmt: skip
    attach_uploads(references, subject=row, by=user)
    record(row, "submitted", by=user, public=True, kind=kind, unit=unit.code)
    if kind == Kind.CLAIM:
        emit("warranty.claimed", registration_id=row.pk)
        return row
    unit.owner = contact
    unit.save(update_fields=["owner"])
    record(unit, "registered", by=user, registration=row.reference)
    if _approved_at_once(row):
        from warranty.actions.review import approve

        return approve(row, by=None)
    emit("warranty.registered", registration_id=row.pk)
    return row


@transaction.atomic
def resubmit(
    registration: WarrantyRegistration,
    *,
    user: Any,
    purchased_on: date,
    dealer: str = "",
    use: str = Unit.Use.HOME,
    installed_on: date | None = None,
    attachments: Iterable[str] = (),
) -> WarrantyRegistration:
    """Send a returned registration again, corrected. Raises NotAllowed, Conflict (not returned), InvalidInput (dates)."""
    row = _own_locked(registration, user)
    if not states.may_move(row.state, State.SUBMITTED, who="customer"):
        raise Conflict(NOT_NOW)
    check_dates(row.unit, purchased_on=purchased_on, installed_on=installed_on)
    changed = sorted(
        name
        for name, value in (("purchased_on", purchased_on), ("installed_on", installed_on), ("dealer", dealer), ("use", use))
        if getattr(row, name) != value
    )
    row.purchased_on, row.installed_on, row.dealer, row.use = purchased_on, installed_on, dealer.strip()[:120], use
    row.state, row.submitted_at = State.SUBMITTED, timezone.now()
    row.decided_at = row.decided_by = None
    row.save()
    files = attach_uploads(attachments, subject=row, by=user)
    record(row, "resubmitted", by=user, public=True, fields=changed, files=len(files))
    if row.kind == Kind.CLAIM:
        emit("warranty.claimed", registration_id=row.pk)
    else:
        emit("warranty.registered", registration_id=row.pk)
    return row


@transaction.atomic
def withdraw(registration: WarrantyRegistration, *, user: Any) -> WarrantyRegistration:
    """Take an open registration back; a unit that nobody confirmed as theirs leaves their list. Raises NotAllowed, Conflict."""
    unit = Unit.objects.select_for_update().get(pk=registration.unit_id)  # before the registration, as a decision does
    row = _own_locked(registration, user)
    if not states.may_move(row.state, State.WITHDRAWN, who="customer"):
        raise Conflict(NOT_NOW)
    row.state = State.WITHDRAWN
    row.save(update_fields=["state"])
    confirmed = unit.registrations.filter(contact=row.contact, state=State.APPROVED).exists()
    if row.kind == Kind.FIRST and unit.owner_id == row.contact_id and not confirmed and unit.purchased_on is None:
        unit.owner = None
        unit.save(update_fields=["owner"])
        unit.household.filter(removed_at__isnull=True).update(removed_at=timezone.now())
    record(row, "withdrawn", by=user, public=True)
    return row


@transaction.atomic
def answer_claim(registration: WarrantyRegistration, *, user: Any, agrees: bool) -> WarrantyRegistration:
    """The present owner says whether a claim is right; the desk decides. Raises NotAllowed, Conflict."""
    row = WarrantyRegistration.objects.select_for_update(of=("self",)).select_related("unit__owner__user").get(pk=registration.pk)
    if not owns(user, row.unit):
        raise NotAllowed
    if row.kind != Kind.CLAIM or row.state != State.SUBMITTED:
        raise Conflict(NOT_NOW)
    row.owner_answer = WarrantyRegistration.Answer.AGREED if agrees else WarrantyRegistration.Answer.DISPUTED
    row.owner_asked = row.unit.owner
    row.save(update_fields=["owner_answer", "owner_asked"])
    record(row, "owner_agreed" if agrees else "owner_disputed", by=user)
    return row


def check_dates(unit: Unit, *, purchased_on: date, installed_on: date | None = None) -> None:
    """Refuse days that cannot be: in the future, before the model was on sale, before the machine was made. Raises InvalidInput."""
    today = timezone.localdate()
    for name, day in (("purchased_on", purchased_on), ("installed_on", installed_on)):
        if day is None:
            continue
        if day > today:
            raise InvalidInput(IN_FUTURE, field=name, code="in_future")
        if unit.model.launched_on and day < unit.model.launched_on:
            values = {"model": unit.model.number, "day": day_words(unit.model.launched_on)}
            raise InvalidInput(BEFORE_SALE % values, field=name, code="before_sale")
        if unit.produced_on and day < unit.produced_on:
            raise InvalidInput(BEFORE_MADE % {"day": day_words(unit.produced_on)}, field=name, code="before_made")


def _refuse_serial(found: Lookup, model: ProductModel | None, claim: bool) -> None:
    refusals = {
        Found.EMPTY: (EMPTY_SERIAL, "empty"),
        Found.MALFORMED: (WRONG_SHAPE, "malformed"),
        Found.CORRECTION: (MEANT % {"suggestion": found.suggestion}, "correction"),
        Found.MINE: (ALREADY_YOURS, "mine"),
    }
    if found.found in refusals:
        words, code = refusals[found.found]
        raise InvalidInput(words, field="serial", code=code)
    if found.found is Found.TAKEN and not claim:
        raise InvalidInput(TAKEN, field="serial", code="taken")
    if found.found is Found.UNKNOWN and found.model is None and model is None:
        raise InvalidInput(MODEL_WANTED, field="model", code="model_wanted")


def _locked_unit(found: Lookup, model: ProductModel | None) -> Unit:
    """Return the unit under a lock, made now where the number is well formed but not on record."""
    if found.unit is None:
        chosen = found.model or model
        assert chosen is not None
        try:
            with transaction.atomic():
                Unit.objects.create(model=chosen, serial=found.shown, produced_on=found.produced_on)
        except IntegrityError:
            pass  # somebody registered the same number at this moment: their row decides
    return Unit.objects.select_for_update(of=("self",)).select_related("model__family").get(serial_normal=found.serial)


def _kind(unit: Unit, contact: Contact, claim: bool) -> str:
    """Return what kind of registration it is now that the unit is locked."""
    if unit.owner_id in (None, contact.pk):
        return Kind.FIRST
    if not claim:
        raise InvalidInput(TAKEN, field="serial", code="taken")
    return Kind.CLAIM


def _create(unit: Unit, contact: Contact, kind: str, key: str | None, **values: Any) -> WarrantyRegistration:
    reference = new_reference("W", exists=lambda candidate: WarrantyRegistration.objects.filter(reference=candidate).exists())
    asked, now = (unit.owner if kind == Kind.CLAIM else None), timezone.now()
    try:
        with transaction.atomic():
            return WarrantyRegistration.objects.create(
                reference=reference,
                unit=unit,
                contact=contact,
                kind=kind,
                submit_key=key,
                owner_asked=asked,
                submitted_at=now,
                created_at=now,
                **values,
            )
    except IntegrityError as error:
        twin = WarrantyRegistration.objects.filter(submit_key=key).first() if key else None
        if twin is not None:
            return twin
        raise Conflict(ALREADY_YOURS) from error


def _own_locked(registration: WarrantyRegistration, user: Any) -> WarrantyRegistration:
    row = (
        WarrantyRegistration.objects.select_for_update(of=("self",))
        .select_related("unit__model__family", "contact")
        .get(pk=registration.pk)
    )
    if not getattr(user, "is_authenticated", False) or row.contact.user_id != user.pk:
        raise NotAllowed
    return row


def _approved_at_once(row: WarrantyRegistration) -> bool:
    """Return whether the maker's setting lets a known number with a plausible date pass without a person."""
    settings = WarrantySettings.load()
    unit = row.unit
    if settings.auto_approve != WarrantySettings.AutoApprove.KNOWN or not unit.known or unit.shipped_on is None:
        return False
    return 0 <= (row.purchased_on - unit.shipped_on).days <= settings.plausible_days
