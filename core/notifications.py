"""Mails and SMS that we owe somebody: written in the transaction of the change, sent by a task, kept with their fate.

A template is a name such as `tickets/reply_sent`. Mails read `templates/mail/<name>.subject.txt`, `<name>.txt` and, where there is
one, `<name>.html`; SMS read `templates/sms/<name>.txt`. Every template knows `brand`, `origin` and `language`.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import models, transaction
from django.db.models import F, Q
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils import timezone, translation

from core import sms
from core.brand import current_brand
from core.history import subject_type
from core.i18n import normal_language
from core.masking import masked_address
from core.models import OutboundMessage
from core.tasks import Retry, enqueue

logger = logging.getLogger(__name__)

MAIL = OutboundMessage.Channel.MAIL
SMS = OutboundMessage.Channel.SMS
# A sender that has been silent for so long is dead: mail and SMS servers are given up on after 10 seconds.
CLAIM_LIFE = timedelta(seconds=60)
FORGOTTEN = "—"


def _rendered(channel: str, template: str, language: str, context: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return (subject, text, html) of a message in the recipient's language."""
    with translation.override(language):
        values = {"brand": current_brand(), "origin": settings.SITE_ORIGIN, "language": language, **context}
        if channel == SMS:
            return "", " ".join(render_to_string(f"sms/{template}.txt", values).split()), ""
        subject = " ".join(render_to_string(f"mail/{template}.subject.txt", values).split())
        text = str(render_to_string(f"mail/{template}.txt", values)).strip() + "\n"
        try:
            html = str(render_to_string(f"mail/{template}.html", {**values, "subject": subject}))
        except TemplateDoesNotExist as error:
            if str(error) != f"mail/{template}.html":
                raise
            html = ""
    return subject, text, html


def deliver(
    address: str,
    *,
    channel: str,
    language: str,
    template: str,
    context: Mapping[str, Any],
    subject: models.Model | None = None,
    sensitive: bool = False,
    expires_at: datetime | None = None,
    not_before: datetime | None = None,
) -> OutboundMessage:
    """Owe somebody a message: write it now, send it after commit.

    Args:
        address: an e-mail address or a phone number in E.164 form.
        channel: `mail` or `sms`.
        language: the recipient's language; the text is rendered in it here and now.
        template: see the module.
        context: values for the template.
        subject: the saved object the message is about, for the staff's list.
        sensitive: the text holds a code or a link that opens something; it is forgotten once sent or given up.
        expires_at: not to be sent after this time (a login code that came late helps nobody).
        not_before: not to be sent before this time (somebody sleeps); None for at once.
    Returns:
        the row; part of the present transaction.
    """
    normal = normal_language(language)
    title, text, html = _rendered(channel, template, normal, context)
    with transaction.atomic():
        message = OutboundMessage.objects.create(
            channel=channel,
            address=str(address),
            language=normal,
            template=template,
            subject=title[:255],
            body=text,
            html=html,
            subject_type=subject_type(subject) if subject is not None else "",
            subject_id=str(subject.pk) if subject is not None else "",
            sensitive=sensitive,
            expires_at=expires_at,
        )
        enqueue("core.notifications.send_outbound", run_after=not_before, message_id=message.pk)
    return message


def _claim(message_id: int, now: datetime) -> bool:
    """Take the message for sending: one sender at a time, never a sent one."""
    free = Q(state__in=[OutboundMessage.State.QUEUED, OutboundMessage.State.FAILED])
    abandoned = Q(state=OutboundMessage.State.SENDING, claimed_at__lt=now - CLAIM_LIFE)
    return bool(
        OutboundMessage.objects.filter(free | abandoned, pk=message_id).update(
            state=OutboundMessage.State.SENDING, claimed_at=now, tries=F("tries") + 1
        )
    )


def _settle(message: OutboundMessage, state: str, **values: Any) -> None:
    if message.sensitive and state in {OutboundMessage.State.SENT, OutboundMessage.State.FAILED}:
        values |= {"body": FORGOTTEN, "html": ""}
    OutboundMessage.objects.filter(pk=message.pk, state=OutboundMessage.State.SENDING).update(state=state, **values)


def send_outbound(message_id: int) -> None:
    """Send one message (task). A second run of the same message does nothing.

    Raises whatever the mail or SMS server raised, so that the task is tried again; after the last try the row says FAILED.
    """
    now = timezone.now()
    if not _claim(message_id, now):
        if OutboundMessage.objects.filter(pk=message_id, state=OutboundMessage.State.SENDING).exists():
            raise Retry("another sender has the message")
        return
    message = OutboundMessage.objects.get(pk=message_id)
    if message.expires_at and message.expires_at < now:
        _settle(message, OutboundMessage.State.FAILED, error="expired before it could be sent")
        return
    if message.sensitive and message.body == FORGOTTEN:
        _settle(message, OutboundMessage.State.FAILED, error="the text has been forgotten")
        return
    try:
        reference = _send(message)
    except Exception as error:
        last = message.tries >= settings.TASK_MAX_ATTEMPTS
        state = OutboundMessage.State.FAILED if last else OutboundMessage.State.QUEUED
        _settle(message, state, error=f"{type(error).__name__}: {error}"[:2000])
        logger.warning("message %s to %s not sent (try %s)", message.pk, masked_address(message.address), message.tries)
        raise
    _settle(message, OutboundMessage.State.SENT, sent_at=timezone.now(), error="", provider_reference=reference[:120])


def _send(message: OutboundMessage) -> str:
    """Hand the message to the mail server or the SMS vendor; return the vendor's id."""
    if message.channel == SMS:
        return sms.get_backend().send(message.address, message.body) or ""
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.body,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.address],
        headers={"Content-Language": message.language, "Auto-Submitted": "auto-generated"},
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    mail.send()
    return ""


def messages_about(subject: models.Model) -> models.QuerySet[OutboundMessage]:
    """Return the messages sent about `subject`, newest first."""
    return OutboundMessage.objects.filter(subject_type=subject_type(subject), subject_id=str(subject.pk))


def failed_messages() -> models.QuerySet[OutboundMessage]:
    """Return the messages that were given up, newest first."""
    return OutboundMessage.objects.filter(state=OutboundMessage.State.FAILED)
