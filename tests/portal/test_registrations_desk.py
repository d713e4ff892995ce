"""The desk's queue of registrations: who may see it, the receipt beside the data, one decision only."""

from datetime import date

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.files import accept_upload
from portal.desk_news import registration_arrived
from tests.factories.chat import start_chat
from tests.factories.fieldservice import book
from tests.factories.products import ModelFactory
from tests.factories.tickets import open_ticket
from tests.factories.warranty import TermFactory, UnitFactory
from tests.portal.test_units import picture
from tickets.queries import notices_for
from warranty.actions.registration import register
from warranty.actions.review import approve
from warranty.models import ReturnReason, WarrantyRegistration, WarrantySettings

pytestmark = pytest.mark.django_db
QUEUE = "/desk/registrations/"


@pytest.fixture(autouse=True)
def maker(db):
    WarrantySettings.load()
    TermFactory()
    return ModelFactory(number="WF10-320", launched_on=date(2023, 9, 12))


def sent(user, model, serial, **more):
    UnitFactory(model=model, serial=serial)
    upload = accept_upload(SimpleUploadedFile("r.jpg", picture(), content_type="image/jpeg"), by=user)
    return register(user=user, serial=serial, purchased_on=date(2024, 4, 20), attachments=[upload.reference], **more)


def test_the_queue_is_for_those_who_decide(customer, editor, agent, client, signed_in):
    assert client.get(QUEUE).status_code == 302
    assert signed_in(customer).get(QUEUE).status_code == 403
    assert signed_in(editor).get(QUEUE).status_code == 403
    assert signed_in(agent).get(QUEUE).status_code == 200


def test_the_desk_shows_the_entry_with_how_many_wait(customer, agent, signed_in, maker):
    sent(customer, maker, "HY24 0331 80 0001")
    page = signed_in(agent).get("/desk/").content.decode()
    assert QUEUE in page
    assert '产品登记 <span class="count">1</span>' in page


def test_the_receipt_stands_beside_the_data_and_opens_for_staff_only(customer, other_customer, agent, signed_in, client, maker):
    row = sent(customer, maker, "HY24 0331 80 0001")
    page = signed_in(agent).get(f"{QUEUE}{row.reference}/").content.decode()
    link = page.split('<figure class="art mt-s"><a href="')[1].split('"')[0]
    assert signed_in(agent).get(link).status_code == 200
    assert signed_in(customer).get(link).status_code == 200
    assert signed_in(other_customer).get(link).status_code == 404
    assert client.get(link).status_code == 404


def test_the_queue_takes_as_many_queries_for_three_as_for_one(customer, agent, signed_in, maker):
    client = signed_in(agent)
    sent(customer, maker, "HY24 0331 80 0001")
    client.get(QUEUE)
    with CaptureQueriesContext(connection) as one:
        client.get(QUEUE)
    sent(customer, maker, "HY24 0331 80 0002")
    sent(customer, maker, "HY24 0331 80 0003")
    with CaptureQueriesContext(connection) as three:
        assert client.get(QUEUE).content.decode().count('<th scope="row">') == 3
    assert len(one) == len(three)


def test_an_installation_long_after_the_purchase_is_pointed_out(customer, agent, signed_in, maker):
    late = sent(customer, maker, "HY24 0331 80 0001", installed_on=date(2025, 4, 20))
    page = signed_in(agent).get(f"{QUEUE}{late.reference}/").content.decode()
    assert "购买后 365 天安装" in page
    early = sent(customer, maker, "HY24 0331 80 0002", installed_on=date(2024, 4, 19))
    assert "安装日期早于购买日期" in signed_in(agent).get(f"{QUEUE}{early.reference}/").content.decode()


def test_approving_corrects_the_date_and_sets_the_end(customer, agent, signed_in, maker):
    row = sent(customer, maker, "HY24 0331 80 0001")
    answer = signed_in(agent).post(f"{QUEUE}{row.reference}/approve/", {"purchased_on": "2024-04-21"})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.state, row.decided_by, row.unit.purchased_on) == ("approved", agent, date(2024, 4, 21))
    page = signed_in(customer).get(f"/en/my/products/{row.unit.code}/").content.decode()
    assert "21 Apr 2025" in page


def test_a_date_that_cannot_be_is_refused_on_the_page(customer, agent, signed_in, maker):
    row = sent(customer, maker, "HY24 0331 80 0001")
    answer = signed_in(agent).post(f"{QUEUE}{row.reference}/approve/", {"purchased_on": "2020-01-01"})
    assert answer.status_code == 400
    row.refresh_from_db()
    assert row.state == "submitted"


def test_returning_needs_a_reason_and_the_customer_reads_it(customer, agent, signed_in, maker):
    row = sent(customer, maker, "HY24 0331 80 0001")
    client = signed_in(agent)
    assert client.post(f"{QUEUE}{row.reference}/return/", {}).status_code == 400
    reason = ReturnReason.objects.create(
        key="date", name_zh_hans="x", name_en="x", text_zh_hans="看不清日期", text_en="The date cannot be read"
    )
    assert client.post(f"{QUEUE}{row.reference}/return/", {"reason": reason.pk, "text": "Fold it open."}).status_code == 302
    page = signed_in(customer).get(f"/en/my/registrations/{row.reference}/").content.decode()
    assert "The date cannot be read Fold it open." in page
    answer = signed_in(customer).post(f"/en/my/registrations/{row.reference}/", {"purchased_on": "2024-04-22", "use": "home"})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.state, row.purchased_on) == ("submitted", date(2024, 4, 22))


def test_the_second_of_two_decisions_is_told_who_was_first(customer, agent, second_agent, signed_in, maker):
    row = sent(customer, maker, "HY24 0331 80 0001")
    signed_in(agent).post(f"{QUEUE}{row.reference}/approve/", {})
    answer = signed_in(second_agent).post(f"{QUEUE}{row.reference}/return/", {"text": "No receipt."})
    assert answer.status_code == 409
    assert "赵敏已经处理过" in answer.content.decode()
    assert WarrantyRegistration.objects.get().state == "approved"


def test_an_outsider_decides_nothing(customer, other_customer, signed_in, client, maker):
    row = sent(customer, maker, "HY24 0331 80 0001")
    for who in (signed_in(customer), signed_in(other_customer)):
        for act in ("approve", "return", "refuse"):
            assert who.post(f"{QUEUE}{row.reference}/{act}/", {"text": "x"}).status_code == 403
    assert client.post(f"{QUEUE}{row.reference}/approve/").status_code == 302
    row.refresh_from_db()
    assert row.state == "submitted"


def news(user) -> list[tuple[str, str]]:
    return [(notice.kind, notice.reference) for notice in notices_for(user)]


def test_reviewers_are_told_of_a_registration_once_and_no_more_when_a_colleague_has_decided(
    customer, agent, second_agent, editor, run_tasks, maker, signed_in
):
    row = sent(customer, maker, "HY24 0331 80 0001")
    run_tasks()
    registration_arrived(row.pk)  # a task may run twice
    assert news(agent) == news(second_agent) == [("registration", row.reference)]
    assert news(editor) == news(customer) == []
    page = signed_in(agent).get("/desk/").content.decode()
    assert f'href="{QUEUE}{row.reference}/"' in page and "有产品登记待审核" in page
    assert row.reference in signed_in(agent).get("/desk/notices/").content.decode()
    signed_in(second_agent).post(f"{QUEUE}{row.reference}/approve/", {"purchased_on": "2024-04-20"})
    run_tasks()
    assert news(agent) == news(second_agent) == []


def test_a_claim_is_news_of_its_own_and_what_was_decided_at_once_is_none(customer, other_customer, agent, run_tasks, maker):
    row = sent(customer, maker, "HY24 0331 80 0001")
    approve(row, by=agent, purchased_on=row.purchased_on)
    run_tasks()
    assert news(agent) == []
    upload = accept_upload(SimpleUploadedFile("r.jpg", picture(), content_type="image/jpeg"), by=other_customer)
    claim = register(
        user=other_customer, serial="HY24 0331 80 0001", purchased_on=date(2024, 4, 20), attachments=[upload.reference], claim=True
    )
    run_tasks()
    assert news(agent) == [("claim", claim.reference)]


def test_the_page_links_the_customer_s_other_cases_that_the_reviewer_may_open(customer, other_customer, agent, signed_in, maker):
    row = sent(customer, maker, "HY24 0331 80 0001")
    contact, foreign = customer.contacts.get(), other_customer.contacts.get()
    ticket, repair, chat = open_ticket(contact=contact, subject="漏水"), book(contact=contact), start_chat(contact=contact, visitor_key="")
    other = open_ticket(contact=foreign, subject="别人的")
    page = signed_in(agent).get(f"{QUEUE}{row.reference}/").content.decode()
    for address in (f"/desk/tickets/{ticket.reference}/", f"/desk/repairs/{repair.reference}/", f"/desk/chat/{chat.reference}/"):
        assert f'href="{address}"' in page, address
    assert other.reference not in page
    agent.groups.first().permissions.remove(*Permission.objects.filter(codename__in=["work_chat", "supervise_chat", "move_repair"]))
    page = signed_in(agent).get(f"{QUEUE}{row.reference}/").content.decode()
    assert ticket.reference in page and repair.reference not in page and chat.reference not in page
