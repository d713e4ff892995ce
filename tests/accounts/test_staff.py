"""Staff come by invitation, need a second step outside the demo, and are shut out at once when disabled."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.actions import staff
from accounts.defaults import ROLES, load_defaults
from accounts.models import Role, StaffInvitation, User
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.history import history_of
from tests.accounts.walk import LOGIN, is_signed_in, send
from tests.factories.accounts import PASSWORD, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db


def invite(admin, roles, email="new@heyan.example", **more) -> str:
    """Invite somebody and return the path of the link in the mail."""
    staff.invite_staff(by=admin, email=email, name="新同事", role=roles["agent"], **more)
    send()
    return re.search(r"/accounts/invitation/[\w-]+/", mail.outbox[-1].body).group()


def test_an_invited_colleague_chooses_a_password_and_works_at_the_desk(client, admin, roles) -> None:
    path = invite(admin, roles)
    page = client.get(path)
    assert page.status_code == 200 and "new@heyan.example" in page.content.decode()
    assert page["Referrer-Policy"] == "no-referrer"
    answer = client.post(path, {"password1": "a-Strong-one-7", "password2": "a-Strong-one-7"})
    assert answer.status_code == 302
    user = User.objects.get(email="new@heyan.example")
    assert user.is_staff and not user.is_superuser and user.has_perm("tickets.work_desk") and user.name == "新同事"
    assert EmailAddress.objects.get(user=user).verified
    answer = client.post(LOGIN, {"login": "new@heyan.example", "password": "a-Strong-one-7"})
    assert is_signed_in(client) and answer["Location"].endswith("/desk/")
    invitation = StaffInvitation.objects.get()
    assert [entry.verb for entry in history_of(invitation)] == ["invited", "accepted"] and invitation.user == user


def test_the_mail_is_in_the_language_of_the_invited(admin, roles) -> None:
    invite(admin, roles, language="en")
    assert "invitation" in mail.outbox[0].subject.lower()


def test_the_link_is_not_in_the_database(admin, roles) -> None:
    path = invite(admin, roles)
    token = path.split("/")[-2]
    from core.models import OutboundMessage

    assert token not in StaffInvitation.objects.get().token_hash
    assert token not in OutboundMessage.objects.get().body + OutboundMessage.objects.get().html


def test_the_link_works_once(client, admin, roles) -> None:
    path = invite(admin, roles)
    client.post(path, {"password1": "a-Strong-one-7", "password2": "a-Strong-one-7"})
    again = client.post(path, {"password1": "stolen-One-77", "password2": "stolen-One-77"})
    assert again.status_code == 404 and User.objects.get(email="new@heyan.example").check_password("a-Strong-one-7")


def test_old_revoked_and_made_up_links_look_alike(client, admin, roles) -> None:
    old = invite(admin, roles)
    invite(admin, roles)
    revoked = invite(admin, roles, email="other@heyan.example")
    staff.revoke_invitation(invitation=StaffInvitation.objects.get(email="other@heyan.example"), by=admin)
    answers = [client.get(path) for path in (old, revoked, "/accounts/invitation/made-up/")]
    assert {answer.status_code for answer in answers} == {404}
    texts = {re.sub(r'(nonce|content|value)="[^"]*"|/accounts/invitation/[\w-]+', "", answer.content.decode()) for answer in answers}
    assert len(texts) == 1


def test_an_expired_link_is_dead(client, admin, roles) -> None:
    path = invite(admin, roles)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert client.get(path).status_code == 404
        with pytest.raises(NotFound):
            staff.accept_invitation(token=path.split("/")[-2], password="a-Strong-one-7")
    assert not User.objects.filter(email="new@heyan.example").exists()


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"password1": "short", "password2": "short"},
        {"password1": "12345678901", "password2": "12345678901"},
        {"password1": "a-Strong-one-7", "password2": "b"},
    ],
)
def test_a_weak_or_mistyped_password_is_refused_and_the_link_still_works(client, admin, roles, data) -> None:
    path = invite(admin, roles)
    answer = client.post(path, data)
    assert answer.status_code == 200 and "error" in answer.content.decode()
    assert not User.objects.filter(email="new@heyan.example").exists() and client.get(path).status_code == 200


def test_somebody_who_only_typed_the_address_does_not_become_staff(client, admin, roles) -> None:
    squatter = UserFactory(email="new@heyan.example", phone="+8613800138555")
    path = invite(admin, roles)
    client.post(path, {"password1": "a-Strong-one-7", "password2": "a-Strong-one-7"})
    squatter.refresh_from_db()
    colleague = User.objects.get(email="new@heyan.example")
    assert colleague != squatter and not squatter.is_staff and squatter.email == ""


def test_a_customer_who_proved_the_address_becomes_staff_with_the_same_account(client, admin, roles, other_customer) -> None:
    path = invite(admin, roles, email="tom@example.com")
    client.post(path, {"password1": "a-Strong-one-7", "password2": "a-Strong-one-7"})
    other_customer.refresh_from_db()
    assert other_customer.is_staff and other_customer.name == "Tom Becker"


@pytest.mark.parametrize("who", ["agent", "supervisor", "editor", "reviewer", "customer"])
def test_only_managers_invite_disable_and_see_staff(request, who, admin, second_agent, roles, signed_in) -> None:
    person = request.getfixturevalue(who)
    for refused in (
        lambda: staff.invite_staff(by=person, email="x@heyan.example", name="X", role=roles["administrator"]),
        lambda: staff.disable_staff(user=second_agent, by=person),
        lambda: staff.enable_staff(user=second_agent, by=person),
        lambda: staff.change_roles(user=second_agent, roles=[roles["administrator"]], by=person),
        lambda: staff.reset_second_factor(user=second_agent, by=person),
    ):
        with pytest.raises(NotAllowed):
            refused()
    assert not StaffInvitation.objects.exists() and not history_of(second_agent).exists()
    client = signed_in(person)
    for path in (
        "/cms/people/staff/",
        f"/cms/people/staff/{second_agent.pk}/",
        "/cms/people/invitations/",
        "/cms/people/invitations/new/",
        "/cms/people/roles/",
    ):
        answer = client.get(path)
        assert answer.status_code in (302, 403) and "孙丽" not in answer.content.decode()


@pytest.mark.parametrize(("email", "name"), [("", "X"), ("nonsense", "X"), ("a@b.example", "  "), ("x" * 300 + "@b.example", "X")])
def test_an_invitation_without_an_address_or_a_name_is_refused(admin, roles, email, name) -> None:
    with pytest.raises(InvalidInput):
        staff.invite_staff(by=admin, email=email, name=name, role=roles["agent"])
    assert not StaffInvitation.objects.exists()


def test_who_works_here_is_not_invited_again(admin, agent, roles) -> None:
    with pytest.raises(Conflict):
        staff.invite_staff(by=admin, email=agent.email.upper(), name="X", role=roles["agent"])


def test_a_disabled_colleague_is_out_on_every_device_at_once(admin, agent, signed_in) -> None:
    first, second, colleague = signed_in(agent), signed_in(agent), signed_in(admin)
    staff.disable_staff(user=agent, by=admin, reason="left")
    for client in (first, second):
        assert not client.get("/accounts/2fa/").wsgi_request.user.is_authenticated
        assert not client.session.get("_auth_user_id")
    assert colleague.get("/accounts/2fa/").status_code == 200
    client = Client()
    client.post(LOGIN, {"login": agent.email, "password": PASSWORD})
    assert not is_signed_in(client)
    entry = history_of(agent).get()
    assert (entry.verb, entry.actor, entry.data["sessions"]) == ("disabled", admin, 2)


def test_an_enabled_colleague_signs_in_anew_and_has_the_same_roles(admin, agent, signed_in) -> None:
    old = signed_in(agent)
    staff.disable_staff(user=agent, by=admin)
    staff.enable_staff(user=agent, by=admin)
    assert not old.session.get("_auth_user_id")
    client = Client()
    client.post(LOGIN, {"login": agent.email, "password": PASSWORD})
    assert is_signed_in(client) and User.objects.get(pk=agent.pk).has_perm("tickets.work_desk")


def test_disabling_twice_is_a_conflict(admin, agent) -> None:
    staff.disable_staff(user=agent, by=admin)
    with pytest.raises(Conflict):
        staff.disable_staff(user=agent, by=admin)
    assert history_of(agent).count() == 1


def test_nobody_shuts_out_themselves_or_the_last_manager(admin) -> None:
    other = StaffFactory(email="second-admin@heyan.example", role="administrator")
    with pytest.raises(NotAllowed):
        staff.disable_staff(user=admin, by=admin)
    staff.disable_staff(user=other, by=admin)
    assert User.objects.get(pk=admin.pk).is_active


def test_roles_are_changed_as_a_whole_and_recorded(admin, agent, roles) -> None:
    staff.change_roles(user=agent, roles=[roles["supervisor"], roles["editor"]], by=admin)
    fresh = User.objects.get(pk=agent.pk)
    assert fresh.has_perm("tickets.supervise_desk") and fresh.has_perm("wagtailadmin.access_admin")
    assert history_of(agent).get().data == {"before": ["agent"], "after": ["editor", "supervisor"]}
    with pytest.raises(InvalidInput):
        staff.change_roles(user=agent, roles=[], by=admin)


def test_loading_the_roles_again_changes_nothing_people_edited(roles) -> None:
    Role.objects.filter(key="agent").update(name_en="Advisor")
    load_defaults()
    assert Role.objects.count() == len(ROLES) and Role.objects.get(key="agent").name_en == "Advisor"


@pytest.mark.parametrize(
    ("who", "may", "may_not"),
    [
        ("agent", ["tickets.work_desk"], ["tickets.supervise_desk", "wagtailadmin.access_admin", "accounts.manage_staff"]),
        ("second_line", ["tickets.work_desk", "tickets.work_second_line"], ["tickets.supervise_desk"]),
        ("supervisor", ["tickets.supervise_desk", "tickets.change_queue"], ["accounts.manage_staff"]),
        ("editor", ["wagtailadmin.access_admin", "kb.change_announcement"], ["kb.review_guide", "tickets.work_desk"]),
        ("reviewer", ["kb.review_guide"], ["tickets.work_desk"]),
        ("administrator", ["accounts.manage_staff", "tickets.supervise_desk"], []),
    ],
)
def test_each_role_may_what_its_work_needs(roles, who, may, may_not) -> None:
    person = StaffFactory(role=who)
    assert all(person.has_perm(name) for name in may)
    assert not any(person.has_perm(name) for name in may_not)


# --- the pages in the CMS -----------------------------------------------------------------------------------------------
def test_a_manager_invites_disables_and_enables_in_the_cms(admin, agent, roles, signed_in) -> None:
    client = signed_in(admin)
    listed = client.get("/cms/people/staff/").content.decode()
    assert "赵敏" in listed
    assert client.get(f"/cms/people/staff/{agent.pk}/").status_code == 200
    answer = client.post(
        "/cms/people/invitations/new/", {"name": "新同事", "email": "new@heyan.example", "role": roles["agent"].pk, "language": "zh-hans"}
    )
    assert answer.status_code == 302 and StaffInvitation.objects.count() == 1
    assert "new@heyan.example" in client.get("/cms/people/invitations/").content.decode()
    client.post(f"/cms/people/staff/{agent.pk}/", {"action": "disable"})
    agent.refresh_from_db()
    assert not agent.is_active
    client.post(f"/cms/people/staff/{agent.pk}/", {"action": "enable"})
    agent.refresh_from_db()
    assert agent.is_active
    client.post(f"/cms/people/staff/{agent.pk}/", {"action": "roles", "roles": [roles["supervisor"].pk]})
    assert User.objects.get(pk=agent.pk).has_perm("tickets.supervise_desk")
    client.post(f"/cms/people/invitations/{StaffInvitation.objects.get().pk}/revoke/")
    assert StaffInvitation.objects.get().revoked_at
    assert client.get("/cms/people/roles/").status_code == 200


def test_customers_are_not_in_the_staff_list(admin, customer, signed_in) -> None:
    client = signed_in(admin)
    assert "林晓云" not in client.get("/cms/people/staff/").content.decode()
    assert client.get(f"/cms/people/staff/{customer.pk}/").status_code == 404
    assert client.post(f"/cms/people/staff/{customer.pk}/", {"action": "disable"}).status_code == 404


def test_a_refused_invitation_keeps_what_was_typed(admin, agent, roles, signed_in) -> None:
    answer = signed_in(admin).post(
        "/cms/people/invitations/new/", {"name": "Zhao", "email": agent.email, "role": roles["agent"].pk, "language": "en"}
    )
    assert answer.status_code == 200 and agent.email in answer.content.decode() and not StaffInvitation.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_staff_list_asks_the_database_no_more_for_more_rows(admin, signed_in, rows, django_assert_max_num_queries) -> None:
    for _row in range(rows):
        StaffFactory(role="agent")
    client = signed_in(admin)
    client.get("/cms/people/staff/")
    with django_assert_max_num_queries(40):
        client.get("/cms/people/staff/")


def test_wagtail_s_own_user_forms_take_our_accounts(db, signed_in) -> None:
    root = User.objects.create_superuser(email="root@heyan.example", password=PASSWORD)
    client = signed_in(root)
    assert client.get("/cms/users/").status_code == 200
    assert client.get("/cms/users/new/").status_code == 200
    plain = UserFactory(email="", phone="+8613800138777", name="无邮箱")
    assert client.get(f"/cms/users/edit/{plain.pk}/").status_code == 200
    answer = client.post(
        f"/cms/users/edit/{plain.pk}/",
        {"handle": plain.handle, "name": "改名", "phone": "13800138777", "language": "en", "is_active": "on"},
    )
    plain.refresh_from_db()
    assert answer.status_code == 302 and plain.name == "改名"


# --- the second step ----------------------------------------------------------------------------------------------------
def test_staff_without_a_second_step_reach_only_their_account_pages(agent, signed_in, settings) -> None:
    settings.STAFF_SECOND_FACTOR = True
    client = signed_in(agent)
    for path in ("/desk/", "/cms/", "/zh-hans/", "/media/private/x/"):
        answer = client.get(path)
        assert answer.status_code == 302 and answer["Location"] == "/accounts/2fa/"
    assert client.get("/accounts/2fa/").status_code == 200 and client.get("/health/live").status_code == 200


def test_with_a_second_step_staff_go_where_they_work(agent, signed_in, settings) -> None:
    settings.STAFF_SECOND_FACTOR = True
    TOTP.activate(agent, generate_totp_secret())
    RecoveryCodes.activate(agent)
    assert signed_in(agent).get("/media/private/nothing/").status_code == 404


def test_customers_and_guests_need_no_second_step(customer, signed_in, settings, client) -> None:
    settings.STAFF_SECOND_FACTOR = True
    for visitor in (client, signed_in(customer)):
        answer = visitor.get("/media/private/nothing/")
        assert answer.status_code == 404


def test_a_manager_removes_a_lost_second_step(admin, agent) -> None:
    TOTP.activate(agent, generate_totp_secret())
    staff.reset_second_factor(user=agent, by=admin)
    assert not agent.authenticator_set.exists() and history_of(agent).get().verb == "second_factor_reset"


@pytest.mark.parametrize("path", ["/cms/login/", "/cms/"])
def test_the_cms_sends_to_the_one_sign_in_page(client, path) -> None:
    assert client.get(path, follow=True).redirect_chain[-1][0].startswith("/accounts/login/")


def test_closings_are_listed_for_managers_alone_and_carry_no_name_once_done(customer, admin, agent, signed_in) -> None:
    from accounts.actions.closing import request_closing
    from accounts.models import AccountClosing

    request_closing(user=customer)
    page = signed_in(admin).get("/cms/people/closings/").content.decode()
    assert "林晓云" in page and AccountClosing.objects.count() == 1
    assert signed_in(agent).get("/cms/people/closings/").status_code in (302, 403)
