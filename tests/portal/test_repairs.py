"""A repair on the public pages: booked with everything known, followed by link, code or account, answered, moved, cancelled."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core import sms
from core.files import attachments_of
from fieldservice import actions, states
from fieldservice.models import RepairOrder
from fieldservice.queries import free_slots
from products.models import Unit
from tests.factories.accounts import ContactFactory
from tests.factories.fieldservice import book, bring
from tests.factories.kb import make_guide
from tests.factories.products import CodeFactory, FamilyFactory, ModelFactory
from tests.factories.tickets import open_ticket, setup_desk
from tests.fieldservice.conftest import at

pytestmark = pytest.mark.django_db
NEW = "/zh-hans/repairs/new/"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def monday():
    """It is Monday, 14 September 2026, 9:30 in Shanghai, and the desk is set up."""
    with time_machine.travel(at("2026-09-14 09:30"), tick=True) as traveller:
        setup_desk()
        yield traveller


def form(**changes) -> dict:
    """Return a filled form as a guest sends it."""
    wishes = [slot.key for slot in free_slots()][:2]
    return {
        "fault": "不排水",
        "wishes": wishes,
        "detail": "漕溪北路 88 号",
        "phone": "138 0013 8009",
        "submit_key": "k" * 20,
    } | changes


def main(response) -> str:
    """Return the main part of a page."""
    return response.content.decode().split("<main", 1)[1].split("</main>")[0]


def with_grant(order: RepairOrder) -> Client:
    """Return a guest's browser that has opened the link of a repair."""
    client = Client()
    client.get(f"/zh-hans/repairs/{order.reference}/?key={order.secret}")
    return client


class TestBooking:
    """One page, nothing asked twice, sent twice is once."""

    def test_a_guest_books_and_lands_on_the_page_of_the_repair(self, client) -> None:
        answer = client.post(NEW, form())
        order = RepairOrder.objects.get()
        assert answer["Location"] == f"/zh-hans/repairs/{order.reference}/"
        html = main(client.get(answer["Location"]))
        assert "报修成功" in html and order.reference in html and "我们先看您的描述" in html
        assert client.post(NEW, form()).status_code == 302 and RepairOrder.objects.count() == 1

    def test_a_member_is_not_asked_who_they_are(self, customer, signed_in) -> None:
        client = signed_in(customer)
        html = main(client.get(NEW))
        assert 'name="phone"' not in html and "138****8000" in html
        answer = client.post(NEW, form(phone=""))
        order = RepairOrder.objects.get()
        assert order.contact.user == customer and answer["Location"] == f"/zh-hans/my/repairs/{order.reference}/"
        again = main(client.get(NEW))
        assert "漕溪北路 88 号" in again  # the address of last time

    def test_from_a_unit_with_the_warranty_said_before(self, customer, other_customer, signed_in) -> None:
        unit = Unit.objects.create(
            model=ModelFactory(), serial="HY24 0001", owner=customer.contacts.get(), purchased_on=timezone.localdate() - timedelta(days=90)
        )
        html = main(signed_in(customer).get(f"{NEW}?unit={unit.code}"))
        assert "HY24 0001" in html and f'name="unit" value="{unit.code}"' in html and 'name="family"' not in html
        signed_in(customer).post(NEW, form(unit=unit.code, phone=""))
        order = RepairOrder.objects.get()
        assert order.unit == unit and order.model == unit.model and order.coverage["unit"] == unit.code
        for stranger in (signed_in(other_customer), Client()):
            assert "HY24 0001" not in main(stranger.get(f"{NEW}?unit={unit.code}"))
            stranger.post(NEW, form(unit=unit.code, submit_key="x" * 20))
        assert RepairOrder.objects.filter(unit=unit).count() == 1

    def test_from_a_model_an_article_and_a_code(self, client) -> None:
        model = ModelFactory(number="WF10-320", slug="wf10-320")
        code = CodeFactory(family=model.family, code="E2")
        guide = make_guide(title="洗衣机不排水", families=[model.family])
        assert 'name="product" value="wf10-320"' in main(client.get(f"{NEW}?model=wf10-320"))
        html = main(client.get(f"{NEW}?family={model.family.slug}&code=e-02"))
        assert "E2：排水超时" in html and f'name="code" value="{model.family.slug}:E2"' in html
        html = main(client.get(f"{NEW}?article=guide:{guide.translation_key}"))
        assert "洗衣机不排水" in html and f'value="{model.family.slug}"' in html
        client.post(NEW, form(code=f"{model.family.slug}:E2", article=f"guide:{guide.translation_key}"))
        order = RepairOrder.objects.get()
        assert order.code == code and order.article_key == f"guide:{guide.translation_key}" and order.family == model.family

    def test_a_danger_code_says_stop_and_the_number_first(self, client) -> None:
        family = FamilyFactory()
        CodeFactory(family=family, code="E9", severity="danger", hazard="gas")
        html = main(client.get(f"{NEW}?family={family.slug}&code=E9"))
        assert html.index('data-kind="danger"') < html.index("<form")

    def test_from_a_request_with_its_customer_and_only_for_its_customer(self, client) -> None:
        ticket = open_ticket(contact=ContactFactory(name="周岚", phone="+8613800138002"), subject="显示 E2", description="过滤器清过了")
        client.get(f"/zh-hans/help/{ticket.reference}/?key={ticket.secret}")
        assert f"{NEW}?ticket={ticket.reference}" in client.get(f"/zh-hans/help/{ticket.reference}/").content.decode()
        html = main(client.get(f"{NEW}?ticket={ticket.reference}"))
        assert "过滤器清过了" in html and "138****8002" in html and 'name="phone"' not in html
        client.post(NEW, form(ticket=ticket.reference, phone=""))
        order = RepairOrder.objects.get()
        assert (order.ticket, order.contact) == (ticket, ticket.contact)
        stranger = Client()
        html = main(stranger.get(f"{NEW}?ticket={ticket.reference}"))
        assert "过滤器清过了" not in html and "138****8002" not in html
        assert stranger.post(NEW, form(ticket=ticket.reference, phone="", submit_key="x" * 20)).status_code == 422

    def test_photos_go_along_and_outsiders_cannot_open_them(self, client, agent, signed_in) -> None:
        client.post(NEW, form(files=SimpleUploadedFile("bon.pdf", PDF)))
        order = RepairOrder.objects.get()
        file = attachments_of(order).get()
        address = f"/media/private/{file.reference}/"
        assert client.get(address).status_code == signed_in(agent).get(address).status_code == 200
        assert Client().get(address).status_code == with_grant(book()).get(address).status_code == 404

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"fault": ""}, "请简单说明哪里有问题"),
            ({"wishes": []}, "请至少选两个时间"),
            ({"wishes": ["2026-09-15:morning"]}, "请至少选两个时间"),
            ({"wishes": ["2026-09-11:morning", "2026-09-15:morning"]}, "已经不能选了"),
            ({"detail": ""}, "请写明上门地址"),
            ({"phone": ""}, "data-error-summary"),
            ({"phone": "12"}, "data-error-summary"),
            ({"fault": "<script>alert(1)</script>" * 400}, "data-error-summary"),
        ],
    )
    def test_what_is_missing_is_said_and_what_was_typed_stays(self, client, change, words) -> None:
        answer = client.post(NEW, form(**change))
        html = main(answer)
        assert answer.status_code == 422 and words in html and "<script>alert" not in html and RepairOrder.objects.count() == 0
        if "detail" not in change:
            assert "漕溪北路 88 号" in html

    def test_the_bot_check_holds(self, client, settings) -> None:
        settings.BOT_CHECK = True
        assert client.post(NEW, form(hearth_company="x")).status_code == 422
        assert RepairOrder.objects.count() == 0

    def test_booking_without_end_is_limited_with_words(self, client) -> None:
        answers = [client.post(NEW, form(submit_key=f"{number:020d}")).status_code for number in range(11)]
        assert answers == [302] * 10 + [429] and RepairOrder.objects.count() == 10


class TestThePage:
    """By link, by code, by account; everybody else sees the same closed door."""

    def test_the_link_lets_in_and_leaves_the_address_clean(self, client) -> None:
        order = book()
        answer = client.get(f"/zh-hans/repairs/{order.reference}/?key={order.secret}")
        assert answer["Location"] == f"/zh-hans/repairs/{order.reference}/"
        assert client.get(answer["Location"]).status_code == 200

    def test_outsiders_are_answered_alike(self, customer, other_customer, agent, signed_in) -> None:
        order, other = book(contact=customer.contacts.get()), book()
        closed = set()
        for client in (Client(), signed_in(other_customer), signed_in(agent), with_grant(other)):
            for reference in (order.reference, "R-2609-00000"):
                for path in (f"/zh-hans/repairs/{reference}/", f"/zh-hans/repairs/{reference}/?key=wrong"):
                    answer = client.get(path)
                    assert answer.status_code == 404
                    closed.add(main(answer))
                for step in ("answer", "visit", "cancel", "confirm", "back", "write"):
                    assert client.post(f"/zh-hans/repairs/{reference}/{step}/", {"reason": "x"}).status_code == 404
        assert len(closed) == 1
        assert signed_in(other_customer).get(f"/zh-hans/my/repairs/{order.reference}/").status_code == 404
        assert Client().get(f"/zh-hans/my/repairs/{order.reference}/").status_code == 302
        order.refresh_from_db()
        assert order.state == states.RECEIVED

    def test_a_link_leads_to_the_page_of_its_own_kind(self, client) -> None:
        order, ticket = book(), open_ticket()
        right = f"/zh-hans/help/{ticket.reference}/", f"/zh-hans/repairs/{order.reference}/"
        assert client.get(f"/zh-hans/repairs/{ticket.reference}/?key={ticket.secret}")["Location"] == right[0]
        assert client.get(f"/zh-hans/help/{order.reference}/?key={order.secret}")["Location"] == right[1]
        assert client.get(f"/zh-hans/repairs/{ticket.reference}/").status_code == 404
        assert client.get(f"/zh-hans/repairs/{order.reference}/?key={ticket.secret}").status_code == 404

    def test_a_new_secret_ends_the_grant(self, client) -> None:
        order = book()
        client = with_grant(order)
        RepairOrder.objects.filter(pk=order.pk).update(secret="another-secret")
        assert client.get(f"/zh-hans/repairs/{order.reference}/").status_code == 404

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    @pytest.mark.parametrize("state", sorted(states.STATES))
    def test_every_state_says_what_happens_next_first(self, supervisor, state, language) -> None:
        order = bring(book(), state, by=supervisor)
        html = main(with_grant(order).get(f"/{language}/repairs/{order.reference}/"))
        from django.utils import translation

        with translation.override(language):
            words = str(states.STATES[state].happens_next)
        assert words in html and html.index(words) < html.index('class="timeline"')
        assert 'aria-current="step"' in html or state in states.FINAL

    def test_notes_and_internal_steps_are_nowhere(self, agent) -> None:
        order = book()
        actions.add_note(order, by=agent, body="秘密的话")
        html = main(with_grant(order).get(f"/zh-hans/repairs/{order.reference}/"))
        assert "秘密的话" not in html and "写了备注" not in html

    def test_the_quote_is_answered_on_the_page(self, agent) -> None:
        order = bring(book(), states.QUOTED, by=agent)
        client = with_grant(order)
        assert "同意 ¥220" in main(client.get(f"/zh-hans/repairs/{order.reference}/"))
        address = f"/zh-hans/repairs/{order.reference}/answer/"
        assert client.post(address, {"number": 1}).status_code == 422
        assert client.post(address, {"number": 1, "answer": "approve"}).status_code == 302
        assert client.post(address, {"number": 1, "answer": "approve"}).status_code == 302
        order.refresh_from_db()
        assert order.state == states.APPROVED

    def test_a_withdrawn_quote_is_refused_with_words_on_the_page_as_it_is_now(self, agent) -> None:
        order = bring(book(), states.QUOTED, by=agent)
        client = with_grant(order)
        actions.withdraw_quote(order, by=agent, reason="写错了")
        answer = client.post(f"/zh-hans/repairs/{order.reference}/answer/", {"number": 1, "answer": "approve"})
        html = main(answer)
        assert answer.status_code == 409 and "已经撤回" in html and "已检查" in html and "同意 ¥220" not in html

    def test_the_visit_is_moved_and_cancelled_on_the_page(self, agent) -> None:
        order = bring(book(), states.SCHEDULED, by=agent)
        client, slot = with_grant(order), free_slots()[3]
        assert client.post(f"/zh-hans/repairs/{order.reference}/visit/", {"slot": "x"}).status_code == 422
        assert client.post(f"/zh-hans/repairs/{order.reference}/visit/", {"slot": slot.key}).status_code == 302
        order.refresh_from_db()
        assert (order.visit_day, order.visit_part) == (slot.day, slot.part)
        assert client.post(f"/zh-hans/repairs/{order.reference}/cancel/", {"cancel-reason": ""}).status_code == 422
        assert client.post(f"/zh-hans/repairs/{order.reference}/cancel/", {"cancel-reason": "修好了"}).status_code == 302
        order.refresh_from_db()
        assert order.state == states.CANCELLED

    def test_a_visit_that_begins_soon_is_moved_by_phone_only(self, agent, monday) -> None:
        order = bring(book(), states.SCHEDULED, by=agent)
        client = with_grant(order)
        monday.move_to(at("2026-09-15 12:00"))
        html = main(client.get(f"/zh-hans/repairs/{order.reference}/"))
        assert "这里已不能修改上门时间" in html and "取消维修" not in html

    def test_writing_sent_twice_is_once_and_shows_on_the_page(self, agent) -> None:
        order = book()
        client = with_grant(order)
        sent = {"body": "可以早点来吗", "client_key": "c" * 20, "files": SimpleUploadedFile("a.pdf", PDF)}
        for _time in range(2):
            assert (
                client.post(f"/zh-hans/repairs/{order.reference}/write/", sent | {"files": SimpleUploadedFile("a.pdf", PDF)}).status_code
                == 302
            )
        assert main(client.get(f"/zh-hans/repairs/{order.reference}/")).count("可以早点来吗") == 1
        assert client.post(f"/zh-hans/repairs/{order.reference}/write/", {"body": ""}).status_code == 422

    def test_confirmed_or_back_again(self, agent) -> None:
        works, back = bring(book(), states.RETURNED, by=agent), bring(book(), states.RETURNED, by=agent)
        assert with_grant(works).post(f"/zh-hans/repairs/{works.reference}/confirm/").status_code == 302
        assert with_grant(back).post(f"/zh-hans/repairs/{back.reference}/back/", {"back-reason": "又不排水"}).status_code == 302
        states_now = [RepairOrder.objects.get(pk=row.pk).state for row in (works, back)]
        assert states_now == [states.CLOSED, states.RECEIVED]

    def test_a_signed_in_person_with_a_guest_s_link_acts_as_that_guest(self, other_customer, agent, signed_in) -> None:
        order = bring(book(), states.QUOTED, by=agent)
        client = signed_in(other_customer)
        client.get(f"/zh-hans/repairs/{order.reference}/?key={order.secret}")
        assert client.post(f"/zh-hans/repairs/{order.reference}/answer/", {"number": 1, "answer": "decline"}).status_code == 302
        order.refresh_from_db()
        assert order.state == states.DECLINED and order.quotes.get().answered_by == str(order.contact)

    def test_pages_are_not_for_search_engines_or_caches(self, client) -> None:
        answer = with_grant(order := book()).get(f"/zh-hans/repairs/{order.reference}/")
        assert "noindex" in answer["X-Robots-Tag"] and "no-store" in answer["Cache-Control"]


class TestLookUp:
    """Number and phone, then a code; a wrong number and a wrong phone are answered alike, in the same steps."""

    PHONE = "138 0013 8002"

    def ask(self, client: Client, reference: str, address: str):
        return client.post("/zh-hans/track/", {"reference": reference, "address": address})

    def test_number_phone_and_code_open_the_repair(self, client, run_tasks) -> None:
        order = book(contact=ContactFactory(phone="+8613800138002"))
        run_tasks()
        self.ask(client, order.reference.lower().replace("-", ""), self.PHONE)
        run_tasks()
        code = re.search(r"\b\d{6}\b", str(sms.outbox[-1]).split("】", 1)[1]).group()  # type: ignore[union-attr]
        opened = client.post("/zh-hans/track/code/", {"code": code})
        assert opened["Location"] == f"/zh-hans/repairs/{order.reference}/"
        assert client.get(opened["Location"]).status_code == 200

    def test_wrong_number_and_wrong_phone_are_answered_alike_in_the_same_steps(self, run_tasks) -> None:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        order = book(contact=ContactFactory(phone="+8613800138002"))
        run_tasks()
        sms.outbox.clear()
        told = []
        for reference, address in [
            (order.reference, self.PHONE), ("R-2609-00000", self.PHONE), (order.reference, "139 0013 9009"), ("T-2609-00000", self.PHONE),
        ]:  # fmt: skip
            client = Client()
            with CaptureQueriesContext(connection) as asked:
                first = self.ask(client, reference, address)
                steps = [len(asked)]
            html = main(client.get("/zh-hans/track/code/"))
            with CaptureQueriesContext(connection) as tried:
                wrong = client.post("/zh-hans/track/code/", {"code": "000000"})
                steps.append(len(tried))
            shown = [
                re.sub(r'csrfmiddlewaretoken" value="[^"]*"|[RT]-2609-\d{5}|1\d\d\*{4}\d{4}', "", text) for text in (html, main(wrong))
            ]
            told.append((first.status_code, first["Location"], shown, wrong.status_code, steps))
        assert told[0] == told[1] == told[2] == told[3]
        run_tasks()
        assert len(sms.outbox) == 1

    def test_guessing_codes_is_stopped(self, client, run_tasks) -> None:
        order = book(contact=ContactFactory(phone="+8613800138002"))
        self.ask(client, order.reference, self.PHONE)
        answers = [client.post("/zh-hans/track/code/", {"code": f"{number:06d}"}).status_code for number in range(5)]
        assert answers == [422, 422, 422, 422, 429]


def test_the_doors_to_a_repair_are_on_the_pages(client) -> None:
    code = CodeFactory(code="E2")
    guide = make_guide(families=[code.family])
    for page, door in (
        ("/zh-hans/", f'href="{NEW}"'),
        ("/zh-hans/my/", f'href="{NEW}"'),
        ("/zh-hans/help/", f'href="{NEW}"'),
        (reverse("portal:code", args=[code.family.slug, code.code]), f"{NEW}?family={code.family.slug}&amp;code=E2"),
        (guide.url, f"{NEW}?article=guide%3A{guide.translation_key}"),
    ):
        assert door in client.get(page).content.decode(), page


def test_saved_addresses_are_offered_and_kept_as_they_are_today(customer, other_customer, signed_in) -> None:
    from accounts.actions.addresses import save_address

    values = {
        "recipient": "林晓云",
        "phone": "+8613800138000",
        "province": "上海市",
        "city": "市辖区",
        "district": "徐汇区",
        "detail": "漕溪北路 88 号",
    }
    saved = save_address(user=customer, values=values)
    foreign = save_address(user=other_customer, values=values | {"detail": "别人的家"})
    client = signed_in(customer)
    html = main(client.get(NEW))
    assert f'value="{saved.key}"' in html and "别人的家" not in html
    assert client.post(NEW, form(phone="", detail="", saved=saved.key)).status_code == 302
    assert RepairOrder.objects.get().address["detail"] == "漕溪北路 88 号" and RepairOrder.objects.get().address["recipient"] == "林晓云"
    assert client.post(NEW, form(phone="", detail="", saved=foreign.key, submit_key="y" * 20)).status_code == 422
    assert client.post(NEW, form(phone="", detail="", saved="", submit_key="y" * 20)).status_code == 422
    assert client.post(NEW, form(phone="", detail="新家 1 号", saved="", submit_key="y" * 20)).status_code == 302


def test_what_waits_for_the_member_stands_on_their_home(customer, agent, signed_in) -> None:
    order = bring(book(contact=customer.contacts.get(), model=ModelFactory()), states.QUOTED, by=agent)
    html = main(signed_in(customer).get("/zh-hans/my/"))
    assert f"/zh-hans/my/repairs/{order.reference}/" in html and "请答复我们的报价" in html
