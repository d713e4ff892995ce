"""Mails and SMS are owed with the change, sent once, tried again, and kept with their fate."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone, translation

from accounts.notify import address_of, notify
from core import sms
from core.errors import DomainError
from core.models import OutboundMessage, TaskAttempt
from core.notifications import MAIL, SMS, deliver, failed_messages, messages_about, send_outbound
from core.sms import BaseBackend, ConsoleBackend
from core.tasks import Retry
from tests.factories.accounts import ContactFactory, MemberFactory

pytestmark = pytest.mark.django_db
State = OutboundMessage.State


class Refusing(BaseBackend):
    """A vendor that is down."""

    def send(self, number: str, text: str) -> str:
        raise sms.SmsNotSent("vendor is down")


def owe(channel: str = SMS, address: str = "+8613800138000", language: str = "zh-hans", **more) -> OutboundMessage:
    return deliver(
        address,
        channel=channel,
        language=language,
        template="account/login_code" if channel == MAIL else "account/code",
        context={"code": "123456", "minutes": 10},
        **more,
    )


def test_a_message_is_owed_with_the_change_and_sent_by_the_task(run_tasks) -> None:
    message = owe()
    assert message.state == State.QUEUED and sms.outbox == []
    assert TaskAttempt.objects.get().kwargs == {"message_id": message.pk}
    run_tasks()
    message.refresh_from_db()
    assert message.state == State.SENT and message.sent_at and message.provider_reference == "memory-1"
    assert sms.outbox[0].number == "+8613800138000"


def test_a_change_that_fails_owes_nothing() -> None:
    with pytest.raises(DomainError), transaction.atomic():
        owe()
        raise DomainError()
    assert not OutboundMessage.objects.exists() and not TaskAttempt.objects.exists()


def test_an_sms_begins_with_the_brand_and_is_one_line() -> None:
    from core.brand import current_brand

    with translation.override("en"):
        brand = current_brand().service_name
    text = owe(language="en").body
    assert text.startswith(f"[{brand}]") and "\n" not in text and "123456" in text


@pytest.mark.parametrize("page_language", ["zh-hans", "en"])
def test_the_words_are_in_the_recipient_s_language_whatever_the_sender_reads(page_language) -> None:
    translation.activate(page_language)
    english, chinese = owe(MAIL, "a@example.com", "en"), owe(MAIL, "a@example.com", "zh-hans")
    assert "is your code" in english.subject and 'lang="en"' in english.html
    assert 'lang="zh-Hans"' in chinese.html and "验证码" in chinese.subject
    assert translation.get_language() == page_language


def test_a_mail_has_text_and_html_and_says_its_language(run_tasks) -> None:
    owe(MAIL, "a@example.com", "en")
    run_tasks()
    sent = mail.outbox[0]
    assert sent.to == ["a@example.com"] and sent.alternatives[0][1] == "text/html"
    assert sent.extra_headers["Content-Language"] == "en" and "\n" not in sent.subject


def test_what_customers_type_stays_harmless_in_a_mail() -> None:
    message = deliver(
        "a@example.com",
        channel=MAIL,
        language="en",
        template="account/unknown_account",
        context={"email": "<script>alert(1)</script>", "signup_url": "https://x.example/"},
    )
    assert "<script>" not in message.html and "<script>" in message.body


def test_a_line_break_in_a_value_cannot_add_a_mail_header() -> None:
    message = deliver(
        "a@example.com",
        channel=MAIL,
        language="en",
        template="account/login_code",
        context={"code": "1\r\nBcc: x@example.com", "minutes": 1},
    )
    assert "\n" not in message.subject and "\r" not in message.subject


def test_running_the_task_twice_sends_once() -> None:
    message = owe()
    send_outbound(message.pk)
    send_outbound(message.pk)
    assert len(sms.outbox) == 1


def test_a_message_another_sender_has_is_left_to_it_for_a_minute() -> None:
    message = owe()
    OutboundMessage.objects.update(state=State.SENDING, claimed_at=timezone.now())
    with pytest.raises(Retry):
        send_outbound(message.pk)
    assert sms.outbox == []
    OutboundMessage.objects.update(claimed_at=timezone.now() - timedelta(minutes=2))
    send_outbound(message.pk)
    assert len(sms.outbox) == 1


def test_a_message_that_no_longer_exists_is_no_failure() -> None:
    send_outbound(987654)


def test_a_vendor_that_is_down_is_tried_again_and_then_given_up_where_staff_can_see_it(settings) -> None:
    settings.SMS_BACKEND = "tests.core.test_notifications.Refusing"
    settings.TASK_MAX_ATTEMPTS = 3
    message = owe()
    for state in (State.QUEUED, State.QUEUED, State.FAILED):
        with pytest.raises(sms.SmsNotSent):
            send_outbound(message.pk)
        message.refresh_from_db()
        assert message.state == state and "vendor is down" in message.error
    assert list(failed_messages()) == [message]


def test_a_mail_server_that_is_down_loses_nothing_and_the_next_try_sends(settings, run_tasks) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 1
    owe(MAIL, "a@example.com")
    run_tasks(forgive=True)
    attempt = TaskAttempt.objects.get()
    assert attempt.state == TaskAttempt.State.WAITING and attempt.tries == 1 and attempt.run_after > timezone.now()
    assert OutboundMessage.objects.get().state == State.QUEUED
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    run_tasks(forgive=True)
    assert len(mail.outbox) == 1 and OutboundMessage.objects.get().state == State.SENT


def test_a_given_up_message_can_be_sent_by_hand_later(settings) -> None:
    settings.TASK_MAX_ATTEMPTS = 1
    settings.SMS_BACKEND = "tests.core.test_notifications.Refusing"
    message = owe()
    with pytest.raises(sms.SmsNotSent):
        send_outbound(message.pk)
    settings.SMS_BACKEND = "core.sms.MemoryBackend"
    send_outbound(message.pk)
    assert len(sms.outbox) == 1


def test_a_secret_is_forgotten_when_given_up_and_never_sent_as_a_dash(settings) -> None:
    settings.TASK_MAX_ATTEMPTS = 1
    settings.SMS_BACKEND = "tests.core.test_notifications.Refusing"
    message = owe(sensitive=True)
    with pytest.raises(sms.SmsNotSent):
        send_outbound(message.pk)
    settings.SMS_BACKEND = "core.sms.MemoryBackend"
    send_outbound(message.pk)
    message.refresh_from_db()
    assert "123456" not in message.body and sms.outbox == [] and message.state == State.FAILED


def test_messages_are_found_by_what_they_are_about() -> None:
    contact = ContactFactory()
    message = owe(subject=contact)
    assert list(messages_about(contact)) == [message] and not messages_about(ContactFactory()).exists()


def test_the_console_writes_the_message(capsys) -> None:
    ConsoleBackend().send("+8613800138000", "123456")
    assert "+8613800138000" in capsys.readouterr().out


def test_a_vendor_tells_what_is_missing_and_what_became_of_a_message() -> None:
    assert sms.get_backend().problems() == [] and sms.get_backend().status("memory-1") == "delivered"
    assert BaseBackend().status("x") == "unknown"


def test_a_proved_mail_address_comes_before_a_proved_phone_and_typed_ones_come_last() -> None:
    both = MemberFactory(phone="+8613800138001", email="both@example.com")
    phone_only = MemberFactory(phone="+8613800138002", email="")
    assert address_of(both) == (MAIL, "both@example.com")
    assert address_of(phone_only.contacts.get()) == (SMS, "+8613800138002")
    assert address_of(ContactFactory(email="guest@example.com")) == (MAIL, "guest@example.com")
    assert address_of(ContactFactory(phone="", email="")) == ("", "")


def test_who_has_no_address_is_owed_nothing() -> None:
    assert notify(ContactFactory(phone="", email=""), "account/code", context={}) is None
    assert not OutboundMessage.objects.exists()


def test_a_person_is_told_in_the_person_s_language() -> None:
    message = notify(MemberFactory(email="en@example.com", language="en"), "account/login_code", context={"code": "1", "minutes": 10})
    assert message.language == "en"
