"""Telling a person something: by the channels they chose, at a time they do not mind, in their language."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation

from accounts import notices
from accounts.actions.contacts import verified_emails
from accounts.models import Contact, NoticeChoice, QuietHours, User
from core.models import OutboundMessage
from core.notifications import MAIL, SMS, deliver


def proved_addresses(user: User) -> dict[str, str]:
    """Return channel → the account's proved address of it; the primary e-mail address."""
    found: dict[str, str] = {}
    if emails := verified_emails(user):
        found[MAIL] = emails[0]
    if user.phone and user.phone_verified_at:
        found[SMS] = str(user.phone)
    return found


def address_of(person: Contact | User) -> tuple[str, str]:
    """Return (channel, address) to reach somebody by; ("", "") where there is none.

    An account's proved e-mail comes before its proved phone; a guest is reached where they asked to be.
    """
    user = person if isinstance(person, User) else person.user
    if user is not None and user.is_active:
        for channel, address in proved_addresses(user).items():
            return channel, address
    if isinstance(person, Contact):
        if person.email:
            return MAIL, person.email
        if person.phone:
            return SMS, str(person.phone)
    return "", ""


def ways_to(person: Contact | User, event: str) -> list[tuple[str, str]]:
    """Return every (channel, address) the person wants to be told of `event` by; empty where they want to hear nothing of it.

    Choices are a member's; guests and members without a proved address are reached as `address_of` says.
    """
    topic = notices.topic_of(event)
    user = person if isinstance(person, User) else person.user
    addresses = proved_addresses(user) if user is not None and user.is_active else {}
    if topic is None or user is None or not addresses:
        channel, address = address_of(person)
        opt_in = topic is not None and notices.TOPICS[topic].opt_in
        return [(channel, address)] if address and not opt_in else []
    chosen = dict(NoticeChoice.objects.filter(user=user, topic=topic).values_list("channel", "wanted"))
    return [(channel, addresses[channel]) for channel in notices.wanted_channels(topic, chosen=chosen, has=addresses)]


def silent_until(user: User | None, *, now: datetime | None = None) -> datetime | None:
    """Return when the member's quiet hours end if they are on at this moment, else None; guests have none."""
    if user is None:
        return None
    hours = QuietHours.objects.filter(user=user).first() or QuietHours()
    if not hours.on:
        return None
    return notices.earliest(timezone.localtime(now or timezone.now()), starts=hours.starts, ends=hours.ends)


def _choices_link(language: str) -> str:
    """Return the address of the page where a member chooses, empty where the portal has none."""
    try:
        with translation.override(language):
            return settings.SITE_ORIGIN + reverse("portal:my_notices")
    except NoReverseMatch:
        return ""


def notify(
    person: Contact | User, event: str, *, context: Mapping[str, Any], subject: models.Model | None = None, **options: Any
) -> OutboundMessage | None:
    """Owe somebody a message about an event; part of the present transaction.

    Args:
        person: a contact or an account.
        event: the template, e.g. `tickets/replied`; accounts.notices maps it to a topic with the member's choices.
        context: values for the template.
        subject: what it is about.
        options: `sensitive`, `expires_at` of core.notifications.deliver; `language` (default: the person's); `urgent=True` for what
            cannot wait until the morning. A message with an end, or of an urgent event, ignores quiet hours; mail knows none.
    Returns:
        the first message, or None where the person has no address or wants to hear nothing of it.
    """
    user = person if isinstance(person, User) else person.user
    language = options.pop("language", "") or (user.language if user is not None else person.language)
    urgent = options.pop("urgent", False) or notices.is_urgent(event) or options.get("expires_at") is not None
    values = {"person": person, "person_name": person.name, **context}
    if user is not None and notices.topic_of(event) is not None:
        values.setdefault("choices_url", _choices_link(language))
    first = None
    for channel, address in ways_to(person, event):
        wait = None if urgent or channel != SMS else silent_until(user)
        message = deliver(
            address, channel=channel, language=language, template=event, context=values, subject=subject, not_before=wait, **options
        )
        first = first or message
    return first
