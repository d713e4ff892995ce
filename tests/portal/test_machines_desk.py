"""The machine beside a chat and a request: warranty in words, masked serial, open repairs; for staff only."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from chat.models import Conversation
from fieldservice import states
from tests.factories.accounts import ContactFactory, StaffFactory
from tests.factories.chat import start_chat
from tests.factories.fieldservice import book, bring
from tests.factories.products import ModelFactory
from tests.factories.tickets import open_ticket
from tests.factories.warranty import TermFactory, UnitFactory, owned_unit
from warranty.models import WarrantySettings

pytestmark = pytest.mark.django_db
SERIAL = "HY24 0331 80 0652"


@pytest.fixture
def unit(customer):
    """Lin Xiaoyun's washer, bought 100 days ago, one year of warranty."""
    WarrantySettings.load()
    TermFactory()
    model = ModelFactory(number="WF10-320", launched_on=date(2023, 9, 12))
    return owned_unit(customer, model=model, serial=SERIAL, purchased_on=timezone.localdate() - timedelta(days=100))


@pytest.fixture
def chat(unit, customer) -> Conversation:
    """Her chat about it."""
    return start_chat(contact=customer.contacts.get(), visitor_key="", model=unit.model)


def part(client: Client, address: str) -> str:
    return client.get(address, headers={"HX-Request": "true"}).content.decode()


def of(case) -> str:
    return reverse("desk_machines:of_chat" if isinstance(case, Conversation) else "desk_machines:of_ticket", args=[case.reference])


def test_the_card_says_what_is_left_with_the_serial_masked(chat, unit, agent, signed_in) -> None:
    client = signed_in(agent)
    assert of(chat) in client.get(reverse("chatdesk:chat", args=[chat.reference])).content.decode()
    html = part(client, of(chat))
    assert "保修内" in html and "整机还剩 26" in html and "HY24 **** ** 0652" in html and SERIAL not in html and "<html" not in html
    unit.purchased_on = date(2020, 1, 1)
    unit.save()
    assert "已过期" in part(client, of(chat))
    whole = client.get(of(chat)).content.decode()
    assert "<html" in whole and reverse("chatdesk:chat", args=[chat.reference]) in whole and SERIAL not in whole


def test_open_repairs_stand_there_for_who_works_on_repairs(chat, unit, customer, agent, signed_in) -> None:
    running, done = (book(contact=customer.contacts.get(), unit=unit, submit_key=key) for key in ("a" * 24, "b" * 24))
    foreign = book(contact=ContactFactory())
    bring(done, states.CANCELLED, by=agent)
    html = part(signed_in(agent), of(chat))
    assert running.reference in html and done.reference not in html and foreign.reference not in html
    from django.contrib.auth.models import Permission

    chats_only = StaffFactory(name="新来的", email="new@heyan.example", role="editor")
    chats_only.user_permissions.add(*Permission.objects.filter(codename__in=["work_desk", "work_chat"]))
    html = part(signed_in(chats_only), of(chat))
    assert "HY24 **** ** 0652" in html and running.reference not in html


def test_outsiders_stay_outside(chat, customer, other_customer, editor, agent, signed_in) -> None:
    ticket = open_ticket(contact=customer.contacts.get())
    for case in (chat, ticket):
        assert Client().get(of(case)).status_code == 302
        for person in (customer, other_customer, editor):
            assert signed_in(person).get(of(case)).status_code == 403
    for name in ("of_chat", "of_ticket"):
        assert signed_in(agent).get(reverse(f"desk_machines:{name}", args=["C-2611-00000"])).status_code == 404


def test_the_request_s_page_shows_the_machine_its_serial_or_model_means(unit, customer, agent, signed_in) -> None:
    contact, other = customer.contacts.get(), owned_unit(customer, model=unit.model, serial="HY24 0331 80 0999")
    foreign = UnitFactory(model=unit.model, serial="HY24 0331 80 0777", owner=ContactFactory())
    client = signed_in(agent)
    by_serial = open_ticket(contact=contact, model=unit.model, serial_text="hy24-0331-80-0652")
    assert of(by_serial) in client.get(reverse("tickets:detail", args=[by_serial.reference])).content.decode()
    html = part(client, of(by_serial))
    assert "** 0652" in html and "** 0999" not in html
    html = part(client, of(open_ticket(contact=contact, model=unit.model, serial_text=foreign.serial)))
    assert "** 0652" in html and "** 0999" in html and "** 0777" not in html
    assert other.model.number not in part(client, of(open_ticket(contact=contact, model=ModelFactory(number="WD12-520"))))
    assert "没有登记" in part(client, of(open_ticket(contact=ContactFactory())))


def test_three_machines_take_as_many_queries_as_one(unit, customer, agent, signed_in) -> None:
    client, ticket = signed_in(agent), open_ticket(contact=customer.contacts.get())
    part(client, of(ticket))
    with CaptureQueriesContext(connection) as one:
        part(client, of(ticket))
    owned_unit(customer, serial="HY24 0331 80 0998")
    owned_unit(customer, serial="HY24 0331 80 0999")
    with CaptureQueriesContext(connection) as three:
        assert part(client, of(ticket)).count("****") == 3
    assert len(one) == len(three)
