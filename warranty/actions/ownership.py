"""A unit and its people: household, transfer to a new owner, certificates. Warranty stays with the unit whoever owns it."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.contacts import find_or_create_contact
from accounts.models import Contact
from accounts.phones import normal_phone
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.events import emit
from core.history import record
from core.masking import masked_address
from products.models import Unit
from warranty.models import HouseholdMember, UnitTransfer, WarrantyCertificate, WarrantyRegistration, WarrantySettings
from warranty.permissions import owns
from warranty.queries import coverage_of, get_unit_for

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 10
OWNER_ONLY = _("Only the owner can do this.")
STILL_OPEN = _("The registration is still being checked. This works once it is approved.")
TOO_MANY = _("A household has at most %(count)s people. Remove one first.")
WRONG_ADDRESS = _("Give a phone number or an e-mail address.")
YOURSELF = _("This is your own machine already.")
ONE_OPEN = _("A transfer of this machine has been started. Cancel it to start another one.")


def new_code() -> str:
    """Return a code that can be read out: ten characters without look-alikes, in two halves."""
    letters = "".join(secrets.choice(ALPHABET) for _number in range(CODE_LENGTH))
    return f"{letters[:5]}-{letters[5:]}"


def token_hash(code: str) -> str:
    """Return what is stored of a code, however it is typed."""
    plain = "".join(ch for ch in (code or "")[:40].upper() if ch.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


@transaction.atomic
def invite_to_household(unit: Unit, *, by: Any, address: str) -> tuple[HouseholdMember, str]:
    """Invite somebody to see the unit and book service for it.

    Args:
        address: phone number or e-mail address, as typed; the link goes there.
    Returns:
        the place in the household and the code of the link, which is kept nowhere.
    Raises:
        NotAllowed, InvalidInput (address, too many).
    """
    _locked_own(unit, by)
    settings = WarrantySettings.load()
    to = _address(address)
    open_places = unit.household.filter(removed_at__isnull=True)
    open_places.filter(address=to, accepted_at__isnull=True).update(removed_at=timezone.now())
    if unit.household.filter(removed_at__isnull=True).count() >= settings.household_most:
        raise InvalidInput(TOO_MANY % {"count": settings.household_most}, field="address", code="too_many")
    code = new_code()
    place = HouseholdMember.objects.create(
        unit=unit, address=to, token_hash=token_hash(code), invited_by=by, expires_at=timezone.now() + timedelta(days=settings.link_days)
    )
    record(unit, "household_invited", by=by, address=masked_address(to))
    return place, code


def open_invitation(code: str, *, user: Any) -> HouseholdMember:
    """Return the invitation behind a link's code, while it is open or is this person's own. Raises NotFound."""
    place = HouseholdMember.objects.select_related("unit__model__family", "invited_by").filter(token_hash=token_hash(code)).first()
    if place is None or place.removed_at is not None:
        raise NotFound
    if place.user_id != user.pk and (place.accepted_at is not None or place.expires_at < timezone.now()):
        raise NotFound
    return place


@transaction.atomic
def join_household(*, code: str, user: Any) -> Unit:
    """Take a place in a household by the link's code; twice is once. Raises NotFound (wrong, old, used), InvalidInput (own machine)."""
    place = (
        HouseholdMember.objects.select_for_update(of=("self",))
        .select_related("unit__owner__user")
        .filter(token_hash=token_hash(code))
        .first()
    )
    if place is None or place.removed_at is not None:
        raise NotFound
    if place.accepted_at is not None:
        if place.user_id == user.pk:
            return place.unit
        raise NotFound
    if place.expires_at < timezone.now():
        raise NotFound
    if owns(user, place.unit):
        raise InvalidInput(YOURSELF, code="yourself")
    try:
        with transaction.atomic():
            place.user, place.accepted_at = user, timezone.now()
            place.save(update_fields=["user", "accepted_at"])
    except IntegrityError:  # there through another invitation already
        HouseholdMember.objects.filter(pk=place.pk).update(removed_at=timezone.now())
        return place.unit
    record(place.unit, "household_joined", by=user)
    return place.unit


@transaction.atomic
def leave_household(place: HouseholdMember, *, by: Any) -> None:
    """The owner removes somebody, or somebody leaves. Raises NotAllowed; a second time changes nothing."""
    row = HouseholdMember.objects.select_for_update(of=("self",)).select_related("unit__owner__user").get(pk=place.pk)
    if not owns(by, row.unit) and row.user_id != getattr(by, "pk", None):
        raise NotAllowed
    if row.removed_at is None:
        row.removed_at = timezone.now()
        row.save(update_fields=["removed_at"])
        record(row.unit, "household_left", by=by, member=row.pk)


@transaction.atomic
def start_transfer(unit: Unit, *, by: Any) -> tuple[UnitTransfer, str]:
    """Begin to give the unit to somebody else; returns the transfer and the code to pass on. Raises NotAllowed, Conflict."""
    row = _locked_own(unit, by)
    if row.registrations.filter(contact=row.owner, state__in=("submitted", "returned")).exists():
        raise Conflict(STILL_OPEN, code="still_open")
    UnitTransfer.objects.filter(
        unit=row, accepted_at__isnull=True, cancelled_at__isnull=True, expires_at__lt=timezone.now()
    ).update(cancelled_at=timezone.now())  # fmt: skip
    code = new_code()
    days = WarrantySettings.load().link_days
    try:
        with transaction.atomic():
            transfer = UnitTransfer.objects.create(
                unit=row, giver=row.owner, token_hash=token_hash(code), expires_at=timezone.now() + timedelta(days=days)
            )
    except IntegrityError as error:
        raise Conflict(ONE_OPEN, code="one_open") from error
    record(row, "transfer_started", by=by)
    return transfer, code


@transaction.atomic
def cancel_transfer(unit: Unit, *, by: Any) -> int:
    """End open transfers of one's unit; returns how many there were. Raises NotAllowed."""
    row = _locked_own(unit, by)
    ended = row.transfers.filter(accepted_at__isnull=True, cancelled_at__isnull=True).update(cancelled_at=timezone.now())
    if ended:
        record(row, "transfer_cancelled", by=by)
    return ended


def open_transfer(code: str) -> UnitTransfer:
    """Return the transfer a code belongs to. Raises NotFound for a wrong, old, used or cancelled one."""
    transfer = UnitTransfer.objects.select_related("unit__model__family", "unit__owner__user").filter(token_hash=token_hash(code)).first()
    if transfer is None or transfer.accepted_at or transfer.cancelled_at or transfer.expires_at < timezone.now():
        raise NotFound
    return transfer


@transaction.atomic
def accept_transfer(*, code: str, user: Any) -> Unit:
    """Take over a unit; household and certificate of the giver end. Raises NotFound, InvalidInput (own machine)."""
    transfer = open_transfer(code)
    unit = Unit.objects.select_for_update(of=("self",)).select_related("owner__user").get(pk=transfer.unit_id)
    if owns(user, unit):
        raise InvalidInput(YOURSELF, code="yourself")
    if unit.owner_id != transfer.giver_id:
        raise NotFound
    taker = find_or_create_contact(user=user)
    now = timezone.now()
    taken = UnitTransfer.objects.filter(pk=transfer.pk, accepted_at__isnull=True, cancelled_at__isnull=True)
    if not taken.update(accepted_at=now, taker=taker):
        raise NotFound
    giver_id = unit.owner_id
    hand_over(unit, to=taker, by=user, why="transfer")
    emit("warranty.transferred", unit_id=unit.pk, giver_id=giver_id, taker_id=taker.pk)
    return unit


def hand_over(unit: Unit, *, to: Contact, by: Any, why: str) -> None:
    """Make somebody the owner: the former household, certificates and open transfers end. Inside the caller's transaction."""
    now = timezone.now()
    unit.owner = to
    unit.place = ""
    unit.save(update_fields=["owner", "place"])
    unit.household.filter(removed_at__isnull=True).update(removed_at=now)
    unit.certificates.filter(revoked_at__isnull=True).update(revoked_at=now)
    unit.transfers.filter(accepted_at__isnull=True, cancelled_at__isnull=True).update(cancelled_at=now)
    unit.registrations.filter(state__in=("submitted", "returned"), kind=WarrantyRegistration.Kind.FIRST).exclude(contact=to).update(
        state=WarrantyRegistration.State.WITHDRAWN
    )
    record(unit, "handed_over", by=by, why=why)


@transaction.atomic
def issue_certificate(unit: Unit, *, by: Any) -> WarrantyCertificate:
    """Return the unit's certificate, made on first need. Raises NotFound (not theirs), Conflict (not confirmed or nothing to certify)."""
    row = get_unit_for(by, unit.code)
    found = coverage_of(row)
    if not found.confirmed or found.whole.until is None:
        raise Conflict(_("There is a certificate once the registration is approved."), code="not_confirmed")
    Unit.objects.select_for_update().get(pk=row.pk)
    known = row.certificates.filter(revoked_at__isnull=True).first()
    if known is not None:
        return known
    certificate = WarrantyCertificate.objects.create(unit=row)
    record(row, "certified", by=by)
    return certificate


@transaction.atomic
def name_place(unit: Unit, *, by: Any, place: str) -> Unit:
    """Note where the unit stands, in the owner's words. Raises NotAllowed."""
    row = _locked_own(unit, by)
    row.place = " ".join(place.split())[:40]
    row.save(update_fields=["place"])
    record(row, "place_named", by=by)
    return row


def _locked_own(unit: Unit, by: Any) -> Unit:
    row = Unit.objects.select_for_update(of=("self",)).select_related("owner__user").get(pk=unit.pk)
    if not owns(by, row):
        raise NotAllowed(OWNER_ONLY)
    return row


def _address(typed: str) -> str:
    """Return a phone number in E.164 or an e-mail address in small letters. Raises InvalidInput."""
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email

    text = (typed or "").strip()[:254]
    if "@" in text:
        try:
            validate_email(text)
        except ValidationError as error:
            raise InvalidInput(WRONG_ADDRESS, field="address", code="wrong_address") from error
        return text.lower()
    try:
        number = normal_phone(text)
    except InvalidInput as error:
        raise InvalidInput(error.message, field="address", code="wrong_address") from error
    if not number:
        raise InvalidInput(WRONG_ADDRESS, field="address", code="wrong_address")
    return number
