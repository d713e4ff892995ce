"""The desk's repairs: who gets in, what is offered, what a step leaves, the list by every filter, booking from a request."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core.errors import NotFound
from core.files import accept_upload, attachments_of
from core.history import history_of
from fieldservice import states
from fieldservice.models import RepairOrder
from fieldservice.queries import Filters, free_slots, get_own_repair, get_repair_for, repairs_for, repairs_of, repairs_of_unit, to_look_at
from tests.factories.accounts import ContactFactory, StaffFactory
from tests.factories.fieldservice import OutletFactory, book, bring
from tests.factories.products import ModelFactory
from tests.factories.tickets import open_ticket

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def desk_only(roles):
    """A colleague who works at the desk and not on repairs."""
    from django.contrib.auth.models import Permission

    user = StaffFactory(name="新来的", email="new@heyan.example", role="editor")
    user.user_permissions.add(Permission.objects.get(codename="work_desk"))
    return user


def page(client: Client, order: RepairOrder) -> str:
    return client.get(reverse("repairs:detail", args=[order.reference])).content.decode()


def test_the_desk_of_repairs_opens_to_who_works_on_repairs(order, agent, customer, desk_only, signed_in) -> None:
    for address in (reverse("repairs:list"), reverse("repairs:detail", args=[order.reference]), reverse("repairs:new")):
        assert signed_in(agent).get(address).status_code == 200
        assert signed_in(customer).get(address).status_code == 403
        assert signed_in(desk_only).get(address).status_code == 403
        assert Client().get(address).status_code == 302
    assert "/desk/repairs/" not in signed_in(desk_only).get("/desk/").content.decode()


def test_the_doors_answer_alike_for_missing_and_foreign(order, guest_order, customer, other_customer, agent, desk_only) -> None:
    assert get_repair_for(agent, guest_order.reference) == guest_order
    assert get_own_repair(customer, order.reference.lower()) == order
    for person, reference in ((other_customer, order.reference), (customer, guest_order.reference), (desk_only, order.reference)):
        with pytest.raises(NotFound):
            get_repair_for(person, reference)
    with pytest.raises(NotFound):
        get_own_repair(agent, order.reference)
    assert list(repairs_of(customer)) == [order] and not repairs_of(other_customer).exists()


def test_the_household_of_a_unit_sees_its_repairs_and_decides_nothing(desk, customer, other_customer, agent) -> None:
    from django.utils import timezone

    from core.errors import NotAllowed
    from fieldservice import actions
    from products.models import Unit
    from warranty.models import HouseholdMember

    unit = Unit.objects.create(model=ModelFactory(), serial="HY24 0001", owner=customer.contacts.get())
    order = bring(book(contact=customer.contacts.get(), unit=unit), states.QUOTED, by=agent)
    assert order.coverage["unit"] == unit.code and list(repairs_of_unit(unit)) == [order]
    with pytest.raises(NotFound):
        get_own_repair(other_customer, order.reference)
    HouseholdMember.objects.create(unit=unit, user=other_customer, accepted_at=timezone.now(), expires_at=timezone.now())
    assert get_own_repair(other_customer, order.reference) == order
    with pytest.raises(NotAllowed):
        actions.approve_quote(order, number=1, by=other_customer)


@pytest.mark.parametrize("state", sorted(set(states.STATES)))
def test_only_what_the_table_allows_is_offered_with_its_inputs(guest_order, agent, supervisor, signed_in, state) -> None:
    order = bring(guest_order, state, by=supervisor)
    html = page(signed_in(agent), order)
    offered = {move.key for move in states.moves_for(state, {states.AGENT})}
    for key in set(states.MOVES) - {"quote"}:
        assert (f'id="form-{key}"' in html) == (key in offered), key
    assert ('id="form-quote"' in html) == ("quote" in offered)
    assert "form-call_off" not in html or state in states.MOVES["call_off"].sources


def test_a_step_through_the_page_moves_and_says_so(order, agent, signed_in) -> None:
    client = signed_in(agent)
    slot = free_slots()[0].key
    address = reverse("repairs:move", args=[order.reference, "schedule"])
    answer = client.post(address, {"version": order.version, "slot": slot, "engineer": "陈力"}, follow=True)
    assert "约上门" in answer.content.decode()
    order.refresh_from_db()
    assert (order.state, order.engineer) == (states.SCHEDULED, "陈力")


def test_a_missing_input_keeps_what_was_typed_and_moves_nothing(order, agent, signed_in) -> None:
    answer = signed_in(agent).post(reverse("repairs:move", args=[order.reference, "wait_for_part"]), {"part": "排水泵", "expected_on": ""})
    html = answer.content.decode()
    assert answer.status_code == 400 and 'value="排水泵"' in html and "请写明配件预计哪天到" in html
    order.refresh_from_db()
    assert order.state == states.RECEIVED


def test_the_slower_of_two_pages_is_told(order, agent, second_agent, signed_in) -> None:
    first, second = signed_in(agent), signed_in(second_agent)
    address = reverse("repairs:move", args=[order.reference, "check"])
    assert first.post(address, {"version": 0, "finding": "一"}).status_code == 302
    answer = second.post(address, {"version": 0, "finding": "二"})
    assert answer.status_code == 409 and "先一步处理了" in answer.content.decode()
    assert "<p>二</p>" in answer.content.decode()  # what the second one wrote is not lost
    assert history_of(order).filter(verb="check").count() == 1


def test_a_quote_from_the_editor_and_nonsense_amounts(order, agent, signed_in) -> None:
    client, address = signed_in(agent), reverse("repairs:quote", args=[order.reference])
    wrong = client.post(address, {"line_text": ["泵", ""], "line_amount": ["abc", ""], "days": 7, "version": 0})
    assert wrong.status_code == 400 and "金额以元为单位" in wrong.content.decode()
    right = {"line_text": ["泵", "人工", ""], "line_amount": ["168", "-20.5", ""], "days": 3, "version": 0, "explanation": "泵坏了"}
    assert client.post(address, right).status_code == 302
    assert order.quotes.get().total_fen == 14750


def test_unknown_moves_and_numbers_are_not_found(order, agent, signed_in) -> None:
    client = signed_in(agent)
    for address in (
        "/desk/repairs/R-2609-00000/",
        f"/desk/repairs/{order.reference}/move/fly/",
        f"/desk/repairs/{order.reference}/move/quote/",
    ):
        assert client.post(address).status_code in {404, 405}
    assert client.get("/desk/repairs/R-2609-00000/").status_code == 404


def test_phone_and_address_are_masked_until_asked_for_and_the_look_is_recorded(guest_order, agent, signed_in) -> None:
    client = signed_in(agent)
    html = page(client, guest_order)
    assert "漕溪北路" not in html and str(guest_order.contact.phone) not in html
    client.post(reverse("repairs:reveal", args=[guest_order.reference]))
    assert "漕溪北路" in page(client, guest_order)
    assert history_of(guest_order).filter(verb="revealed", actor=agent).count() == 1


def test_the_page_costs_the_same_with_one_and_three_messages(order, customer, agent, signed_in, django_assert_max_num_queries) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from fieldservice import actions

    client = signed_in(agent)
    page(client, order)
    counts = []
    for number in range(3):
        actions.write_message(order, by=customer, body=str(number))
        with CaptureQueriesContext(connection) as asked:
            page(client, order)
        counts.append(len(asked))
    assert counts[0] == counts[2]


class TestList:
    """Every filter, the search, and the same number of queries for one row and three."""

    def test_the_same_queries_for_one_and_three(self, order, agent, signed_in) -> None:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        client, counts = signed_in(agent), []
        client.get("/desk/repairs/")
        for number in (1, 3):
            while RepairOrder.objects.count() < number:
                book(model=ModelFactory(), outlet=OutletFactory())
            with CaptureQueriesContext(connection) as asked:
                assert client.get("/desk/repairs/").status_code == 200
            counts.append(len(asked))
        assert counts[0] == counts[1]

    def test_the_member_s_list_too(self, order, customer, signed_in) -> None:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        client, counts = signed_in(customer), []
        client.get("/zh-hans/my/repairs/")
        for number in (1, 3):
            while RepairOrder.objects.count() < number:
                book(contact=customer.contacts.get(), model=ModelFactory())
            with CaptureQueriesContext(connection) as asked:
                client.get("/zh-hans/my/repairs/")
            counts.append(len(asked))
        assert counts[0] == counts[1]

    def test_filters(self, order, guest_order, agent, desk) -> None:
        from datetime import timedelta

        outlet = OutletFactory()
        other = bring(book(model=ModelFactory(), outlet=outlet), states.QUOTED, by=agent)
        done = bring(book(), states.CANCELLED, by=agent)

        def found(**given) -> set[int]:
            return set(repairs_for(agent, filters=Filters(**given)).values_list("pk", flat=True))

        assert found() == {order.pk, guest_order.pk, other.pk}
        assert found(state="any") == {order.pk, guest_order.pk, other.pk, done.pk}
        assert (
            found(state="quoted") == found(waiting="customer") == found(outlet=outlet.key) == found(family="washing-machines") == {other.pk}
        )
        assert found(outlet="none") == found(waiting="us") == {order.pk, guest_order.pk}
        assert found(state="attention") == set() and found(state="overdue") == set()
        desk.shift(timedelta(days=3))
        assert found(state="overdue") == {order.pk, guest_order.pk}
        assert to_look_at(agent) == 2

    @pytest.mark.parametrize("typed", ["13700009999", "9999", "王小姐", "HY240001", "hy24 0001", "不排水"])
    def test_search_by_phone_name_serial_and_words(self, desk, agent, typed) -> None:
        order = book(contact=ContactFactory(name="王小姐", phone="+8613700009999"), serial_text="HY24 0001", fault="不排水")
        book(contact=ContactFactory(name="别人", phone="+8613700001111"), fault="不制冷")
        if typed == "HY240001":
            from products.models import Unit

            order.unit = Unit.objects.create(model=ModelFactory(), serial="HY24 0001")
            order.save(update_fields=["unit"])
        assert list(repairs_for(agent, search=typed)) == [order]

    def test_search_by_number_finds_finished_ones_and_strangers_find_nothing(self, order, customer, agent) -> None:
        bring(order, states.CANCELLED, by=agent)
        assert list(repairs_for(agent, search=order.reference.replace("-", "").lower())) == [order]
        assert not repairs_for(customer, search=order.reference).exists()


class TestFromATicket:
    """Booking from the ticket's page carries everything over."""

    def test_the_form_is_filled_and_the_repair_hangs_on_the_ticket(self, desk, agent, signed_in) -> None:
        model = ModelFactory()
        ticket = open_ticket(model=model, subject="显示 E2", description="过滤器清过了", serial_text="HY24 77")
        client = signed_in(agent)
        assert f"/desk/repairs/new/?ticket={ticket.reference}" in client.get(f"/desk/tickets/{ticket.reference}/").content.decode()
        html = client.get(f"/desk/repairs/new/?ticket={ticket.reference}").content.decode()
        assert model.number in html and "过滤器清过了" in html and "HY24 77" in html
        sent = {
            "ticket": ticket.reference, "language": "zh-hans", "model": model.number, "fault": "显示 E2", "detail": "漕溪北路 88 号",
            "submit_key": "s" * 20,
        }  # fmt: skip
        assert client.post("/desk/repairs/new/", sent).status_code == client.post("/desk/repairs/new/", sent).status_code == 302
        order = RepairOrder.objects.get()
        assert (order.ticket, order.contact, order.model, order.channel) == (ticket, ticket.contact, model, "ticket")
        part = client.get(reverse("repairs:of_ticket", args=[ticket.reference])).content.decode()
        assert order.reference in part

    def test_for_a_caller_an_address_to_answer_is_demanded(self, desk, agent, signed_in) -> None:
        answer = signed_in(agent).post("/desk/repairs/new/", {"language": "zh-hans", "fault": "x", "detail": "y"})
        assert answer.status_code == 400 and RepairOrder.objects.count() == 0


def test_a_new_owner_does_not_see_what_a_former_one_had_repaired(desk, customer, other_customer) -> None:
    from products.models import Unit

    unit = Unit.objects.create(model=ModelFactory(), serial="HY24 0002", owner=customer.contacts.get())
    order = book(contact=customer.contacts.get(), unit=unit)
    unit.owner = other_customer.contacts.get()
    unit.save()
    with pytest.raises(NotFound):
        get_own_repair(other_customer, order.reference)
    assert get_own_repair(customer, order.reference) == order


def test_staff_may_take_the_next_time_that_customers_are_not_offered(order, agent, signed_in) -> None:
    soon = free_slots(staff=True)[0]
    assert soon.key == "2026-09-14:afternoon" and soon not in free_slots()
    client = signed_in(agent)
    assert f'value="{soon.key}"' in page(client, order)
    assert client.post(reverse("repairs:move", args=[order.reference, "schedule"]), {"slot": soon.key}).status_code == 302
    order.refresh_from_db()
    assert order.visit_part == "afternoon"


def test_the_desk_s_message_takes_files_by_plain_form_and_by_reference(order, customer, other_customer, agent, signed_in) -> None:
    client, address = signed_in(agent), reverse("repairs:message", args=[order.reference])
    assert 'name="files"' in page(client, order) and 'name="body"' in page(client, order)
    draft = accept_upload(SimpleUploadedFile("plan.pdf", PDF), by=agent)
    sent = client.post(address, {"body": "请看附件", "attachments": [draft.reference], "files": SimpleUploadedFile("quote.pdf", PDF)})
    assert sent.status_code == 302
    files = list(attachments_of(order.messages.get()))
    assert sorted(item.original_name for item in files) == ["plan.pdf", "quote.pdf"]
    for item in files:
        link = reverse("site:private_media", args=[item.reference])
        assert signed_in(customer).get(link).status_code == 200
        assert signed_in(other_customer).get(link).status_code == Client().get(link).status_code == 404


def test_a_wrong_file_to_the_customer_is_refused_and_words_and_good_files_stay(order, agent, signed_in) -> None:
    draft = accept_upload(SimpleUploadedFile("plan.pdf", PDF), by=agent)
    data = {"body": "请看附件", "attachments": [draft.reference], "files": SimpleUploadedFile("a.pdf", b"MZ no document")}
    answer = signed_in(agent).post(reverse("repairs:message", args=[order.reference]), data)
    html = answer.content.decode()
    assert answer.status_code == 400 and "请看附件" in html and "plan.pdf" in html and draft.reference in html
    assert not order.messages.exists()
