"""What goes out by the clock: the daily mail to those who decide registrations, and the word before a warranty ends."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.actions.choices import save_choices, save_quiet_hours
from accounts.models import Consent, NoticeChoice
from core import sms
from core.errors import NotAllowed
from core.files import accept_upload
from core.history import history_of
from core.models import OutboundMessage, TaskAttempt
from tests.factories.accounts import StaffFactory
from tests.factories.products import ModelFactory
from tests.factories.tickets import setup_desk
from tests.factories.warranty import TermFactory, UnitFactory, owned_unit
from tests.portal.test_units import picture
from warranty.actions import reminders
from warranty.actions.digest import send_digests, set_digest
from warranty.actions.registration import register
from warranty.actions.review import approve
from warranty.models import ReviewDigest, WarrantyRegistration, WarrantySettings

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
QUEUE = "/desk/registrations/"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


MONDAY = at("2026-09-14 09:00")


@pytest.fixture(autouse=True)
def maker(db):
    """The maker's calendar, terms and a model; it is Monday morning."""
    with time_machine.travel(MONDAY, tick=True):
        setup_desk()
        WarrantySettings.load()
        TermFactory()
        yield ModelFactory(number="WF10-320", launched_on=date(2023, 9, 12))


def sent(user, model, number: int, **more) -> WarrantyRegistration:
    serial = f"HY24 0331 80 {number:04d}"
    UnitFactory(model=model, serial=serial)
    return register(user=user, serial=serial, purchased_on=date(2024, 4, 20), **more)


def digests() -> list[str]:
    return sorted(OutboundMessage.objects.filter(template="warranty/waiting").values_list("address", flat=True))


def test_who_asked_for_it_is_told_once_a_day_what_waits_and_nobody_else(customer, agent, second_agent, editor, maker):
    rows = [sent(customer, maker, number) for number in range(7)]
    assert send_digests(now=MONDAY) == 0  # nobody has asked
    set_digest(user=agent, on=True)
    assert send_digests(now=at("2026-09-14 08:10")) == 0  # before the maker's hour
    assert send_digests(now=MONDAY) == 1 and digests() == [agent.email]
    # The clock runs again, and twice at once: the row says that it is done.
    assert send_digests(now=MONDAY) == 0 and send_digests(now=at("2026-09-14 18:00")) == 0
    assert send_digests(now=at("2026-09-15 09:00")) == 1 and len(digests()) == 2
    text = OutboundMessage.objects.filter(template="warranty/waiting").first().body
    assert all(row.reference in text for row in rows[:5]) and rows[6].reference not in text
    assert "林晓云" not in text and "13800138000" not in text
    set_digest(user=agent, on=False)
    assert send_digests(now=at("2026-09-16 09:00")) == 0


@pytest.mark.parametrize(
    ("language", "subject", "claim"),
    [
        ("zh-hans", "有 2 条产品登记待审核", "其中 1 条是对别人名下机器的认领"),
        ("en", "2 registrations wait for a decision", "1 of them is a claim"),
    ],
)
def test_it_is_written_in_the_language_of_whoever_reads_it(roles, customer, other_customer, maker, run_tasks, language, subject, claim):
    reader = StaffFactory(name="Ann", email="ann@heyan.example", role="agent", language=language)
    owned_unit(other_customer, model=maker, serial="HY24 0401 80 0001")
    sent(customer, maker, 1)
    proof = accept_upload(SimpleUploadedFile("r.jpg", picture(), content_type="image/jpeg"), by=customer).reference
    register(user=customer, serial="HY24 0401 80 0001", purchased_on=date(2025, 1, 1), claim=True, attachments=[proof])
    set_digest(user=reader, on=True)
    assert send_digests(now=MONDAY) == 1
    run_tasks()
    message = next(message for message in mail.outbox if message.to == ["ann@heyan.example"])
    assert message.subject == subject and claim in message.body and QUEUE in message.body
    assert claim in str(message.alternatives[0][0])


def test_quiet_hours_holidays_and_an_empty_queue_send_nothing(customer, agent, maker):
    set_digest(user=agent, on=True)
    assert send_digests(now=MONDAY) == 0 and not ReviewDigest.objects.exists()  # nothing waits; it may still come today
    row = sent(customer, maker, 1)
    save_quiet_hours(user=agent, on=True, starts=time(21), ends=time(10))
    assert send_digests(now=MONDAY) == 0
    assert send_digests(now=at("2026-09-14 10:00")) == 1
    assert send_digests(now=at("2026-10-02 10:30")) == 0, "the national holiday"
    assert send_digests(now=at("2026-09-13 10:30")) == 0 or at("2026-09-13 10:30").weekday() < 5, "a Sunday"
    assert send_digests(now=at("2026-10-10 10:30")) == 1, "a Saturday that is worked"
    approve(row, by=agent, purchased_on=row.purchased_on)
    assert send_digests(now=at("2026-10-12 10:30")) == 0


def test_two_clocks_at_the_same_moment_send_one(customer, agent, maker, monkeypatch):
    sent(customer, maker, 1)
    set_digest(user=agent, on=True)
    from warranty.actions import digest

    real = digest.ways_to

    def meanwhile(person, event):
        """Another clock is a step ahead: it has chosen the same people and tells them first."""
        monkeypatch.setattr(digest, "ways_to", real)
        assert send_digests(now=MONDAY) == 1
        return real(person, event)

    monkeypatch.setattr(digest, "ways_to", meanwhile)
    assert send_digests(now=MONDAY) == 0
    assert len(digests()) == ReviewDigest.objects.count() == 1


def test_who_may_not_decide_gets_none_and_cannot_ask(customer, agent, editor, maker, signed_in):
    sent(customer, maker, 1)
    for stranger in (customer, editor):
        with pytest.raises(NotAllowed):
            set_digest(user=stranger, on=True)
    set_digest(user=agent, on=True)
    agent.groups.clear()
    assert send_digests(now=MONDAY) == 0
    for person, status in ((customer, 403), (editor, 403)):
        assert signed_in(person).post(f"{QUEUE}digest/", {"on": "1"}).status_code == status
    assert not NoticeChoice.objects.exclude(user=agent).exists()


def test_it_is_switched_on_and_off_by_a_button_of_the_queue_and_is_no_consent(agent, customer, maker, signed_in):
    sent(customer, maker, 1)
    client = signed_in(agent)
    assert "每天邮件提醒我" in client.get(QUEUE).content.decode()
    client.post(f"{QUEUE}digest/", {"on": "1"})
    assert "不再发邮件提醒" in client.get(QUEUE).content.decode()
    assert not Consent.objects.filter(user=agent, purpose="registrations").exists()
    assert "notices_changed" in [entry.verb for entry in history_of(agent)]
    client.post(f"{QUEUE}digest/", {"on": "0"})
    assert send_digests(now=MONDAY) == 0
    # A member's page of choices has no word of it, and saving it there changes nothing.
    assert "待审核的产品登记" not in client.get("/zh-hans/my/settings/notifications/").content.decode()


# --- the word before a warranty ends ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "words", "day"), [("zh-hans", "保修", "2025年3月6日"), ("en", "ends on 6 Mar 2025", "6 Mar 2025")])
def test_a_reminder_is_in_the_owner_s_language_and_by_sms_waits_for_the_morning(customer, maker, run_tasks, language, words, day):
    customer.language = language
    customer.save(update_fields=["language"])
    unit = owned_unit(customer, model=maker)
    save_choices(user=customer, wanted={("reminders", "sms"): True})
    with time_machine.travel(at("2025-02-20 23:10"), tick=False):
        assert reminders.remind() == 1
        owed = TaskAttempt.objects.filter(path__startswith="core.notifications").latest("pk")
        assert owed.run_after == at("2025-02-21 08:00")
    with time_machine.travel(at("2025-02-21 08:01"), tick=False):
        run_tasks()
        assert reminders.remind() == 0
    assert len(sms.outbox) == 1 and words in sms.outbox[0].text and day in sms.outbox[0].text
    assert unit.serial not in sms.outbox[0].text, "the number is masked"


def test_the_clock_that_runs_twice_at_once_reminds_once_and_an_extension_reminds_anew(customer, maker, monkeypatch):
    from warranty.models import WarrantyExtension

    unit = owned_unit(customer, model=maker)
    save_choices(user=customer, wanted={("reminders", "sms"): True})
    real, near = reminders.ways_to, date(2025, 2, 20)

    def meanwhile(person, event):
        monkeypatch.setattr(reminders, "ways_to", real)
        assert reminders.remind(today=near) == 1
        return real(person, event)

    monkeypatch.setattr(reminders, "ways_to", meanwhile)
    assert reminders.remind(today=near) == 0
    assert OutboundMessage.objects.filter(template="warranty/expiring").count() == 1
    WarrantyExtension.objects.create(unit=unit, kind="plan", months=12)
    assert reminders.remind(today=near + timedelta(days=1)) == 0
    assert reminders.remind(today=date(2026, 2, 20)) == 1
