"""A member's own data in accounts: what the copy of it holds, and what is emptied when the account is closed."""

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Q

from accounts.actions.sessions import end_other_sessions
from accounts.actions.staff import end_sessions
from accounts.models import (
    AccountClosing,
    Address,
    Consent,
    Contact,
    DataExport,
    NoticeChoice,
    QuietHours,
    StaffInvitation,
    User,
    new_handle,
)
from core.forgetting import forget_actor, forget_files, forget_history, forget_messages, forget_tasks
from core.models import Attachment, OutboundMessage


def addresses_of(user: User) -> list[str]:
    """Return every e-mail address and phone number on record for a person, proved or typed."""
    found = {user.email.lower(), str(user.phone or "")}
    found |= {address.lower() for address in EmailAddress.objects.filter(user=user).values_list("email", flat=True)}
    for email, phone in Contact.objects.filter(user=user).values_list("email", "phone"):
        found |= {email.lower(), str(phone or "")}
    return sorted(found - {""})


def _rows(queryset: Any, *fields: str) -> list[dict[str, Any]]:
    return [{name: str(value) if name in {"phone"} and value else value for name, value in row.items()} for row in queryset.values(*fields)]


def export(user: User) -> dict[str, list[dict[str, Any]]]:
    """Return the account, contacts, addresses, choices, devices, consents and messages of a person, as JSON-able rows."""
    messages = Q(pk__in=[])
    for address in addresses_of(user):
        messages |= Q(address__iexact=address)
    consents = Consent.objects.filter(Q(user=user) | Q(contact__user=user))
    return {
        "account": [
            {
                "name": user.name,
                "email": user.email,
                "phone": str(user.phone or ""),
                "phone_verified_at": user.phone_verified_at,
                "language": user.language,
                "joined_at": user.date_joined,
                "last_sign_in_at": user.last_login,
            }
        ],
        "email_addresses": _rows(EmailAddress.objects.filter(user=user), "email", "verified", "primary"),
        "contacts": _rows(user.contacts.all(), "name", "email", "phone", "language", "region", "created_at"),
        "addresses": _rows(
            user.addresses.all(),
            "recipient",
            "phone",
            "region_code",
            "province",
            "city",
            "district",
            "street",
            "detail",
            "postcode",
            "is_default",
            "updated_at",
        ),
        "notification_choices": _rows(user.notice_choices.all(), "topic", "channel", "wanted"),
        "quiet_hours": _rows(QuietHours.objects.filter(user=user), "on", "starts", "ends"),
        "signed_in_devices": _rows(user.sessions.all(), "user_agent", "created_at", "seen_at"),
        "passkeys_and_second_steps": _rows(Authenticator.objects.filter(user=user), "type", "created_at", "last_used_at"),
        "consents": _rows(consents, "purpose", "text_version", "source", "given_at", "withdrawn_at"),
        "messages_from_us": _rows(
            OutboundMessage.objects.filter(messages), "channel", "address", "subject", "body", "state", "created_at", "sent_at"
        ),
        "closings": _rows(user.closings.all(), "state", "requested_at", "due_at", "settled_at"),
    }


def files(user: User) -> list[Attachment]:
    """Return the files the person sent that belong to nothing yet."""
    return list(Attachment.objects.filter(uploaded_by=user, subject_type=""))


def anonymise(user: User, *, now: datetime) -> dict[str, int]:
    """Empty the account and everything around it; the row stays as an empty shell, so that counts of the past still add up.

    Comes last of all parts: the others find their rows through the account and its contacts. Idempotent.
    """
    addresses = addresses_of(user)
    contacts = list(Contact.objects.filter(user=user))
    copies = list(DataExport.objects.filter(user=user))
    farewell = list(_about_closings(user).values_list("pk", flat=True))
    counts = {
        "messages": forget_messages(addresses=addresses, subjects=[user, *contacts, *copies], keep=farewell),
        "history": forget_history([user, *contacts], user=user) + forget_actor(user),
        "tasks": forget_tasks(addresses),
        "files": forget_files(user=user),
        "contacts": Contact.objects.filter(user=user)
        .exclude(name="", email="", phone="", region="", note="")
        .update(name="", email="", phone="", region="", note="", email_verified_at=None, phone_verified_at=None),
        "copies": _delete_copies(copies),
        "sessions": end_other_sessions(user=user, but="") + end_sessions(user),
    }
    for model in (Address, NoticeChoice, QuietHours, EmailAddress, Authenticator):
        counts[model._meta.model_name or ""] = model.objects.filter(user=user).delete()[0]  # type: ignore[attr-defined]
    counts["invitations"] = StaffInvitation.objects.filter(user=user).exclude(name="").update(name="", email="")
    Consent.objects.filter(Q(user=user) | Q(contact__user=user), withdrawn_at__isnull=True).update(withdrawn_at=now)
    if user.is_active or user.name or user.email or user.phone:
        user.name, user.email, user.phone, user.phone_verified_at = "", "", None, None
        user.handle, user.is_active, user.last_login = new_handle(), False, None
        user.set_unusable_password()
        user.save()
        counts["account"] = 1
    return counts


def _about_closings(user: User) -> Any:
    keys = [str(pk) for pk in AccountClosing.objects.filter(user=user).values_list("pk", flat=True)]
    waiting = [OutboundMessage.State.QUEUED, OutboundMessage.State.SENDING]
    return OutboundMessage.objects.filter(
        subject_type=AccountClosing._meta.label_lower, subject_id__in=keys, template="accounts/closed", state__in=waiting
    )


def forget_farewells() -> int:
    """Blank the address on messages about a closing that have gone out (or were given up). Returns how many."""
    done = [str(pk) for pk in AccountClosing.objects.filter(state=AccountClosing.State.DONE).values_list("pk", flat=True)]
    settled = [OutboundMessage.State.SENT, OutboundMessage.State.FAILED]
    return (
        OutboundMessage.objects.filter(subject_type=AccountClosing._meta.label_lower, subject_id__in=done, state__in=settled)
        .exclude(address="")
        .update(address="", subject="", body="—", html="")
    )


def _delete_copies(copies: list[DataExport]) -> int:
    for copy in copies:
        if copy.file:
            storage, name = copy.file.storage, str(copy.file.name)
            transaction.on_commit(lambda storage=storage, name=name: storage.delete(name))
    return DataExport.objects.filter(pk__in=[copy.pk for copy in copies]).delete()[0]
