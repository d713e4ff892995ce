"""Words about a repair: the customer's put it before staff, ours reach the customer, notes reach nobody else; personal data."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from core.errors import Conflict, InvalidInput, NotAllowed
from core.files import accept_upload, attachments_of
from core.models import OutboundMessage
from fieldservice import actions, privacy, states
from fieldservice.models import RepairMessage, RepairNote, RepairOrder
from fieldservice.queries import repair_view
from tests.factories.fieldservice import bring

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def test_the_customer_s_words_put_the_repair_before_staff_and_an_answer_settles_it(order, customer, agent, run_tasks) -> None:
    first = actions.write_message(order, by=customer, body="可以早点来吗", client_key="a" * 20)
    again = actions.write_message(order, by=customer, body="可以早点来吗", client_key="a" * 20)
    order.refresh_from_db()
    assert first.pk == again.pk and order.attention == RepairOrder.Attention.WRITTEN
    actions.answer_message(order, by=agent, body="排在第一家")
    order.refresh_from_db()
    assert order.attention == ""
    run_tasks()
    assert OutboundMessage.objects.filter(template="fieldservice/replied").count() == 1


def test_strangers_and_empty_words_are_refused(order, other_customer, customer, editor) -> None:
    for work in (
        lambda: actions.write_message(order, by=other_customer, body="x"),
        lambda: actions.answer_message(order, by=customer, body="x"),
        lambda: actions.add_note(order, by=editor, body="x"),
        lambda: actions.mark_looked_at(order, by=customer),
    ):
        with pytest.raises(NotAllowed):
            work()
    for body in ("", "  \x00 ", "x" * 5001):
        with pytest.raises(InvalidInput):
            actions.write_message(order, by=customer, body=body)
    assert RepairMessage.objects.count() == RepairNote.objects.count() == 0


def test_nothing_is_said_about_a_finished_repair(order, customer, agent) -> None:
    bring(order, states.CANCELLED, by=agent)
    with pytest.raises(Conflict):
        actions.write_message(order, by=customer, body="x")


def test_a_note_is_in_no_view_of_the_customer(order, agent) -> None:
    actions.add_note(order, by=agent, body="楼下停车要登记")
    view = repair_view(order, roles=frozenset({states.CUSTOMER}))
    assert view.messages == () and [step.verb for step in view.steps] == ["booked"]
    assert "停车" not in repr(view)


def test_looked_at_settles_what_there_was_once(order, customer, agent) -> None:
    actions.write_message(order, by=customer, body="x")
    for _time in range(2):
        actions.mark_looked_at(order, by=agent)
    order.refresh_from_db()
    assert order.attention == ""


class TestPersonalData:
    """What a member gets, and what stays when the account is closed."""

    def test_the_export_is_json_with_repairs_quotes_and_words_without_notes(self, order, customer, agent) -> None:
        bring(order, states.QUOTED, by=agent)
        actions.write_message(order, by=customer, body="想问一下")
        actions.add_note(order, by=agent, body="内部的话")
        text = json.dumps(privacy.export(customer), ensure_ascii=False)
        assert order.reference in text and "想问一下" in text and "22000" in text and "内部的话" not in text

    def test_only_their_own(self, order, guest_order, other_customer) -> None:
        assert privacy.export(other_customer) == {"repairs": [], "quotes": [], "repair_messages": []}
        assert privacy.files(other_customer) == []

    def test_files_of_the_repair_and_of_its_messages(self, order, customer) -> None:
        draft = accept_upload(SimpleUploadedFile("a.pdf", PDF), by=customer)
        message = actions.write_message(order, by=customer, body="收据", attachments=[draft.reference])
        assert privacy.files(customer) == list(attachments_of(message))

    def test_closing_removes_the_person_and_keeps_what_the_law_needs(self, order, customer, agent) -> None:
        bring(order, states.CLOSED, by=agent)
        assert privacy.anonymise(customer, now=timezone.now())["repairs"] == 1
        order.refresh_from_db()
        assert "漕溪北路" not in json.dumps(order.address, ensure_ascii=False) and order.address["district"] == "徐汇区"
        assert order.fault == "—" and order.state == states.CLOSED
        assert set(privacy.anonymise(customer, now=timezone.now()).values()) == {0}
