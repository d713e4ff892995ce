"""Registrations, claims, household, transfer: each action with its refusals, its step, its news."""

import threading
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.files import accept_upload
from core.history import history_of
from core.models import OutboundMessage, TaskAttempt
from products.models import Unit
from tests.factories.accounts import MemberFactory, StaffFactory
from tests.factories.products import ModelFactory
from tests.factories.warranty import SerialRuleFactory, TermFactory, UnitFactory, owned_unit
from tests.portal.test_units import picture
from warranty import privacy
from warranty.actions import ownership, reminders
from warranty.actions.registration import answer_claim, register, resubmit, withdraw
from warranty.actions.review import approve, refuse, return_to_customer
from warranty.lookup import Found, look_up
from warranty.models import HouseholdMember, ReturnReason, WarrantyCertificate, WarrantyRegistration, WarrantyReminder, WarrantySettings

pytestmark = pytest.mark.django_db
BOUGHT = date(2024, 4, 20)
SERIAL = "HY24 0331 80 0652"


@pytest.fixture(autouse=True)
def maker(db):
    WarrantySettings.load()
    TermFactory()
    model = ModelFactory(number="WF10-320", launched_on=date(2023, 9, 12))
    SerialRuleFactory(family=model.family)
    return model


@pytest.fixture
def shipped(maker):
    return UnitFactory(model=maker, serial=SERIAL)


def proof(user) -> list[str]:
    return [accept_upload(SimpleUploadedFile("r.jpg", picture(), content_type="image/jpeg"), by=user).reference]


def registered(user, **more):
    return register(user=user, serial=SERIAL, purchased_on=BOUGHT, **more)


def claimed(user):
    return register(user=user, serial=SERIAL, purchased_on=date(2025, 1, 1), claim=True, attachments=proof(user))


def verbs(row) -> list[str]:
    return [entry.verb for entry in history_of(row)]


def news() -> list[str]:
    return sorted(path.rsplit(".", 1)[-1] for path in TaskAttempt.objects.values_list("path", flat=True) if path.startswith("warranty."))


# --- registering --------------------------------------------------------------------------------------------------


def test_a_registration_leaves_steps_and_news_and_the_customer_is_told(customer, shipped, run_tasks):
    row = registered(customer)
    assert (verbs(row), verbs(row.unit), news()) == (["submitted"], ["registered"], ["tell_registered"])
    run_tasks()
    message = OutboundMessage.objects.get()
    assert message.template == "warranty/registered"
    assert row.reference in message.body
    assert SERIAL not in message.body


def test_who_registers_first_has_it_and_the_second_must_claim(customer, other_customer, shipped):
    registered(customer)
    with pytest.raises(InvalidInput) as refusal:
        registered(other_customer)
    assert refusal.value.code == "taken"
    assert WarrantyRegistration.objects.count() == 1


def test_one_s_own_machine_is_not_registered_twice(customer, shipped):
    registered(customer)
    with pytest.raises(InvalidInput) as refusal:
        registered(customer)
    assert refusal.value.code == "mine"


def test_known_numbers_with_a_plausible_date_pass_at_once_where_the_maker_says_so(customer, shipped, maker):
    settings = WarrantySettings.load()
    settings.auto_approve = WarrantySettings.AutoApprove.KNOWN
    settings.save()
    row = registered(customer)
    assert (row.state, row.decided_by) == ("approved", None)
    UnitFactory(model=maker, serial="HY24 0331 80 0653")
    late = register(user=customer, serial="HY24 0331 80 0653", purchased_on=date(2026, 11, 1))
    assert late.state == "submitted"


def test_a_withdrawn_registration_frees_the_machine(customer, shipped):
    row = withdraw(registered(customer), user=customer)
    shipped.refresh_from_db()
    assert (row.state, shipped.owner, verbs(row)) == ("withdrawn", None, ["submitted", "withdrawn"])
    assert look_up(SERIAL).found is Found.FREE
    with pytest.raises(Conflict):
        withdraw(row, user=customer)


def test_nobody_withdraws_or_corrects_what_is_another_s(customer, other_customer, agent, shipped):
    row = registered(customer)
    return_to_customer(row, by=agent, text="Date?")
    for stranger in (other_customer, agent):
        with pytest.raises(NotAllowed):
            withdraw(row, user=stranger)
        with pytest.raises(NotAllowed):
            resubmit(row, user=stranger, purchased_on=BOUGHT)
    row.refresh_from_db()
    assert row.state == "returned"


def test_only_a_returned_registration_is_sent_again(customer, agent, shipped):
    row = registered(customer)
    with pytest.raises(Conflict):
        resubmit(row, user=customer, purchased_on=BOUGHT)
    return_to_customer(row, by=agent, text="Date?")
    again = resubmit(row, user=customer, purchased_on=date(2024, 4, 21), attachments=proof(customer))
    assert (again.state, again.purchased_on, again.decided_by) == ("submitted", date(2024, 4, 21), None)
    assert verbs(row) == ["submitted", "returned", "resubmitted"]


# --- deciding ----------------------------------------------------------------------------------------------------------


def test_approving_sets_the_day_that_counts_and_tells_the_customer(customer, agent, shipped, run_tasks):
    row = approve(registered(customer), by=agent)
    row.unit.refresh_from_db()
    assert (row.unit.purchased_on, row.unit.owner.user) == (BOUGHT, customer)
    run_tasks()
    assert "2025年4月20日" in OutboundMessage.objects.get(template="warranty/approved").body


def test_those_without_the_permission_decide_nothing(customer, editor, shipped):
    row = registered(customer)
    reason = ReturnReason.objects.create(key="x", name_zh_hans="x", name_en="x", text_zh_hans="x", text_en="x")
    for act in (
        lambda: approve(row, by=customer),
        lambda: approve(row, by=editor),
        lambda: return_to_customer(row, by=editor, reason=reason),
        lambda: refuse(row, by=customer, text="x"),
    ):
        with pytest.raises(NotAllowed):
            act()
    row.refresh_from_db()
    assert row.state == "submitted"


def test_a_return_carries_words_in_the_customer_s_language(other_customer, agent, shipped, run_tasks):
    reason = ReturnReason.objects.create(key="x", name_zh_hans="日期", name_en="Date", text_zh_hans="看不清", text_en="Cannot be read.")
    return_to_customer(registered(other_customer), by=agent, reason=reason, text="Page two.")
    run_tasks()
    body = OutboundMessage.objects.get(template="warranty/returned").body
    assert "Cannot be read. Page two." in body
    assert "看不清" not in body


def test_a_second_decision_is_refused_and_changes_nothing(customer, agent, second_agent, shipped):
    row = approve(registered(customer), by=agent)
    for act in (lambda: approve(row, by=second_agent), lambda: return_to_customer(row, by=second_agent, text="x")):
        with pytest.raises(Conflict) as refusal:
            act()
        assert refusal.value.code == "decided"
    assert verbs(row).count("approved") == 1


def test_first_registrations_are_returned_never_refused(customer, agent, shipped):
    row = registered(customer)
    with pytest.raises(Conflict):
        refuse(row, by=agent, text="no")
    assert row.state == "submitted"


# --- claims ---------------------------------------------------------------------------------------------------------------


def test_a_claim_asks_the_owner_and_names_nobody(customer, other_customer, agent, shipped, run_tasks):
    approve(registered(customer), by=agent)
    claimed(other_customer)
    run_tasks()
    asked = OutboundMessage.objects.get(template="warranty/claim_asked")
    told = OutboundMessage.objects.get(template="warranty/claimed")
    assert (asked.address, told.address) == ("+8613800138000", "tom@example.com")
    assert "Tom" not in asked.body
    assert "林晓云" not in told.body


def test_an_approved_claim_moves_the_machine_and_keeps_its_warranty(customer, other_customer, agent, shipped, run_tasks):
    approve(registered(customer), by=agent)
    certificate = ownership.issue_certificate(shipped, by=customer)
    ownership.invite_to_household(shipped, by=customer, address="kid@example.com")
    row = claimed(other_customer)
    answer_claim(row, user=customer, agrees=True)
    approve(row, by=agent)
    shipped.refresh_from_db()
    certificate.refresh_from_db()
    assert (shipped.owner.user, shipped.purchased_on) == (other_customer, BOUGHT)
    assert certificate.revoked_at is not None
    assert shipped.household.filter(removed_at__isnull=True).count() == 0
    run_tasks()
    assert OutboundMessage.objects.filter(template="warranty/handed_over", address="+8613800138000").exists()


def test_an_objection_has_to_be_answered_in_writing(customer, other_customer, agent, shipped):
    approve(registered(customer), by=agent)
    row = claimed(other_customer)
    answer_claim(row, user=customer, agrees=False)
    with pytest.raises(InvalidInput) as refusal:
        approve(row, by=agent)
    assert refusal.value.code == "note_wanted"
    shipped.refresh_from_db()
    assert shipped.owner.user == customer
    assert approve(row, by=agent, note="Invoice shows the serial.").state == "approved"


def test_only_the_present_owner_answers_a_claim_and_only_while_it_is_open(customer, other_customer, agent, shipped):
    approve(registered(customer), by=agent)
    row = claimed(other_customer)
    for stranger in (other_customer, agent):
        with pytest.raises(NotAllowed):
            answer_claim(row, user=stranger, agrees=True)
    refuse(row, by=agent, text="The receipt is of another machine.")
    with pytest.raises(Conflict):
        answer_claim(row, user=customer, agrees=True)
    shipped.refresh_from_db()
    assert shipped.owner.user == customer


def test_a_claim_without_proof_is_refused(customer, other_customer, shipped):
    registered(customer)
    with pytest.raises(InvalidInput) as refusal:
        register(user=other_customer, serial=SERIAL, purchased_on=BOUGHT, claim=True)
    assert refusal.value.code == "proof_wanted"
    assert WarrantyRegistration.objects.count() == 1


# --- household and transfer ---------------------------------------------------------------------------------------------------


def test_an_invitation_is_for_the_owner_to_give_and_has_a_limit(customer, other_customer, maker):
    unit = owned_unit(customer, model=maker)
    with pytest.raises(NotAllowed):
        ownership.invite_to_household(unit, by=other_customer, address="x@example.com")
    for wrong in ("", "nobody", "12", "a@b"):
        with pytest.raises(InvalidInput):
            ownership.invite_to_household(unit, by=customer, address=wrong)
    for number in range(6):
        ownership.invite_to_household(unit, by=customer, address=f"p{number}@example.com")
    with pytest.raises(InvalidInput) as refusal:
        ownership.invite_to_household(unit, by=customer, address="p7@example.com")
    assert refusal.value.code == "too_many"
    assert HouseholdMember.objects.count() == 6


def test_an_invitation_is_used_once_and_in_time(customer, other_customer, maker):
    unit = owned_unit(customer, model=maker)
    place, code = ownership.invite_to_household(unit, by=customer, address="tom@example.com")
    with pytest.raises(NotFound):
        ownership.join_household(code="AAAAA-BBBBB", user=other_customer)
    with pytest.raises(InvalidInput):
        ownership.join_household(code=code, user=customer)
    HouseholdMember.objects.filter(pk=place.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(NotFound):
        ownership.join_household(code=code, user=other_customer)
    HouseholdMember.objects.filter(pk=place.pk).update(expires_at=timezone.now() + timedelta(days=1))
    assert ownership.join_household(code=code, user=other_customer) == unit
    assert ownership.join_household(code=code, user=other_customer) == unit
    with pytest.raises(NotFound):
        ownership.join_household(code=code, user=MemberFactory(phone=None, email="third@example.com"))
    assert "household_joined" in verbs(unit)


def test_members_leave_and_owners_remove_but_members_remove_nobody(customer, other_customer, maker):
    unit = owned_unit(customer, model=maker)
    place, code = ownership.invite_to_household(unit, by=customer, address="tom@example.com")
    ownership.join_household(code=code, user=other_customer)
    stranger = MemberFactory(phone=None, email="third@example.com")
    with pytest.raises(NotAllowed):
        ownership.leave_household(place, by=stranger)
    ownership.leave_household(place, by=other_customer)
    place.refresh_from_db()
    assert place.removed_at is not None


def test_a_transfer_is_the_owner_s_alone_and_there_is_one_at_a_time(customer, other_customer, maker):
    unit = owned_unit(customer, model=maker)
    with pytest.raises(NotAllowed):
        ownership.start_transfer(unit, by=other_customer)
    _transfer, code = ownership.start_transfer(unit, by=customer)
    with pytest.raises(Conflict):
        ownership.start_transfer(unit, by=customer)
    with pytest.raises(InvalidInput):
        ownership.accept_transfer(code=code, user=customer)
    ownership.cancel_transfer(unit, by=customer)
    with pytest.raises(NotFound):
        ownership.accept_transfer(code=code, user=other_customer)
    unit.refresh_from_db()
    assert unit.owner.user == customer


def test_no_transfer_while_the_registration_is_open(customer, shipped):
    registered(customer)
    with pytest.raises(Conflict) as refusal:
        ownership.start_transfer(shipped, by=customer)
    assert refusal.value.code == "still_open"


def test_both_sides_of_a_transfer_are_told_without_names(customer, other_customer, maker, run_tasks):
    unit = owned_unit(customer, model=maker)
    _transfer, code = ownership.start_transfer(unit, by=customer)
    ownership.accept_transfer(code=code, user=other_customer)
    run_tasks()
    given = OutboundMessage.objects.get(template="warranty/given")
    taken = OutboundMessage.objects.get(template="warranty/taken")
    assert "Tom" not in given.body
    assert "林晓云" not in taken.body
    assert verbs(unit) == ["transfer_started", "handed_over", "customer_told", "customer_told"]


# --- reminders --------------------------------------------------------------------------------------------------------------------


def test_a_reminder_goes_once_and_only_to_those_who_want_it(customer, other_customer, maker):
    from accounts.models import NoticeChoice

    mine, theirs = owned_unit(customer, model=maker), owned_unit(other_customer, model=maker)
    NoticeChoice.objects.create(user=other_customer, topic="reminders", channel="mail", wanted=True)
    near = date(2025, 2, 20)
    assert reminders.remind(today=date(2025, 1, 1)) == 0
    assert reminders.remind(today=near) == 1
    assert reminders.remind(today=near + timedelta(days=1)) == 0
    assert OutboundMessage.objects.get(template="warranty/expiring").address == "tom@example.com"
    assert [row.unit for row in WarrantyReminder.objects.all()] == [theirs]
    assert mine.reminders.count() == 0


# --- privacy -----------------------------------------------------------------------------------------------------------------------


def test_the_copy_of_one_s_data_holds_registrations_and_receipts(customer, shipped):
    row = registered(customer, attachments=proof(customer), dealer="Shop")
    copy = privacy.export(customer)
    assert copy["registrations"][0]["reference"] == row.reference
    assert copy["registrations"][0]["dealer"] == "Shop"
    assert len(privacy.files(customer)) == 1
    assert privacy.open_cases(customer)[0]["reference"] == row.reference


def test_closing_an_account_empties_and_a_second_time_changes_nothing(customer, other_customer, maker, shipped):
    row = registered(customer, attachments=proof(customer), dealer="Shop")
    owned = owned_unit(customer, model=maker, serial="HY24 0331 80 0777")
    ownership.invite_to_household(owned, by=customer, address="kid@example.com")
    ownership.issue_certificate(owned, by=customer)
    first = privacy.anonymise(customer, now=timezone.now())
    row.refresh_from_db()
    assert (row.state, row.dealer, row.serial_typed) == ("withdrawn", "", "")
    assert (first["files"], first["households"], first["certificates"]) == (1, 1, 1)
    assert WarrantyCertificate.objects.filter(revoked_at__isnull=True).count() == 0
    assert not any(privacy.anonymise(customer, now=timezone.now()).values())


# --- races on a real server -----------------------------------------------------------------------------------------------------------


def _both(*acts):
    """Run the acts at the same time on connections of their own; return what each answered or raised."""
    results: list[object] = [None] * len(acts)
    barrier = threading.Barrier(len(acts))

    def run(place: int) -> None:
        try:
            barrier.wait(timeout=10)
            results[place] = acts[place]()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_at_once_one_wins(roles):
    customer = MemberFactory(phone="+8613800138000", email="")
    first, second = StaffFactory(email="a@heyan.example"), StaffFactory(email="b@heyan.example")
    model = ModelFactory(number="WF10-330")
    UnitFactory(model=model, serial=SERIAL)
    row = registered(customer)
    results = _both(lambda: approve(row, by=first), lambda: return_to_customer(row, by=second, text="x"))
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "WarrantyRegistration"]
    assert len([verb for verb in verbs(row) if verb in {"approved", "returned"}]) == 1


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_of_two_customers_at_once_one_has_the_machine(roles):
    people = [MemberFactory(), MemberFactory()]
    model = ModelFactory(number="WF10-331")
    SerialRuleFactory(family=model.family)
    results = _both(
        *[lambda user=user: register(user=user, serial="HY24 0331 80 9999", model=model, purchased_on=BOUGHT) for user in people]
    )
    assert sorted(type(result).__name__ for result in results) == ["InvalidInput", "WarrantyRegistration"]
    assert Unit.objects.filter(serial_normal="HY24033180" + "9999").count() == 1


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_once_is_one_registration(roles):
    customer = MemberFactory()
    model = ModelFactory(number="WF10-332")
    UnitFactory(model=model, serial=SERIAL)
    results = _both(*[lambda: registered(customer, submit_key="k" * 24)] * 2)
    assert WarrantyRegistration.objects.count() == 1
    assert {getattr(result, "pk", None) or getattr(result, "code", None) for result in results} <= {
        WarrantyRegistration.objects.get().pk,
        "mine",
    }
