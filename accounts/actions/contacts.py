"""Contacts: found or made for a case, attached to an account once an address is proved; consent on record."""

from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Consent, Contact, User
from accounts.phones import normal_phone
from core.errors import InvalidInput
from core.events import emit
from core.history import record
from core.i18n import normal_language


def verified_emails(user: User) -> list[str]:
    """Return the addresses the account has proved, the primary one first."""
    found = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk")
    return [address.email.lower() for address in found]


@transaction.atomic
def find_or_create_contact(*, name: str = "", email: str = "", phone: str = "", language: str = "", user: Any = None) -> Contact:
    """Return the contact a case belongs to.

    A signed-in person has one contact; blanks in it are filled from what was typed. A guest's contact is found again only when every
    address is the same, so that nobody can redirect the answers of somebody else's case by typing their phone number.

    Args:
        name, email, phone: as typed; the phone in any form.
        language: of the conversation.
        user: the signed-in user, or None.
    Raises:
        InvalidInput: a guest without any address, or a wrong phone number.
    """
    number, address, code = normal_phone(phone), (email or "").strip().lower(), normal_language(language)
    name = " ".join((name or "").split())[:80]
    if getattr(user, "is_authenticated", False):
        return _members_contact(user, name=name, email=address, phone=number, language=code if language else "")
    if not number and not address:
        raise InvalidInput(field="phone", code="no_address")
    found = Contact.objects.filter(user__isnull=True, phone=number, email__iexact=address)
    contact = found.filter(name=name).first() or (found.first() if not name else None)
    if contact is None:
        contact = Contact.objects.create(name=name, email=address, phone=number, language=code)
        record(contact, "created")
    return contact


def _members_contact(user: User, *, name: str, email: str, phone: str, language: str) -> Contact:
    contact = user.contacts.select_for_update().order_by("created_at", "pk").first()
    if contact is None:
        emails = verified_emails(user)
        proved_phone = str(user.phone) if user.phone and user.phone_verified_at else ""
        contact = Contact.objects.create(
            user=user,
            name=user.name or name,
            email=emails[0] if emails else email,
            phone=proved_phone or phone,
            language=user.language or language,
            email_verified_at=timezone.now() if emails else None,
            phone_verified_at=user.phone_verified_at if proved_phone else None,
        )
        record(contact, "created", by=user)
        return contact
    filled = {
        field: value for field, value in (("name", name), ("email", email), ("phone", phone)) if value and not getattr(contact, field)
    }
    if filled:
        for field, value in filled.items():
            setattr(contact, field, value)
        contact.save(update_fields=[*filled])
        record(contact, "completed", by=user, fields=sorted(filled))
    return contact


@transaction.atomic
def set_phone(*, user: User, phone: str, verified: bool) -> None:
    """Note a number for an account.

    A number that another account only typed and never proved is taken from it; one that was proved there stays (the unique column
    raises IntegrityError). Proving one attaches earlier cases.
    """
    if verified or phone:
        User.objects.filter(phone=phone, phone_verified_at__isnull=True).exclude(pk=user.pk).update(phone=None)
    proved_before = user.phone_verified_at if str(user.phone or "") == phone else None
    user.phone = phone or None
    user.phone_verified_at = (proved_before or timezone.now()) if verified else proved_before
    user.save(update_fields=["phone", "phone_verified_at"])
    if verified:
        if proved_before is None:
            record(user, "phone_verified", by=user)
        attach_cases_on_verification(user)


def _unclaimed(user: User) -> tuple[QuerySet[Contact], QuerySet[Contact]]:
    """Return contacts nobody owns that carry one of the account's proved addresses: (by phone, by mail)."""
    free = Contact.objects.filter(user__isnull=True)
    by_phone = free.filter(phone=str(user.phone)) if user.phone and user.phone_verified_at else free.none()
    match = Q(pk__in=[])
    for address in verified_emails(user):
        match |= Q(email__iexact=address)
    return by_phone, free.filter(match)


@transaction.atomic
def attach_cases_on_verification(user: User) -> list[int]:
    """Give the account every earlier contact that carries an address it has proved; emits `contact.verified` for each.

    Returns the primary keys of the contacts attached now. Running it again attaches nothing twice.
    """
    own = _members_contact(user, name="", email="", phone="", language="")
    now, attached = timezone.now(), []
    by_phone, by_mail = _unclaimed(user)
    for found, stamp in ((by_phone, "phone_verified_at"), (by_mail, "email_verified_at")):
        for contact in found.select_for_update():
            if not Contact.objects.filter(pk=contact.pk, user__isnull=True).update(user=user, **{stamp: now}):
                continue
            record(contact, "attached", by=user, to=user.pk)
            emit("contact.verified", contact_id=contact.pk, user_id=user.pk)
            attached.append(contact.pk)
    _stamp_own(own, user)
    return attached


def _stamp_own(own: Contact, user: User) -> None:
    """Keep the account's own contact in step with what it has proved."""
    emails = verified_emails(user)
    if user.phone and user.phone_verified_at:
        own.phone, own.phone_verified_at = user.phone, user.phone_verified_at
    if emails:
        if own.email.lower() not in emails:
            own.email = emails[0]
        own.email_verified_at = own.email_verified_at or timezone.now()
    own.save(update_fields=["phone", "phone_verified_at", "email", "email_verified_at"])


@transaction.atomic
def record_consent(*, purpose: str, text_version: str, source: str, user: Any = None, contact: Contact | None = None) -> Consent:
    """Put on record that somebody agreed: to which purpose, in which version of the text, where.

    Raises InvalidInput when it is nobody's consent.
    """
    person = user if getattr(user, "is_authenticated", False) else None
    if person is None and contact is None:
        raise InvalidInput(code="nobody")
    return Consent.objects.create(user=person, contact=contact, purpose=purpose, text_version=text_version, source=source[:60])


@transaction.atomic
def withdraw_consent(*, purpose: str, user: User) -> int:
    """Withdraw every open consent of the account to a purpose; returns how many."""
    mine = Consent.objects.filter(Q(user=user) | Q(contact__user=user), purpose=purpose, withdrawn_at__isnull=True)
    withdrawn = Consent.objects.filter(pk__in=list(mine.values_list("pk", flat=True))).update(withdrawn_at=timezone.now())
    if withdrawn:
        record(user, "consent_withdrawn", by=user, purpose=purpose)
    return withdrawn


@transaction.atomic
def mark_email_verified(*, user: User, email: str) -> EmailAddress:
    """Take an address as proved (invitation accepted, demo data): it becomes the account's primary one."""
    address = email.strip().lower()
    EmailAddress.objects.filter(user=user, primary=True).exclude(email=address).update(primary=False)
    row, _created = EmailAddress.objects.update_or_create(user=user, email=address, defaults={"verified": True, "primary": True})
    if user.email != address:
        user.email = address
        user.save(update_fields=["email"])
    return row
