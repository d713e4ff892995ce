"""What a household shares: a request about a machine of theirs is read by all, acted on by who asked, hidden from everybody else."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from core.files import accept_upload, attachments_of
from tests.factories.accounts import MemberFactory
from tests.factories.products import ModelFactory
from tests.factories.tickets import open_ticket
from tests.factories.warranty import UnitFactory
from tests.portal.test_units import picture
from tickets.models import Ticket, TicketMessage
from warranty.actions.ownership import invite_to_household

pytestmark = pytest.mark.django_db
WORDS = "脱水时有焦味"


@pytest.fixture
def shared(customer, other_customer):
    """A machine of the customer's that the other one shares, and a request about it with a picture."""
    model, day = ModelFactory(number="WF10-320"), date(2024, 4, 20)
    unit = UnitFactory(model=model, serial="HY24 0331 80 0001", owner=customer.contacts.get(), purchased_on=day)
    place, _code = invite_to_household(unit, by=customer, address="13900139000")
    type(place).objects.filter(pk=place.pk).update(user=other_customer, accepted_at=timezone.now())
    upload = accept_upload(SimpleUploadedFile("p.jpg", picture(), content_type="image/jpeg"), by=customer)
    return open_ticket(contact=customer.contacts.get(), subject=WORDS, unit=unit, attachments=[upload.reference], by=customer)


def page(ticket: Ticket) -> str:
    return f"/zh-hans/my/tickets/{ticket.reference}/"


def test_the_household_reads_the_request_its_files_and_finds_it_beside_the_machine(shared, other_customer, signed_in) -> None:
    reader = signed_in(other_customer)
    html = reader.get(page(shared)).content.decode()
    assert WORDS in html and "家人" in html
    assert reader.get(f"/media/private/{attachments_of(shared)[0].reference}/").status_code == 200
    beside = reader.get(f"/zh-hans/my/products/{shared.unit.code}/").content.decode()
    assert page(shared) in beside and WORDS in beside
    assert shared.reference not in reader.get("/zh-hans/my/tickets/").content.decode()


def test_the_household_may_read_but_not_act(shared, other_customer, signed_in) -> None:
    reader = signed_in(other_customer)
    assert 'name="body"' not in reader.get(page(shared)).content.decode()
    for step, data in (("reply", {"body": "我也来说"}), ("confirm", {}), ("reopen", {"reason": "又坏了"})):
        answer = reader.post(f"/zh-hans/help/{shared.reference}/{step}/", data)
        assert answer.status_code == 403, step
    assert not TicketMessage.objects.filter(author_kind="customer").exists()
    before = Ticket.objects.get().status
    assert before == shared.status
    assert reader.get(f"/zh-hans/repairs/new/?ticket={shared.reference}").context["start"].ticket is None


def test_who_has_left_a_new_owner_and_everybody_else_see_nothing(shared, customer, other_customer, signed_in) -> None:
    stranger = MemberFactory()
    for outsider in (Client(), signed_in(stranger)):
        assert outsider.get(page(shared)).status_code in (302, 404)
        assert outsider.get(f"/media/private/{attachments_of(shared)[0].reference}/").status_code == 404
    shared.unit.household.update(removed_at=timezone.now())
    assert signed_in(other_customer).get(page(shared)).status_code == 404
    shared.unit.owner = stranger.contacts.get()
    shared.unit.save()
    new_owner = signed_in(stranger)
    assert new_owner.get(page(shared)).status_code == 404
    assert WORDS not in new_owner.get(f"/zh-hans/my/products/{shared.unit.code}/").content.decode()
    assert signed_in(customer).get(page(shared)).status_code == 200


def test_a_request_about_no_machine_is_nobody_else_s(shared, customer, other_customer, signed_in) -> None:
    own = open_ticket(contact=customer.contacts.get(), subject="只关于我")
    assert signed_in(other_customer).get(page(own)).status_code == 404
