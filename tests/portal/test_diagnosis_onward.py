"""From a diagnosis to a person: product, answers, note and photos go along; nothing is asked twice, and nobody else gets in."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import translation

from chat.models import ChatMessage, Conversation
from core import files
from core.models import Attachment
from diagnosis import actions, queries
from diagnosis.models import DiagnosisRun
from fieldservice.models import RepairOrder
from kb.models import HelpSession
from tests.factories.chat import on_duty
from tests.factories.diagnosis import make_diagnosis
from tests.factories.products import FamilyFactory, ModelFactory
from tests.portal.diagnosing import begin, body, own_unit, say
from tickets.defaults import load_defaults
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 9, 14, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def chinese():
    cache.clear()
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def model():
    load_defaults()
    return ModelFactory(family=FamilyFactory(name_zh_hans="洗衣机", name_en="Washing machines"))


@pytest.fixture
def page(model):
    return make_diagnosis(families=[model.family], safety="<p>先拔掉插头。</p>", minutes=5, slug="no-drain")


# The way to a person


def outcome(client, page, model=None):
    run = begin(client, page, **({"product": model.slug} if model else {}))
    say(client, run, ("leak", "dry"), ("hum", "no"))
    return DiagnosisRun.objects.get(pk=run.pk)


def onward(client, run, to, note="昨晚开始的", sent=()):
    return client.post(reverse("diagnosis:onward", args=[run.key, "pump"]), {"note": note, "to": to, "files": list(sent)})


@pytest.fixture
def photo():
    import io

    from django.core.files.uploadedfile import SimpleUploadedFile
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(buffer, "JPEG")
    return SimpleUploadedFile("pump.jpg", buffer.getvalue())


@pytest.mark.parametrize(("to", "name"), [("repair", "portal:repair_new"), ("help", "portal:get_help"), ("chat", "chat:start")])
def test_every_way_on_arrives_filled_in(client, page, model, photo, to, name):
    run = outcome(client, page, model)
    answer = onward(client, run, to, sent=[photo])
    assert answer["Location"] == f"{reverse(name)}?run={run.key}"
    seen = body(client.get(answer["Location"]))
    assert f'name="run" value="{run.key}"' in seen and model.number in seen and page.title in seen
    assert ("没有声音" in seen and "昨晚开始的" in seen) or to == "chat"
    (kept,) = files.attachments_of(run)
    assert f"/media/private/{kept.reference}/" in seen
    opened = client.get(f"/media/private/{kept.reference}/")
    assert opened.status_code == 200
    assert b"".join(opened.streaming_content)
    assert Client().get(f"/media/private/{kept.reference}/").status_code == 404


def test_a_note_of_ten_thousand_characters_is_kept_in_the_form_and_refused(client, page):
    run = outcome(client, page)
    answer = onward(client, run, "help", note="漏" * 10_000)
    assert answer.status_code == 422 and "太长" in body(answer) and "漏" * 10_000 in body(answer)
    run.refresh_from_db()
    assert run.note == ""


def test_a_wrong_file_is_refused_and_the_note_is_not_lost(client, page):
    from django.core.files.uploadedfile import SimpleUploadedFile

    run = outcome(client, page)
    answer = onward(client, run, "repair", sent=[SimpleUploadedFile("a.jpg", b"MZ\x90\x00" * 40)])
    assert answer.status_code == 422 and "昨晚开始的" in body(answer)
    assert not Attachment.objects.filter(subject_type="diagnosis.diagnosisrun").exists()


def ask(client, run, **more):
    seen = body(client.get(reverse("portal:get_help"), {"run": run.key}))
    key = re.search(r'name="submit_key" value="([^"]+)"', seen)[1]
    product = re.search(r'name="product" value="([^"]+)"', seen)
    subject = re.search(r'name="subject" value="([^"]+)"', seen)[1]
    data = {"run": run.key, "submit_key": key, "subject": subject, "email": "lin@example.com", "name": "林"}
    return client.post(reverse("portal:get_help"), {**data, **({"product": product[1]} if product else {}), **more})


def test_a_request_carries_answers_and_photos_and_the_agent_reads_them(client, page, model, photo, agent):
    run = outcome(client, page, model)
    onward(client, run, "help", sent=[photo])
    answer = ask(client, run)
    assert answer.status_code == 302, body(answer)[:3000]
    ticket = Ticket.objects.get()
    assert ticket.model == model and ticket.subject == page.title and ticket.help_session == run.help_session
    assert files.attachments_of(ticket).count() == 1 and files.attachments_of(run).count() == 1
    run.refresh_from_db()
    assert run.case_reference == ticket.reference and run.solved is False
    assert HelpSession.objects.get(pk=run.help_session_id).outcome == HelpSession.Outcome.ESCALATED
    confirmation = body(client.get(answer["Location"]))
    assert "没有声音" in confirmation and "排水泵要换" in confirmation
    desk = Client()
    desk.force_login(agent)
    seen = body(desk.get(reverse("tickets:detail", args=[ticket.reference])))
    assert "没有声音" in seen and "排水时听得到水泵嗡嗡响吗" in seen and "昨晚开始的" in seen and page.title in seen


def test_sending_the_request_twice_copies_nothing_twice(client, page, photo):
    run = outcome(client, page)
    onward(client, run, "help", sent=[photo])
    seen = body(client.get(reverse("portal:get_help"), {"run": run.key}))
    key = re.search(r'name="submit_key" value="([^"]+)"', seen)[1]
    for _time in range(2):
        assert ask(client, run, submit_key=key).status_code == 302
    assert files.attachments_of(Ticket.objects.get()).count() == 1


def test_a_repair_carries_machine_fault_answers_and_photos(client, page, model, photo, customer, agent):
    unit = own_unit(customer, model)
    client.force_login(customer)
    run = begin(client, page, unit=unit.code)
    say(client, run, ("leak", "dry"), ("hum", "no"))
    location = onward(client, run, "repair", sent=[photo])["Location"]
    seen = body(client.get(location))
    key = re.search(r'name="submit_key" value="([^"]+)"', seen)[1]
    assert f'name="unit" value="{unit.code}"' in seen and f"{page.title}\n昨晚开始的" in seen
    wishes = re.findall(r'name="wishes" value="([^"]+)"', seen)[:2]
    data = {
        "run": run.key,
        "submit_key": key,
        "unit": unit.code,
        "fault": page.title,
        "wishes": wishes,
        "detail": "延安路 1 号",
        "name": "林",
    }
    answer = client.post(reverse("portal:repair_new"), data)
    assert answer.status_code == 302, body(answer)[:4000]
    order = RepairOrder.objects.get()
    assert order.unit == unit and order.help_session == run.help_session and files.attachments_of(order).count() == 1
    assert "没有声音" in body(client.get(answer["Location"]))
    run.refresh_from_db()
    assert run.case_reference == order.reference
    second = ask(client, run)  # the same answers for another case
    assert second.status_code == 302 and Ticket.objects.get().help_session == run.help_session
    run.refresh_from_db()
    assert run.case_reference == order.reference


def test_a_chat_begins_with_the_answers_note_and_photo(client, shop, agent, page, model, photo):
    with time_machine.travel(MORNING, tick=True):
        on_duty(agent)
        _chat_begins(client, page, model, photo)


def _chat_begins(client, page, model, photo):
    run = outcome(client, page, model)
    onward(client, run, "chat", sent=[photo])
    data = {"run": run.key, "subject": page.title, "product": model.slug, "submit_key": "k" * 24, "name": "林"}
    answer = client.post(reverse("chat:start"), data)
    assert answer.status_code == 302, body(answer)[:3000]
    chat = Conversation.objects.get()
    run.refresh_from_db()
    assert chat.help_session == run.help_session and chat.model == model and run.case_reference == chat.reference
    kinds = list(chat.messages.filter(sender=ChatMessage.Sender.VISITOR).values_list("kind", flat=True))
    assert kinds == ["text", "text", "file"]


def test_a_chat_that_is_going_on_takes_the_answers_once(client, shop, agent, page, model, photo):
    with time_machine.travel(MORNING, tick=True):
        on_duty(agent)
        client.post(reverse("chat:start"), {"subject": "先问一下", "submit_key": "c" * 24, "name": "林", "still": "1"})
        chat = Conversation.objects.get()
        run = outcome(client, page, model)
        answer = onward(client, run, "chat", sent=[photo])
        assert answer["Location"] == reverse("chat:conversation", args=[chat.key])
        onward(client, run, "chat", note="")
    assert Conversation.objects.count() == 1
    run.refresh_from_db()
    assert run.case_reference == chat.reference
    mine = chat.messages.filter(sender=ChatMessage.Sender.VISITOR).order_by("seq")
    assert list(mine.values_list("kind", flat=True)) == ["text", "text", "text", "file"]
    assert page.title in mine[1].text and "没有声音" in mine[1].text and "排水泵要换" in mine[1].text and mine[2].text == "昨晚开始的"
    assert [summary.run for summary in queries.runs_of_session(chat.help_session, case=chat.reference)] == [run]
    assert HelpSession.objects.get(pk=run.help_session_id).outcome == HelpSession.Outcome.ESCALATED


def test_by_the_link_the_going_chat_is_offered_and_taken_on_a_press_only(client, shop, agent, page, model):
    with time_machine.travel(MORNING, tick=True):
        on_duty(agent)
        client.post(reverse("chat:start"), {"subject": "先问一下", "submit_key": "c" * 24, "name": "林", "still": "1"})
        chat = Conversation.objects.get()
        run = outcome(client, page, model)
        seen = body(client.get(reverse("chat:start"), {"run": run.key}))
        assert 'name="into"' in seen and chat.messages.filter(sender="visitor").count() == 1
        for _press in range(2):
            answer = client.post(reverse("chat:start"), {"run": run.key, "into": "1"})
            assert answer["Location"] == reverse("chat:conversation", args=[chat.key])
        stranger = Client().post(reverse("chat:start"), {"run": run.key, "into": "1"})
    assert stranger.status_code in (200, 422)
    assert chat.messages.filter(sender="visitor").count() == 2 and Conversation.objects.count() == 1


def test_a_foreign_unit_s_run_gives_its_model_only(client, page, model, customer):
    unit = own_unit(customer, model)
    owner = Client()
    owner.force_login(customer)
    run = begin(owner, page, unit=unit.code)
    say(owner, run, ("leak", "dry"), ("hum", "no"))
    seen = body(client.get(reverse("portal:repair_new"), {"run": run.key}))
    assert model.number in seen and unit.code not in seen and unit.serial not in seen


def test_a_wrong_run_in_an_address_is_left_out_without_a_word(client, page):
    for name in ("portal:get_help", "portal:repair_new", "chat:start"):
        for key in ("nonsense", "x" * 10_000, "\x00"):
            assert client.get(reverse(name), {"run": key}).status_code == 200


# Who may see it


def test_my_service_lists_what_is_not_finished(client, page, customer, other_customer):
    client.force_login(customer)
    run = begin(client, page)
    say(client, run, ("leak", "dry"))
    seen = body(client.get(reverse("portal:my")))
    assert reverse("diagnosis:run", args=[run.key]) in seen and "已答 1 题" in seen
    other = Client()
    other.force_login(other_customer)
    assert run.key not in body(other.get(reverse("portal:my")))


def test_photos_open_to_whoever_holds_the_key_and_to_nobody_else(client, page, photo, agent, other_customer):
    run = outcome(client, page)
    onward(client, run, "help", sent=[photo])
    address = f"/media/private/{files.attachments_of(run).get().reference}/"
    for person in (agent, other_customer):
        stranger = Client()
        stranger.force_login(person)
        assert stranger.get(address).status_code == 404
        stranger.get(reverse("diagnosis:run", args=["x" * 24]))
        assert stranger.get(address).status_code == 404
        stranger.get(reverse("diagnosis:run", args=[run.key]))
        opened = stranger.get(address)
        assert opened.status_code == 200 and b"".join(opened.streaming_content)


def test_the_desk_has_no_other_door_to_a_run(client, page, agent):
    run = begin(client, page)
    say(client, run, ("leak", "dry"))
    desk = Client()
    desk.force_login(agent)
    for name in ("tickets:queue", "tickets:desk", "tickets:list"):
        assert run.key not in body(desk.get(reverse(name)))
    assert queries.runs_of_session(None) == []


def test_the_member_s_copy_and_the_closing_know_the_note(client, page, customer):
    from django.utils import timezone

    from diagnosis import privacy

    client.force_login(customer)
    run = outcome(client, page)
    actions.keep_note(run=run, note="请打 13800000000")
    (row,) = privacy.export(customer)["diagnoses"]
    assert row["note"] == "请打 13800000000"
    privacy.anonymise(customer, now=timezone.now())
    run.refresh_from_db()
    assert run.note == "" and run.user is None and run.visitor_key == "" and run.steps.count() == 2
