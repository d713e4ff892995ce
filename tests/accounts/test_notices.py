"""What a member is told, by which channel, and when: choices, quiet hours, safety that always arrives."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import notices
from accounts.actions.choices import save_choices, save_quiet_hours, withdraw
from accounts.models import Consent, NoticeChoice, QuietHours
from accounts.notify import notify, silent_until
from accounts.queries import choices_of
from core.errors import InvalidInput
from core.history import history_of
from core.models import OutboundMessage, TaskAttempt
from tests.factories.accounts import ContactFactory, MemberFactory

SHANGHAI = ZoneInfo("Asia/Shanghai")
CONTEXT = {"reference": "T-2611-00001", "action_url": "https://x.example/", "customer": "", "message": None}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


# --- rules without a database ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "topic"),
    [
        ("tickets/replied", "requests"),
        ("chat/transcript", "chat"),
        ("fieldservice/moved", "repairs"),
        ("warranty/approved", "warranty"),
        ("warranty/expiring", "reminders"),
        ("kb/recall", "recalls"),
        ("accounts/closing_requested", None),
        ("account/code", None),
        ("ticketsx/replied", None),
    ],
)
def test_an_event_belongs_to_the_topic_with_the_longest_name(event, topic) -> None:
    assert notices.topic_of(event) == topic


def test_every_event_leads_to_a_topic_that_exists() -> None:
    assert set(notices.EVENTS.values()) <= set(notices.TOPICS)
    assert all("/" in name for name in (*notices.EVENTS, *notices.URGENT))


@pytest.mark.parametrize(("event", "urgent"), [("account/code", True), ("tickets/opened", True), ("tickets/replied", False)])
def test_codes_and_what_is_waited_for_are_urgent(event, urgent) -> None:
    assert notices.is_urgent(event) is urgent


@pytest.mark.parametrize(
    ("topic", "chosen", "has", "channels"),
    [
        ("requests", {}, {"mail", "sms"}, ["mail"]),
        ("requests", {}, {"sms"}, ["sms"]),  # a phone is all they have
        ("requests", {"sms": False}, {"sms"}, []),
        ("requests", {"mail": False}, {"mail", "sms"}, ["sms"]),
        ("requests", {"mail": False, "sms": False}, {"mail", "sms"}, []),
        ("repairs", {}, {"mail", "sms"}, ["mail", "sms"]),
        ("reminders", {}, {"mail", "sms"}, []),
        ("reminders", {"sms": True}, {"mail", "sms"}, ["sms"]),
        ("reminders", {"mail": True}, {"sms"}, []),
        ("recalls", {"mail": False, "sms": False}, {"mail", "sms"}, ["mail"]),
        ("recalls", {}, set(), []),
    ],
)
def test_choices_decide_and_nobody_is_left_unreached_by_a_default(topic, chosen, has, channels) -> None:
    assert notices.wanted_channels(topic, chosen=chosen, has=has) == channels


TIMES = st.times().map(lambda moment: moment.replace(second=0, microsecond=0))


@settings(max_examples=60, deadline=None)
@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 1, 1)), TIMES, TIMES)
def test_waiting_ends_outside_the_quiet_hours_within_a_day(moment, starts, ends) -> None:
    now = moment.replace(tzinfo=SHANGHAI)
    until = notices.earliest(now, starts=starts, ends=ends)
    if until is None:
        assert not notices.in_quiet_hours(now.time(), starts=starts, ends=ends)
        return
    assert now < until <= now + timedelta(days=1)
    assert not notices.in_quiet_hours(until.time(), starts=starts, ends=ends)
    assert notices.in_quiet_hours((until - timedelta(minutes=1)).time(), starts=starts, ends=ends)


# --- telling people -----------------------------------------------------------------------------------------------------


@pytest.fixture
def both(db):
    return MemberFactory(name="周岚", phone="+8613900000001", email="zhou@example.com")


def tell(person, event="tickets/closed", **options):
    return notify(person, event, context=CONTEXT, **options)


def channels() -> list[str]:
    return sorted(OutboundMessage.objects.values_list("channel", flat=True))


def test_a_member_with_both_is_told_of_repairs_both_ways_and_of_requests_by_mail(both) -> None:
    assert tell(both).channel == "mail" and channels() == ["mail"]
    OutboundMessage.objects.all().delete()
    save_choices(user=both, wanted={("requests", "sms"): True})
    assert tell(both).channel == "mail" and channels() == ["mail", "sms"]


def test_who_switched_a_topic_off_hears_nothing_of_it_but_of_the_others(both) -> None:
    save_choices(user=both, wanted={("requests", "mail"): False, ("requests", "sms"): False})
    assert tell(both) is None and channels() == []
    assert notify(both, "account/login_code", context={"code": "1", "minutes": 10}) is not None


def test_a_contact_of_the_member_follows_the_member_s_choices(both) -> None:
    save_choices(user=both, wanted={("requests", "mail"): False, ("requests", "sms"): True})
    assert tell(both.contacts.get()).channel == "sms"


def test_a_guest_has_no_choices_no_quiet_hours_and_no_reminders(db) -> None:
    guest = ContactFactory()
    with time_machine.travel(at("2026-11-25 23:30"), tick=False):
        tell(guest)
        assert TaskAttempt.objects.get().run_after <= timezone.now()
    assert notify(guest, "reminders/warranty", context={}) is None


def test_an_sms_that_can_wait_waits_until_the_morning_and_a_mail_does_not(both) -> None:
    save_choices(user=both, wanted={("requests", "sms"): True})
    with time_machine.travel(at("2026-11-25 23:30"), tick=False):
        tell(both)
    times = {
        OutboundMessage.objects.get(pk=task.kwargs["message_id"]).channel: task.run_after
        for task in TaskAttempt.objects.filter(path="core.notifications.send_outbound")
    }
    assert times == {"mail": at("2026-11-25 23:30"), "sms": at("2026-11-26 08:00")}


@pytest.mark.parametrize(
    ("event", "options"),
    [
        ("tickets/opened", {}),
        ("tickets/closed", {"urgent": True}),
        ("tickets/closed", {"expires_at": datetime(2026, 11, 25, 16, 0, tzinfo=ZoneInfo("UTC"))}),
    ],
)
def test_what_is_urgent_or_has_an_end_comes_at_once(customer, event, options) -> None:
    with time_machine.travel(at("2026-11-25 23:30"), tick=False):
        tell(customer, event, **options)
        assert TaskAttempt.objects.get(path="core.notifications.send_outbound").run_after <= timezone.now()


def test_a_member_sets_their_own_quiet_hours_or_none(customer) -> None:
    assert silent_until(customer, now=at("2026-11-25 13:00")) is None
    save_quiet_hours(user=customer, on=True, starts=time(12), ends=time(14))
    assert silent_until(customer, now=at("2026-11-25 13:00")) == at("2026-11-25 14:00")
    assert silent_until(customer, now=at("2026-11-25 23:00")) is None
    save_quiet_hours(user=customer, on=False, starts=time(12), ends=time(14))
    assert silent_until(customer, now=at("2026-11-25 13:00")) is None
    assert history_of(customer).filter(verb="quiet_hours_changed").count() == 2


def test_quiet_hours_without_length_are_refused(customer) -> None:
    with pytest.raises(InvalidInput):
        save_quiet_hours(user=customer, on=True, starts=time(8), ends=time(8))
    assert not QuietHours.objects.exists()


def test_a_mail_to_a_member_shows_where_to_choose_and_a_guest_s_does_not(both) -> None:
    assert "/zh-hans/my/settings/notifications/" in tell(both).body
    assert "notifications" not in tell(ContactFactory(email="g@example.com", phone="")).body


# --- choices ---------------------------------------------------------------------------------------------------------------


def test_safety_notices_cannot_be_switched_off_altogether(both) -> None:
    with pytest.raises(InvalidInput) as refusal:
        save_choices(user=both, wanted={("recalls", "mail"): False, ("recalls", "sms"): False, ("chat", "mail"): False})
    assert refusal.value.field == "recalls" and not NoticeChoice.objects.exists()


@pytest.mark.parametrize("wanted", [{("gossip", "mail"): True}, {("chat", "pigeon"): True}])
def test_an_unknown_topic_or_channel_is_refused(customer, wanted) -> None:
    with pytest.raises(InvalidInput):
        save_choices(user=customer, wanted=wanted)
    assert not NoticeChoice.objects.exists()


def test_reminders_are_a_consent_given_and_withdrawn_with_the_tick(both) -> None:
    save_choices(user=both, wanted={("reminders", "mail"): True, ("reminders", "sms"): True})
    assert both.consents.filter(purpose="reminders", withdrawn_at__isnull=True).count() == 1
    save_choices(user=both, wanted={("reminders", "mail"): False})
    assert both.consents.filter(purpose="reminders", withdrawn_at__isnull=True).count() == 1
    save_choices(user=both, wanted={("reminders", "sms"): False})
    assert not both.consents.filter(purpose="reminders", withdrawn_at__isnull=True).exists()
    assert [row.data["topics"] for row in history_of(both).filter(verb="notices_changed")] == [["reminders"]] * 3


def test_withdrawing_the_consent_switches_the_reminders_off(both) -> None:
    save_choices(user=both, wanted={("reminders", "mail"): True})
    assert withdraw(user=both, purpose="reminders") == 1
    assert notify(both, "reminders/warranty", context={}) is None
    assert withdraw(user=both, purpose="reminders") == 0


def test_a_consent_given_as_a_guest_can_be_withdrawn_as_a_member(both) -> None:
    Consent.objects.create(contact=both.contacts.get(), purpose="answer_request", text_version="1", source="help_form")
    assert withdraw(user=both, purpose="answer_request") == 1


def test_saving_the_same_choices_again_writes_no_history(both) -> None:
    for _again in range(2):
        save_choices(user=both, wanted={("chat", "mail"): False})
    assert history_of(both).filter(verb="notices_changed").count() == 1


def test_the_page_shows_what_really_happens(customer) -> None:
    now = choices_of(customer, has={"sms"})
    assert now["requests"] == {"mail": True, "sms": True} and now["reminders"] == {"mail": False, "sms": False}
