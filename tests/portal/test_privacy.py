"""A person's data: the copy holds what they entered, closing leaves nothing of them in any column of any table."""

import io
import json
import re
import threading
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models
from django.utils import timezone
from PIL import Image

from accounts.actions import closing as closings
from accounts.actions import exports
from accounts.actions.addresses import save_address
from accounts.actions.choices import save_choices
from accounts.actions.contacts import record_consent
from accounts.models import AccountClosing, Contact, DataExport, PrivacySettings, User
from accounts.privacy import forget_farewells
from core.errors import Conflict, LimitReached, NotAllowed
from core.files import accept_upload
from core.history import history_of
from core.models import Attachment, OutboundMessage
from kb.models import ArticleVote, HelpEvent, HelpSession
from portal import closing, privacy
from portal.copies import build_export
from search.models import SearchLog
from tests.factories.accounts import MemberFactory
from tests.factories.fieldservice import book, bring
from tests.factories.products import ModelFactory
from tests.factories.tickets import open_ticket
from tests.factories.warranty import owned_unit
from tickets import actions as tickets
from warranty.models import HouseholdMember, WarrantyRegistration

pytestmark = pytest.mark.django_db
BASE = Path(privacy.__file__).resolve().parent.parent
NAME, PHONE, MAIL = "欧阳明澈", "+8613712345678", "mingche@example.com"
WORDS = "只有我会这样说的一句话"
STREET = "紫藤弄九十九号"
MARKS = (NAME, "13712345678", "mingche", WORDS, STREET)
LATER = timedelta(days=8)


@pytest.fixture
def person(db) -> User:
    """A member who has used everything: address, choices, consent, files, requests, a repair, votes, searches, a device."""
    user = MemberFactory(name=NAME, phone=PHONE, email=MAIL)
    address = {"recipient": NAME, "phone": PHONE, "province": "上海市", "district": "浦东新区", "detail": STREET}
    save_address(user=user, values=address)
    save_choices(user=user, wanted={("reminders", "mail"): True})
    record_consent(purpose="account", text_version="1", source="sign-up", user=user)
    return user


def picture() -> SimpleUploadedFile:
    target = io.BytesIO()
    Image.new("RGB", (20, 20), "teal").save(target, "PNG")
    return SimpleUploadedFile(f"{NAME}.png", target.getvalue(), content_type="image/png")


def use_everything(user: User, agent: Any, supervisor: Any, run_tasks: Any) -> None:
    """Leave a trace in every room."""
    contact = user.contacts.get()
    draft = accept_upload(picture(), by=user)
    ticket = open_ticket(contact=contact, subject=WORDS, description=f"{WORDS} {PHONE}", attachments=[draft.reference], by=user)
    tickets.customer_reply(ticket, by=user, body=f"{WORDS}，我是{NAME}")
    tickets.assign(ticket, to=agent, by=supervisor)
    tickets.reply_to_customer(ticket, by=agent, body=f"{NAME}您好，{WORDS}")
    tickets.add_note(ticket, by=agent, body=f"{NAME}很着急")
    tickets.resolve(ticket, by=agent, summary=f"{NAME}，好了")
    tickets.reopen_ticket(ticket, by=user, reason=WORDS)
    order = book(contact=contact, fault=WORDS, address={"province": "上海市", "city": "上海市", "district": "浦东新区", "detail": STREET})
    bring(order, "closed", by=agent)
    session = HelpSession.objects.create(user=user, contact=contact, visitor_key="browser-1")
    HelpEvent.objects.create(session=session, kind="query", query=WORDS)
    ArticleVote.objects.create(
        user=user, visitor_key="browser-1", subject_key="guide:1", title="x", language="en", helpful=False, comment=WORDS, query=WORDS
    )
    SearchLog.objects.create(query="洗衣机", language="zh-hans", total=0, engine="embedded", visitor_key="browser-1", at=timezone.now())
    unit = owned_unit(user, serial="HY99 0001 0001", model=ModelFactory(), place=STREET)
    WarrantyRegistration.objects.create(
        reference="W-2611-00001", unit=unit, contact=contact, dealer=WORDS, purchased_on=timezone.localdate()
    )
    HouseholdMember.objects.create(unit=unit, invited_by=user, address=MAIL, token_hash="x", expires_at=timezone.now())
    accept_upload(picture(), by=user)
    run_tasks()


def texts(row: models.Model) -> Iterator[tuple[str, str]]:
    """Yield (column, content) of everything in a row that can hold words."""
    for field in row._meta.concrete_fields:
        if isinstance(field, (models.CharField, models.TextField, models.JSONField, models.FileField)) or "Phone" in type(field).__name__:
            yield field.name, json.dumps(field.value_from_object(row), ensure_ascii=False, default=str)


def found_in_the_database(marks: tuple[str, ...] = MARKS) -> list[str]:
    """Return every column of every table, ours and the libraries', that still holds one of the marks; new tables are walked unasked."""
    hits = []
    for model in apps.get_models():
        if not model._meta.managed or model._meta.proxy:
            continue
        for row in model._default_manager.all():
            for column, content in texts(row):
                hits += [f"{model._meta.label}.{column}: {content[:80]}" for mark in marks if mark in content]
    return hits


# --- the table of parts --------------------------------------------------------------------------------------------------


def test_every_part_keeps_the_contract(person) -> None:
    for name, part in privacy.parts():
        rows = part.export(person)
        assert isinstance(rows, dict) and all(isinstance(entries, list) for entries in rows.values()), name
        assert isinstance(part.files(person), list), name
        assert all(isinstance(count, int) for count in part.anonymise(person, now=timezone.now()).values()), name


def test_every_app_whose_tables_lead_to_a_person_has_a_part() -> None:
    ours = {path.partition(".")[0] for path in privacy.PARTS.values()}
    leading = {
        model._meta.app_label
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model in (User, Contact) and (BASE / model._meta.app_label).is_dir()
    }
    assert leading - ours - {"core"} == set()  # core's tables are emptied by accounts (core/forgetting.py)


def test_accounts_come_last_because_the_others_find_their_rows_through_them() -> None:
    assert list(privacy.PARTS)[-1] == "account" and list(privacy.PARTS).index("search") < list(privacy.PARTS).index("self_help")


# --- the copy ------------------------------------------------------------------------------------------------------------


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
    assert content["self_help/votes.json"][0]["comment"] == WORDS and content["search/searches.json"][0]["query"] == "洗衣机"
    assert content["machines/machines.json"][0]["serial"] == "HY99 0001 0001"
    pictures = [name for name in content if name.startswith("files/") and name.endswith(".png")]
    assert len(pictures) == 2 and all(content[name].startswith(b"\x89PNG") for name in pictures)
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


# --- asking for the closing ----------------------------------------------------------------------------------------------------


def test_closing_is_announced_everywhere_and_can_be_taken_back(person, run_tasks) -> None:
    wanted = closings.request_closing(user=person)
    run_tasks()
    told = OutboundMessage.objects.filter(template="accounts/closing_requested")
    assert sorted(told.values_list("channel", flat=True)) == ["mail", "sms"]
    assert all("/zh-hans/my/settings/close/" in message.body for message in told)
    assert timedelta(days=6, hours=23) < wanted.due_at - timezone.now() <= timedelta(days=7)
    closings.keep_account(user=person)
    run_tasks()
    assert OutboundMessage.objects.filter(template="accounts/closing_kept").count() == 2
    assert closing.close_due(now=timezone.now() + LATER) == 0
    person.refresh_from_db()
    assert person.is_active and person.name == NAME
    assert [row.verb for row in history_of(person)][-2:] == ["closing_requested", "closing_taken_back"]


def test_the_same_news_is_told_once_even_if_the_task_runs_twice(person, run_tasks) -> None:
    from accounts.tasks import tell_closing_requested

    wanted = closings.request_closing(user=person)
    run_tasks()
    tell_closing_requested(wanted.pk)
    assert OutboundMessage.objects.filter(template="accounts/closing_requested").count() == 2


def test_two_wishes_are_one_and_taking_back_nothing_is_refused(person) -> None:
    closings.request_closing(user=person)
    with pytest.raises(Conflict):
        closings.request_closing(user=person)
    assert AccountClosing.objects.count() == 1
    closings.keep_account(user=person)
    with pytest.raises(Conflict):
        closings.keep_account(user=person)


def test_staff_do_not_close_their_account_here(agent) -> None:
    with pytest.raises(NotAllowed):
        closings.request_closing(user=agent)
    assert not AccountClosing.objects.exists()


def test_the_cool_off_is_a_setting(person) -> None:
    PrivacySettings.objects.create(cool_off_hours=0)
    closings.request_closing(user=person)
    assert closing.close_due() == 1


# --- closing ----------------------------------------------------------------------------------------------------------------------


def test_nothing_of_the_person_is_left_in_any_table(person, agent, supervisor, run_tasks) -> None:
    use_everything(person, agent, supervisor, run_tasks)
    exports.request_export(user=person, language="zh-hans")
    closings.request_closing(user=person)
    run_tasks()
    before = found_in_the_database()
    assert {hit.split(".")[0] for hit in before} >= {"accounts", "tickets", "kb", "core", "fieldservice"}
    files = [str(item.file.name) for item in Attachment.objects.all()] + [str(copy.file.name) for copy in DataExport.objects.all()]
    now = timezone.now() + LATER
    with time_machine.travel(now, tick=False):
        assert closing.close_due() == 1
        run_tasks()
        forget_farewells()
    assert found_in_the_database() == []
    assert files and AccountClosing.objects.get().state == AccountClosing.State.DONE
    assert not Attachment.objects.exists() and not DataExport.objects.exists()


def test_figures_stay_and_colleagues_keep_their_names(person, agent, supervisor, run_tasks) -> None:
    use_everything(person, agent, supervisor, run_tasks)
    ticket = person.contacts.get().tickets.get()
    closings.request_closing(user=person)
    closing.close_due(now=timezone.now() + LATER)
    ticket.refresh_from_db()
    assert ticket.status == "closed" and ticket.messages.count() >= 4
    assert history_of(ticket).filter(actor_label="赵敏").exists()
    assert ArticleVote.objects.get().helpful is False and SearchLog.objects.get().query == "洗衣机"
    assert set(AccountClosing.objects.get().counts) == set(privacy.PARTS)


def test_emptying_twice_changes_nothing(person, agent, supervisor, run_tasks) -> None:
    use_everything(person, agent, supervisor, run_tasks)
    privacy.anonymise(person, now=timezone.now())
    again = privacy.anonymise(User.objects.get(pk=person.pk), now=timezone.now())
    assert {name: count for counts in again.values() for name, count in counts.items() if count} == {}


def test_the_farewell_still_goes_out_and_its_address_is_forgotten_then(person, run_tasks) -> None:
    from django.core import mail

    closings.request_closing(user=person)
    closing.close_due(now=timezone.now() + LATER)
    run_tasks()
    assert mail.outbox[-1].to == [MAIL] and "已注销" in mail.outbox[-1].subject
    assert forget_farewells() >= 2 and forget_farewells() == 0
    assert found_in_the_database() == []


def test_a_closed_account_opens_nothing_and_its_addresses_are_free(person, signed_in, run_tasks) -> None:
    from tests.accounts.walk import LOGIN, SIGNUP, VERIFY_PHONE, is_signed_in, sms_code
    from tests.factories.accounts import PASSWORD

    device = signed_in(person)
    closings.request_closing(user=person)
    assert device.get("/zh-hans/my/settings/").status_code == 200
    closing.close_due(now=timezone.now() + LATER)
    assert device.get("/zh-hans/my/settings/").status_code == 302
    device.post(LOGIN, {"login": MAIL, "password": PASSWORD})
    assert not is_signed_in(device)
    device.post(SIGNUP, {"phone": "13712345678", "name": "新人", "consent": "on"})
    device.post(VERIFY_PHONE, {"code": sms_code()})
    assert is_signed_in(device)
    new = User.objects.get(phone=PHONE)
    assert new.pk != person.pk and not new.contacts.filter(tickets__isnull=False).exists()


def test_before_its_time_nothing_is_closed(person) -> None:
    closings.request_closing(user=person)
    assert closing.close_due(now=timezone.now() + timedelta(days=6)) == 0
    person.refresh_from_db()
    assert person.is_active


def test_a_repair_under_way_puts_the_closing_off_and_is_named(person, agent) -> None:
    order = book(contact=person.contacts.get())
    assert [case["reference"] for case in privacy.open_cases(person) if case["blocks"]] == [order.reference]
    closings.request_closing(user=person)
    now = timezone.now() + LATER
    assert closing.close_due(now=now) == 0
    person.refresh_from_db()
    assert person.is_active and AccountClosing.objects.get().due_at == now + timedelta(hours=24)
    bring(order, "closed", by=agent)
    assert closing.close_due(now=now + timedelta(hours=25)) == 1


def test_a_failure_in_one_part_leaves_everything_as_it_was(person, monkeypatch) -> None:
    import accounts.privacy

    def broken(user: Any, *, now: Any) -> dict[str, int]:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(accounts.privacy, "anonymise", broken)
    open_ticket(contact=person.contacts.get(), subject=WORDS)
    closings.request_closing(user=person)
    assert closing.close_due(now=timezone.now() + LATER) == 0
    person.refresh_from_db()
    assert person.is_active and person.contacts.get().tickets.get().subject == WORDS
    assert AccountClosing.objects.get().state == AccountClosing.State.WAITING


def test_an_account_closed_while_its_copy_is_made_leaves_no_file(person, monkeypatch) -> None:
    from portal import copies

    export = exports.request_export(user=person, language="en")
    closings.request_closing(user=person)
    written: list[str] = []
    whole = copies.write_zip

    def then_closed(user: User, target: Any, *, language: str) -> int:
        lists = whole(user, target, language=language)
        assert closing.close_due(now=timezone.now() + LATER) == 1
        return lists

    save = storages["private"].save

    def noted(_storage: Any, name: str, content: Any, **options: Any) -> str:
        written.append(save(name, content, **options))
        return written[-1]

    monkeypatch.setattr(copies, "write_zip", then_closed)
    monkeypatch.setattr(type(storages["private"]), "save", noted)
    build_export(export.pk)
    assert written and not storages["private"].exists(written[0])
    assert not DataExport.objects.exists() and not OutboundMessage.objects.filter(template="accounts/export_ready").exists()


@pytest.mark.django_db(transaction=True)
def test_two_clocks_close_an_account_once(roles) -> None:
    user = MemberFactory(name=NAME, phone=PHONE, email=MAIL)
    wanted = closings.request_closing(user=user)
    now, results, barrier = timezone.now() + LATER, [], threading.Barrier(2)

    def clock() -> None:
        try:
            barrier.wait(timeout=10)
            results.append(closing.close_one(wanted.pk, now=now))
        finally:
            connection.close()

    threads = [threading.Thread(target=clock) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(results) == [False, True]
    assert history_of(user).filter(verb="closed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_wishes_at_once_are_one_closing(roles) -> None:
    user = MemberFactory(name=NAME, phone=PHONE, email=MAIL)
    results: list[str] = []
    barrier = threading.Barrier(2)

    def ask() -> None:
        try:
            barrier.wait(timeout=10)
            closings.request_closing(user=User.objects.get(pk=user.pk))
            results.append("asked")
        except Conflict:
            results.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(results) == ["asked", "refused"] and AccountClosing.objects.count() == 1


def test_dates_in_the_copy_carry_their_zone(person) -> None:
    export = exports.request_export(user=person, language="en")
    build_export(export.pk)
    export.refresh_from_db()
    joined = unpacked(export)["account/account.json"][0]["joined_at"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", joined)
