"""Who asks: the contact behind a signed-in person or the address a guest gives; a member's basics."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest

from accounts.actions.contacts import find_or_create_contact, record_consent
from accounts.models import Contact
from core.brand import brand_of
from core.history import record

PURPOSE = "answer_request"


def contact_of(user: Any) -> Contact | None:
    """Return the signed-in person's contact when an answer can reach it, else None."""
    if not getattr(user, "is_authenticated", False):
        return None
    contact = user.contacts.order_by("created_at", "pk").first()
    return contact if contact and (contact.email or contact.phone or user.email) else None


def contact_for(request: HttpRequest, *, name: str, email: str, phone: str, language: str) -> Contact:
    """Return the contact of a new request and put on record, once a version, that the privacy text in force was agreed to.

    Raises InvalidInput without any address.
    """
    with transaction.atomic():
        contact = find_or_create_contact(name=name, email=email, phone=phone, language=language, user=request.user)
        version = brand_of(request).privacy_version
        if not contact.consents.filter(purpose=PURPOSE, text_version=version, withdrawn_at__isnull=True).exists():
            record_consent(purpose=PURPOSE, text_version=version, source="help_form", user=request.user, contact=contact)
    return contact


def save_profile(user: Any, *, name: str, language: str) -> None:
    """Keep a member's name and the language of our messages, in the account and its contacts."""
    with transaction.atomic():
        user.name, user.language = name, language
        user.save(update_fields=["name", "language"])
        user.contacts.update(name=name, language=language)
        record(user, "profile_changed", by=user)
