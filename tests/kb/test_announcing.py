"""Announcements between departments and the publishing desk: submitted, returned with a reason, read, shown where they concern."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.history import history_of
from core.models import OutboundMessage
from kb import actions, announcing, queries
from kb.models import Announcement, AnnouncementRead
from portal.queries import announcements_of_guide, announcements_strip
from tests.factories.kb import AnnouncementFactory, make_guide, page_tree
from tests.factories.products import CodeFactory, FamilyFactory, ModelFactory

pytestmark = pytest.mark.django_db
State = Announcement.State


@pytest.fixture
def draft(roles, editor):
    page_tree()
    row = AnnouncementFactory(live=False, starts_at=None, author=editor, department="产品部", person="陈宇")
    row.save_revision(user=editor)
    return row


def about(model=None, family=None, **fields):
    row = AnnouncementFactory(**fields)
    row.product_models.set([model] if model else [])
    row.families.set([family] if family else [])
    row.save()
    return row


def test_a_department_hands_in_and_the_desk_publishes(draft, editor):
    announcing.submit_announcement(draft, by=editor)
    assert draft.state == State.SUBMITTED and queries.current_announcements() == []
    with pytest.raises(Conflict):
        announcing.submit_announcement(draft, by=editor)
    actions.publish_announcement(draft, by=editor)
    assert draft.state == State.CURRENT and draft.submitted_at is None
    assert [entry.verb for entry in history_of(draft)] == ["submitted", "published"]


def test_it_is_returned_with_a_reason_told_once_and_handed_in_again(draft, editor, supervisor, run_tasks):
    announcing.submit_announcement(draft, by=editor)
    announcing.return_announcement(draft, by=supervisor, reason="批次号写全")
    assert draft.state == State.RETURNED and draft.returned_reason == "批次号写全"
    run_tasks()
    run_tasks()
    assert OutboundMessage.objects.filter(template="kb/announcement_returned", address=editor.email).count() == 1
    announcing.submit_announcement(draft, by=editor)
    assert draft.state == State.SUBMITTED and draft.returned_reason == ""


def test_refusals_change_nothing(draft, editor, supervisor, agent, customer):
    for act, error in (
        (lambda: announcing.submit_announcement(draft, by=agent), NotAllowed),
        (lambda: announcing.return_announcement(draft, by=supervisor, reason="x"), Conflict),
        (lambda: announcing.acknowledge(draft, by=agent), NotFound),
        (lambda: announcing.acknowledge(AnnouncementFactory(), by=customer), NotAllowed),
    ):
        with pytest.raises(error):
            act()
    announcing.submit_announcement(draft, by=editor)
    for by, reason, error in ((agent, "x", NotAllowed), (supervisor, " ", InvalidInput)):
        with pytest.raises(error):
            announcing.return_announcement(draft, by=by, reason=reason)
    assert draft.state == State.SUBMITTED and not AnnouncementRead.objects.exists()
    nameless = AnnouncementFactory(live=False, starts_at=None)
    nameless.save_revision()
    with pytest.raises(InvalidInput):
        announcing.submit_announcement(nameless, by=editor)


def test_what_is_not_published_is_nobody_s_to_read(draft, editor, agent):
    for step in (None, "submitted", "returned"):
        if step == "submitted":
            announcing.submit_announcement(draft, by=editor)
        if step == "returned":
            announcing.return_announcement(draft, by=editor, reason="x")
        assert queries.get_announcement_for(agent, draft.reference) is None
        assert queries.get_announcement_for(AnonymousUser(), draft.reference) is None


def test_an_announcement_in_one_language_is_not_shown_in_the_other():
    both, chinese = AnnouncementFactory(), AnnouncementFactory(language="zh-hans")
    assert {row.pk for row in queries.current_announcements(language="zh-hans")} == {both.pk, chinese.pk}
    assert [row.pk for row in queries.current_announcements(language="en")] == [both.pk]


def test_outlets_and_staff_read_what_customers_never_see(agent, customer, client):
    row = AnnouncementFactory(audience="outlets")
    assert row in queries.in_force(audience="staff") and row not in queries.in_force(audience="members")
    for person in (AnonymousUser(), customer):
        assert queries.get_announcement_for(person, row.reference) is None
    assert queries.get_announcement_for(agent, row.reference) == row
    assert client.get(reverse("portal:announcement", args=[row.reference])).status_code == 404


@pytest.mark.parametrize(("severity", "stays"), [("recall", True), ("incident", True), ("careful", False), ("info", False)])
def test_recalls_and_incidents_cannot_be_closed(client, severity, stays):
    page_tree()
    AnnouncementFactory(severity=severity)
    html = client.get("/zh-hans/").content.decode()
    strip = html[html.index('<aside class="strip') :].split("</aside>")[0]
    assert ("data-dismiss" not in strip) is stays and ('class="close"' not in strip) is stays


def test_it_is_shown_wherever_it_concerns_the_product(client, db):
    page_tree()
    model = ModelFactory(number="WF10-320", slug="wf10-320")
    code = CodeFactory(family=model.family, code="E2")
    guide = make_guide(families=[model.family], models=[model])
    other = FamilyFactory(slug="refrigerators")
    row = about(family=model.family, title_zh_hans="排水泵批次检查")
    about(family=other, title_zh_hans="冰箱门封更换")
    chat = reverse("chat:start") + "?leave=1&"
    for address in (
        reverse("portal:get_help") + f"?product={model.slug}",
        reverse("portal:get_help") + f"?family={model.family.slug}",
        chat + f"product={model.slug}",
        reverse("portal:code", args=[model.family.slug, code.code_normal.lower()]),
        reverse("portal:model", args=[model.family.slug, model.slug]),
        guide.url,
    ):
        html = client.get(address, follow=True).content.decode()
        main = html.split("<main", 1)[-1]
        assert reverse("portal:announcement", args=[row.reference]) in main, address
        assert "冰箱门封更换" not in main, address


def test_a_conversation_shows_what_concerns_its_machine(db):
    from portal.chat_visitor import announcements_of
    from tests.factories.chat import start_chat

    model = ModelFactory()
    row = about(model=model)
    about(family=FamilyFactory(slug="refrigerators"))
    assert announcements_of(start_chat(model=model, family=model.family)) == [row]
    assert announcements_of(start_chat(visitor_key="other")) == []


def test_a_kept_guide_follows_the_clock_of_its_announcements(db):
    model = ModelFactory()
    guide = make_guide(models=[model])
    start = timezone.now() + timedelta(seconds=20)
    about(model=model, starts_at=start, ends_at=start + timedelta(seconds=20))
    assert announcements_of_guide(guide) == []
    with CaptureQueriesContext(connection) as captured:
        announcements_of_guide(guide)
    assert len(captured) == 0
    with time_machine.travel(start + timedelta(seconds=5)):
        assert len(announcements_of_guide(guide)) == 1
    with time_machine.travel(start + timedelta(seconds=25)):
        assert announcements_of_guide(guide) == []


def test_the_strip_shows_the_recall_before_the_incident_and_the_notice(rf):
    for severity in ("info", "incident", "recall"):
        AnnouncementFactory(severity=severity)
    request = rf.get("/")
    assert [row["severity"] for row in announcements_strip(request)] == ["recall"]


# --- the desk


def test_colleagues_confirm_that_they_have_read_it(client, agent, supervisor, roles):
    page_tree()
    row = AnnouncementFactory(audience="staff", department="产品部", person="陈宇")
    client.force_login(agent)
    html = client.get(reverse("desk_announcements:list")).content.decode()
    assert row.title_zh_hans in html and "未读" in html
    page = client.get(reverse("desk_announcements:one", args=[row.reference])).content.decode()
    assert "产品部" in page and "陈宇" in page and "我已阅读" in page
    for _twice in range(2):
        client.post(reverse("desk_announcements:read", args=[row.reference]))
    assert AnnouncementRead.objects.get().user == agent and [entry.verb for entry in history_of(row)] == ["read"]
    assert "未读" not in client.get(reverse("desk_announcements:list")).content.decode()
    client.force_login(supervisor)
    assert str(agent) in client.get(reverse("desk_announcements:one", args=[row.reference])).content.decode()


def test_withdrawn_and_archived_ones_are_found_by_staff_only(client, draft, editor, agent, customer):
    actions.publish_announcement(draft, by=editor)
    actions.withdraw_announcement(draft, by=editor, reason="批次有误")
    over = AnnouncementFactory(archived_at=timezone.now(), title_zh_hans="旧通知")
    client.force_login(agent)
    address = reverse("desk_announcements:list")
    found = client.get(address, {"view": "withdrawn", "q": "产品部"}).content.decode()
    assert draft.title_zh_hans in found
    assert draft.title_zh_hans not in client.get(address, {"view": "withdrawn", "q": "没有这个词"}).content.decode()
    assert over.title_zh_hans in client.get(address, {"view": "archived"}).content.decode()
    assert "批次有误" in client.get(reverse("desk_announcements:one", args=[draft.reference])).content.decode()
    assert client.post(reverse("desk_announcements:read", args=[draft.reference])).status_code == 404
    for person in (None, customer):
        client.logout() if person is None else client.force_login(person)
        assert client.get(address).status_code in {302, 403}
        assert client.get(reverse("portal:announcement", args=[draft.reference])).status_code == 404


def test_the_desk_s_list_asks_as_much_for_three_as_for_one(client, agent):
    page_tree()
    client.force_login(agent)
    counts = []
    for number in (1, 2):
        AnnouncementFactory.create_batch(number, audience="staff")
        client.get(reverse("desk_announcements:list"))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("desk_announcements:list"))
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_writers_hand_in_and_publishers_return_in_the_cms(client, draft, editor):
    client.force_login(editor)
    namespace = Announcement.snippet_viewset.get_admin_url_namespace()
    html = client.get(reverse(f"{namespace}:edit", args=[draft.pk])).content.decode()
    assert reverse(f"{namespace}:submit", args=[draft.pk]) in html
    client.post(reverse(f"{namespace}:submit", args=[draft.pk]))
    draft.refresh_from_db()
    assert draft.state == State.SUBMITTED
    client.post(reverse(f"{namespace}:return", args=[draft.pk]), {"reason": "批次号写全"})
    draft.refresh_from_db()
    assert draft.state == State.RETURNED


def test_department_and_list_are_read_in_the_reader_s_language(client, draft, editor):
    AnnouncementFactory(reference="A-dept", department="产品安全部", department_en="Product safety")
    assert "产品安全部" in client.get(reverse("portal:announcement", args=["A-dept"])).content.decode()
    with translation.override("en"):
        seen = client.get(reverse("portal:announcement", args=["A-dept"])).content.decode()
    assert "Product safety" in seen and "产品安全部" not in seen
    editor.language = "en"
    editor.save()
    client.force_login(editor)
    client.cookies["hearth_language"] = "en"
    listed = client.get(reverse("wagtailsnippets_kb_announcement:list")).content.decode()
    assert [draft.title_en in listed, "Title (Chinese)" in listed, "已更新" in listed] == [True, False, False]
