"""Booking a repair: once, with everything it knows, promised in business time, refused in words with nothing written."""

import pytest

from core.errors import InvalidInput, InvalidUpload, NotAllowed
from core.history import history_of
from core.models import HistoryEntry, OutboundMessage, TaskAttempt
from fieldservice import states
from fieldservice.models import RepairOrder
from fieldservice.queries import free_slots
from tests.factories.accounts import ContactFactory, StaffFactory
from tests.factories.fieldservice import ADDRESS, book
from tests.factories.products import CodeFactory, ModelFactory
from tests.factories.tickets import open_ticket
from tests.fieldservice.conftest import at


def test_a_booked_repair_has_a_number_a_promise_a_step_and_an_event(desk) -> None:
    order = book()
    assert order.reference.startswith("R-2609-") and order.state == states.RECEIVED
    assert order.due_at == at("2026-09-15 09:30")  # eight business hours after Monday 9:30
    step = history_of(order).get()
    assert (step.verb, step.public, step.data["new"]) == ("booked", True, "received")
    told = TaskAttempt.objects.filter(path="fieldservice.tasks.tell_booked")
    assert [task.kwargs["repair_id"] for task in told] == [order.pk]


def test_the_model_brings_its_family_and_what_is_known_is_kept(desk, customer) -> None:
    model, ticket = ModelFactory(), open_ticket()
    order = book(model=model, code=CodeFactory(family=model.family), ticket=ticket, article_key="guide:x", serial_text=" HY24 0001 ")
    order.refresh_from_db()
    assert order.family == model.family and order.ticket == ticket and order.article_key == "guide:x"
    assert (order.address, order.serial_text, order.coverage) == (ADDRESS, "HY24 0001", {})


def test_the_same_form_twice_is_one_repair_even_with_another_phone(desk) -> None:
    contact = ContactFactory()
    first = book(contact=contact, submit_key="k" * 20)
    again, corrected = book(contact=contact, submit_key="k" * 20), book(contact=ContactFactory(), submit_key="k" * 20)
    assert first.pk == again.pk == corrected.pk and RepairOrder.objects.count() == 1
    assert history_of(first).count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"fault": " \x00 "}, "fault"),
        ({"fault": "x" * 5001}, "fault"),
        ({"address": {"province": "上海市"}}, "detail"),
        ({"wishes": []}, "wishes"),
        ({"wishes": ["2026-09-15:morning"]}, "wishes"),
        ({"wishes": ["2026-09-15:morning", "2026-09-15:morning"]}, "wishes"),
        ({"wishes": ["2026-09-11:morning", "2026-09-15:morning"]}, "wishes"),  # a slot in the past
        ({"wishes": ["2026-09-19:morning", "2026-09-15:morning"]}, "wishes"),  # a Saturday
        ({"wishes": ["nonsense", "2026-09-15:morning"]}, "wishes"),
    ],
)
def test_a_refused_booking_writes_nothing(desk, change, field) -> None:
    contact = ContactFactory()
    before = HistoryEntry.objects.count()
    with pytest.raises(InvalidInput) as refusal:
        book(contact=contact, **change)
    assert refusal.value.field == field and str(refusal.value.message)
    assert RepairOrder.objects.count() == 0 and HistoryEntry.objects.count() == before


def test_a_lost_file_refuses_the_whole_booking(desk) -> None:
    with pytest.raises(InvalidUpload):
        book(attachments=["gone"])
    assert RepairOrder.objects.count() == 0


def test_staff_book_for_a_caller_without_times_but_nobody_else_does(desk, agent, customer, roles) -> None:
    order = book(by=agent, internal=True, wishes=[], channel="phone")
    assert order.created_by == agent and order.wishes == []
    editor = StaffFactory(role="editor")
    for stranger in (customer, editor, None):
        with pytest.raises(NotAllowed):
            book(by=stranger, internal=True, wishes=[])


def test_the_customer_is_told_once_in_plain_words(desk, customer, run_tasks) -> None:
    order = book(contact=customer.contacts.get(), by=customer)
    run_tasks()
    message = OutboundMessage.objects.get(template="fieldservice/booked")
    assert message.address == "+8613800138000" and order.reference in message.body and f"/my/repairs/{order.reference}/" in message.body
    from fieldservice.tasks import tell_booked

    tell_booked(order.pk, history_of(order).first().pk)
    assert OutboundMessage.objects.filter(template="fieldservice/booked").count() == 1


def test_a_guest_s_message_carries_the_secret_and_english_is_english(desk, run_tasks) -> None:
    order = book(contact=ContactFactory(email="ann@example.com", phone="", language="en"), language="en")
    run_tasks()
    message = OutboundMessage.objects.get(template="fieldservice/booked")
    assert f"/en/repairs/{order.reference}/?key={order.secret}" in message.body and "Your repair is booked" in message.body


def test_the_wishes_are_kept_in_order(desk) -> None:
    keys = [slot.key for slot in free_slots()][3:0:-1]
    assert book(wishes=keys).wishes == keys


def test_a_booking_counts_as_contact_for_the_ledger(desk, run_tasks) -> None:
    book()
    assert TaskAttempt.objects.filter(path="fieldservice.tasks.note_contact").exists()
    run_tasks()
