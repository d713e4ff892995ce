"""Nobody opens what is another's: every address that names a thing, tried by a stranger, another customer and staff of another room.

The addresses come from the address table itself: a new one that names a chat, a machine, a repair, a registration, an address book
entry or a device is tried too, or has to be named among the open ones below.
"""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.actions.addresses import save_address
from accounts.actions.exports import request_export
from accounts.actions.sessions import remember_session
from accounts.models import UserSession
from chat.models import Conversation
from core.files import accept_upload
from core.models import Attachment
from fieldservice.models import RepairOrder
from products.models import Unit
from tests.factories.chat import offer_to, say, start_chat, taken_by
from tests.factories.fieldservice import book
from tests.factories.tickets import open_ticket
from tests.factories.warranty import owned_unit
from tests.house.test_addresses import ADDRESSES
from tests.portal.test_units import picture
from warranty.actions.ownership import invite_to_household
from warranty.actions.registration import register
from warranty.models import WarrantyRegistration

pytestmark = pytest.mark.django_db
ROOMS = ("site", "portal", "chat", "chatdesk", "diagnosis", "desk_registrations", "repairs", "tickets")
SECRET = "蓝色按钮按了不亮"  # stands in everything the customer wrote
# Addresses whose argument names something public, or whose argument is itself the secret that opens it.
OPEN_TO_ALL = {
    "site:language",
    "site:public_media",
    "site:document",
    "site:short",
    "site:sitemap",
    "portal:family",
    "portal:model",
    "portal:code",
    "portal:announcement",
    "portal:certificate",
    "chat:resume",
    "portal:household_join",
    "diagnosis:start",
    # The key of a run is the secret that opens it (tests/portal/test_diagnosis_onward.py).
    "diagnosis:run",
    "diagnosis:step",
    "diagnosis:solved",
    "diagnosis:onward",
}
REFUSALS = {302, 400, 403, 404, 405, 410}


@pytest.fixture
def belongings(customer, agent, rf) -> dict[str, dict[str, Any]]:
    """What Lin Xiaoyun has with us: argument values by the beginning of an address's name."""
    contact = customer.contacts.get()
    offer = offer_to(agent, question=f"等人接：{SECRET}", contact=contact, visitor_key="hers")
    chat = taken_by(start_chat(question=SECRET, contact=contact, visitor_key="hers"), agent)
    say(chat, SECRET, by=customer)
    unit = owned_unit(customer)
    place, _code = invite_to_household(unit, by=customer, address="13900139000")
    other = owned_unit(customer)
    Unit.objects.filter(pk=other.pk).update(owner=None)
    receipt = accept_upload(SimpleUploadedFile("r.jpg", picture(), content_type="image/jpeg"), by=customer).reference
    registration = register(user=customer, serial=other.serial, purchased_on=timezone.localdate(), dealer=SECRET, attachments=[receipt])
    repair = book(contact=contact, fault=SECRET, unit=unit)
    ticket = open_ticket(contact=contact, subject=SECRET, description=SECRET)
    remember_session(user=customer, session_key="k" * 32, user_agent="Mozilla/5.0")
    address = save_address(
        user=customer, values={"recipient": "林晓云", "phone": "13800138000", "province": "上海市", "city": "上海市", "detail": SECRET}
    )
    export = request_export(user=customer, language="zh-hans")
    return {
        "site:": {"reference": receipt},
        "chat:": {"key": chat.key, "token": chat.secret},
        "chatdesk:": {"reference": chat.reference, "pk": offer.pk},
        "portal:my_address": {"key": address.key},
        "portal:my_device": {"key": UserSession.objects.get(user=customer).key},
        "portal:my_export": {"key": export.key},
        "portal:unit": {"code": unit.code},
        "portal:household_": {"code": unit.code, "place_id": place.pk},
        "portal:transfer_": {"code": unit.code},
        "portal:claim_": {"code": unit.code, "reference": registration.reference},
        "portal:registration": {"reference": registration.reference},
        "portal:my_repair": {"reference": repair.reference},
        "portal:repair": {"reference": repair.reference},
        "portal:help_": {"reference": ticket.reference},
        "portal:my_ticket": {"reference": ticket.reference},
        "repairs:of_ticket": {"reference": ticket.reference},
        "repairs:": {"reference": repair.reference, "key": "check"},
        "desk_registrations:": {"reference": registration.reference},
        "tickets:": {"reference": ticket.reference},
    }


def _named() -> list[tuple[str, tuple[str, ...]]]:
    return [
        (name, tuple(argument for argument, _kind in kinds))
        for name, kinds in ADDRESSES
        if kinds and name.split(":")[0] in ROOMS and name not in OPEN_TO_ALL
    ]


def _values(name: str, belongings: dict[str, dict[str, Any]]) -> dict[str, Any]:
    fits = [start for start in belongings if name.startswith(start)]
    assert fits, f"{name} names something: say here what of the customer's, or list it among the addresses open to all"
    return belongings[max(fits, key=len)]


def _state(customer: Any) -> dict[str, Any]:
    """What must not have changed."""
    return {
        "chats": list(
            Conversation.objects.order_by("pk").values_list("status", "agent_id", "last_seq", "last_note_seq", "rating", "ticket_id")
        ),
        "units": list(Unit.objects.order_by("pk").values_list("owner_id", "purchased_on")),
        "registrations": list(WarrantyRegistration.objects.order_by("pk").values_list("state", "purchased_on")),
        "repairs": list(RepairOrder.objects.order_by("pk").values_list("state", "updated_at")),
        "addresses": list(customer.addresses.values_list("detail", "is_default")),
        "files": list(Attachment.objects.order_by("pk").values_list("reference", "subject_type", "subject_id")),
        "devices": UserSession.objects.filter(user=customer).count(),
        "household": [unit.household.count() for unit in Unit.objects.order_by("pk")],
    }


def _try_everything(client: Client, customer: Any, belongings: dict[str, dict[str, Any]], *, skip: tuple[str, ...] = ()) -> None:
    before, opened = _state(customer), []
    for name, arguments in _named():
        if name.startswith(skip or ("nothing",)):
            continue
        values = _values(name, belongings)
        with translation.override("zh-hans"):
            address = reverse(name, kwargs={argument: values[argument] for argument in arguments})
        got = client.get(address)
        posted = client.post(
            address, {"text": "x", "body": "x", "client_id": "b6f7c1de-4f0e-4a53-9d1e-0d3f5b0f7a11", "rating": "1", "note": "x"}
        )
        for verb, response in (("GET", got), ("POST", posted)):
            body = b"" if response.streaming else response.content
            if response.status_code not in REFUSALS or SECRET.encode() in body:
                opened.append(f"{verb} {name} {address}: {response.status_code}")
    assert opened == []
    assert _state(customer) == before


def test_a_stranger_opens_nothing_and_changes_nothing(client, customer, belongings):
    _try_everything(client, customer, belongings)


def test_another_customer_opens_nothing_and_changes_nothing(signed_in, customer, other_customer, belongings):
    _try_everything(signed_in(other_customer), customer, belongings)


def test_staff_without_the_desk_open_nothing_and_change_nothing(signed_in, customer, editor, belongings):
    _try_everything(signed_in(editor), customer, belongings)


def test_an_agent_opens_nothing_of_the_member_area(signed_in, customer, second_agent, belongings):
    """The desk's own pages are an agent's work; the customer's pages are not, and another agent's chat stays that agent's."""
    # Colleagues may read along, and open the receipt of a registration.
    desk = ("chatdesk:", "repairs:", "desk_registrations:", "tickets:", "chat:messages", "site:private_media")
    _try_everything(signed_in(second_agent), customer, belongings, skip=desk)


@pytest.mark.parametrize("who", ["stranger", "other_customer", "editor"])
def test_no_page_without_a_name_in_its_address_shows_anything_of_hers(request, client, signed_in, belongings, who):
    """Lists, homes, forms, the desk's own pages: whoever else opens them, nothing of the customer stands on them."""
    browser = client if who == "stranger" else signed_in(request.getfixturevalue(who))
    seen = []
    for name, kinds in ADDRESSES:
        if kinds or name.split(":")[0] not in ROOMS:
            continue
        with translation.override("zh-hans"):
            answer = browser.get(reverse(name))
        body = b"" if answer.streaming else answer.content
        if SECRET.encode() in body or b"HY24 0331" in body or belongings["portal:my_repair"]["reference"].encode() in body:
            seen.append(name)
    assert seen == []


def test_another_agent_writes_nothing_into_a_chat_that_is_not_theirs(signed_in, customer, second_agent, belongings):
    client, before = signed_in(second_agent), _state(customer)
    values = belongings["chatdesk:"]
    for step in ("message", "end", "transfer", "accept", "decline"):
        argument = {"pk": values["pk"]} if step in {"accept", "decline"} else {"reference": values["reference"]}
        answer = client.post(reverse(f"chatdesk:{step}", kwargs=argument), {"text": "x", "solved": "yes", "note": "x", "to": "group:first"})
        assert answer.status_code >= 302, step
    with translation.override("zh-hans"):
        address = reverse("chat:messages", kwargs={"key": belongings["chat:"]["key"]})
    frame = {"client_id": "b6f7c1de-4f0e-4a53-9d1e-0d3f5b0f7a11", "kind": "text", "text": "x"}
    assert client.post(address, frame, content_type="application/json").status_code == 403
    assert client.post(address, frame).status_code == 404  # the form is the visitor's: nobody else speaks in their name
    assert _state(customer) == before
