"""The copy of one's data: what was entered is in it, nothing of anybody else, for a few days and for its owner alone."""

import io
import json
import re
import zipfile
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.storage import storages
from django.utils import timezone

from accounts.actions import exports
from accounts.models import DataExport
from core.errors import Conflict, LimitReached
from core.history import history_of
from core.models import OutboundMessage
from portal import privacy
from portal.copies import build_export
from portal.copy_page import shown
from portal.copy_words import LISTS
from tests.factories.tickets import open_ticket
from tests.portal.somebody import NAME, PHONE, STREET, WORDS, use_everything

pytestmark = pytest.mark.django_db


def unpacked(export: DataExport) -> dict[str, Any]:
    """Return path → content of a copy: JSON parsed, everything else as bytes."""
    with storages["private"].open(str(export.file.name)) as opened, zipfile.ZipFile(io.BytesIO(opened.read())) as archive:
        assert archive.testzip() is None
        return {name: json.loads(archive.read(name)) if name.endswith(".json") else archive.read(name) for name in archive.namelist()}


def test_the_copy_holds_what_was_entered_and_nothing_of_anybody_else(person, other_customer, agent, supervisor, run_tasks) -> None:
    use_everything(person, agent, supervisor, run_tasks)
    open_ticket(contact=other_customer.contacts.get(), subject="not yours")
    export = exports.request_export(user=person, language="en")
    run_tasks()
    export.refresh_from_db()
    content = unpacked(export)
    assert content["account/account.json"][0]["name"] == NAME
    assert content["account/addresses.json"][0]["detail"] == STREET and content["account/addresses.json"][0]["phone"] == PHONE
    assert content["account/consents.json"] and content["account/notification_choices.json"]
    request = content["requests/requests.json"][0]
    assert request["subject"] == WORDS and len(content["requests/requests.json"]) == 1
    assert any(WORDS in message["text"] for message in request["thread"])
    assert content["repairs/repairs.json"][0]["fault"] == WORDS
    chat = content["chats/chats.json"][0]
    assert chat["question"] == WORDS and any(message["file"] for message in chat["messages"])
    assert content["self_help/votes.json"][0]["comment"] == WORDS and content["search/searches.json"][0]["query"] == "洗衣机"
    assert content["machines/machines.json"][0]["serial"] == "HY99 0001 0001"
    pictures = [name for name in content if name.startswith("files/") and name.endswith(".png")]
    assert len(pictures) == 3 and all(content[name].startswith(b"\x89PNG") for name in pictures)
    everything = str(content)
    assert "not yours" not in everything and "很着急" not in everything
    assert "Copy of your data" in content["README.txt"].decode()
    assert export.size > 1000 and export.state == DataExport.State.READY


def test_the_copy_is_announced_on_every_proved_address_without_a_file_or_a_key(person, run_tasks) -> None:
    export = exports.request_export(user=person, language="zh-hans")
    run_tasks()
    told = OutboundMessage.objects.filter(template="accounts/export_ready")
    assert sorted(told.values_list("channel", flat=True)) == ["mail", "sms"]
    assert all(export.key not in message.body and "/zh-hans/my/settings/data/" in message.body for message in told)
    assert [row.verb for row in history_of(person)][-2:] == ["export_requested", "export_ready"]


def test_only_one_copy_is_made_at_a_time_and_three_a_day(person, run_tasks) -> None:
    exports.request_export(user=person, language="en")
    with pytest.raises(Conflict):
        exports.request_export(user=person, language="en")
    for _copy in range(2):
        run_tasks()
        exports.request_export(user=person, language="en")
    run_tasks()
    with pytest.raises(LimitReached):
        exports.request_export(user=person, language="en")
    assert DataExport.objects.count() == 3


def test_a_second_run_of_the_task_makes_no_second_copy(person) -> None:
    export = exports.request_export(user=person, language="en")
    build_export(export.pk)
    export.refresh_from_db()
    first = export.file.name
    build_export(export.pk)
    export.refresh_from_db()
    assert export.file.name == first and OutboundMessage.objects.filter(template="accounts/export_ready").count() == 2


def test_a_copy_past_its_end_is_deleted_with_its_file(person, run_tasks) -> None:
    export = exports.request_export(user=person, language="en")
    run_tasks()
    export.refresh_from_db()
    name = str(export.file.name)
    assert exports.sweep_exports(now=timezone.now() + timedelta(days=6)) == 0
    assert exports.sweep_exports(now=timezone.now() + timedelta(days=7, minutes=1)) == 1
    export.refresh_from_db()
    assert export.state == DataExport.State.GONE and not storages["private"].exists(name)


def test_a_copy_that_was_never_finished_is_given_up(person) -> None:
    exports.request_export(user=person, language="en")
    assert exports.sweep_exports(now=timezone.now() + timedelta(hours=7)) == 1
    assert DataExport.objects.get().state == DataExport.State.FAILED


def test_dates_in_the_copy_carry_their_zone(person) -> None:
    export = exports.request_export(user=person, language="en")
    build_export(export.pk)
    export.refresh_from_db()
    joined = unpacked(export)["account/account.json"][0]["joined_at"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", joined)


@pytest.mark.parametrize(("language", "words"), [("zh-hans", ("维修", "故障", "报修时间")), ("en", ("Repairs", "fault", "booked"))])
def test_the_copy_is_read_in_a_browser_in_words(person, agent, supervisor, run_tasks, language, words) -> None:
    use_everything(person, agent, supervisor, run_tasks)
    ticket = open_ticket(contact=person.contacts.get(), subject="<script>alert(1)</script>")
    export = exports.request_export(user=person, language=language)
    run_tasks()
    export.refresh_from_db()
    content = unpacked(export)
    page = content["index.html"].decode()
    assert all(word in page for word in words) and NAME in page and WORDS in page and ticket.reference in page
    assert content["page.css"] and "<script>" not in page and "<dt>booked_at</dt>" not in page
    assert all(f'href="{quote(name)}"' in page for name in content if name.startswith("files/"))


def test_every_list_of_the_copy_has_a_name_in_words(person) -> None:
    assert {f"{part}/{name}" for part, named in privacy.export_rows(person).items() for name in named} == set(LISTS)


def test_what_people_typed_is_shown_as_typed() -> None:
    page = shown({"subject": "open", "status": "open", "text": "2026-99-99", "visit_day": "2026-99-99", "bought_on": "2026-02-03"})
    assert "<dd>open</dd>" in page and "<dd>待处理</dd>" in page
    assert page.count("<dd>2026-99-99</dd>") == 2 and "<dd>2026年2月3日</dd>" in page
