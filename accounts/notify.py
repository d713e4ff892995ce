"""Telling a person something: the proved address first, in the person's language."""

from collections.abc import Mapping
from typing import Any

from django.db import models

from accounts.actions.contacts import verified_emails
from accounts.models import Contact, User
from core.models import OutboundMessage
from core.notifications import MAIL, SMS, deliver


def address_of(person: Contact | User) -> tuple[str, str]:
    """Return (channel, address) to reach somebody by; ("", "") where there is none.

    An account's proved e-mail comes before its proved phone; a guest is reached where they asked to be.
    """
    user = person if isinstance(person, User) else person.user
    if user is not None and user.is_active:
        if emails := verified_emails(user):
            return MAIL, emails[0]
        if user.phone and user.phone_verified_at:
            return SMS, str(user.phone)
    if isinstance(person, Contact):
        if person.email:
            return MAIL, person.email
        if person.phone:
            return SMS, str(person.phone)
    return "", ""


def notify(
    person: Contact | User, event: str, *, context: Mapping[str, Any], subject: models.Model | None = None, **options: Any
) -> OutboundMessage | None:
    """Owe somebody a message about an event; part of the present transaction.

    Args:
        person: a contact or an account.
        event: the template, e.g. `tickets/replied`.
        context: values for the template.
        subject: what it is about.
        options: `sensitive`, `expires_at` of core.notifications.deliver.
    Returns:
        the message, or None where the person has no address.
    """
    channel, address = address_of(person)
    if not address:
        return None
    user = person if isinstance(person, User) else person.user
    language = user.language if user is not None else person.language
    values = {"person": person, "person_name": person.name, **context}
    return deliver(address, channel=channel, language=language, template=event, context=values, subject=subject, **options)
