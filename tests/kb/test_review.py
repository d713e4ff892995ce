"""The editorial workflow: an editor submits, somebody else approves; never the author, whichever way they try."""

import pytest
from django.urls import reverse
from wagtail.models import Task, TaskState, WorkflowPage
from wagtail.test.utils.form_data import nested_form_data, streamfield

from core.errors import NotAllowed
from kb.defaults import SAFETY_TASK
from kb.models import GuidePage, ReviewTask, SafetyNote, SafetyReviewTask
from kb.models.workflow import needs_safety_review
from tests.factories.accounts import StaffFactory
from tests.factories.kb import AnnouncementFactory, approve, items, make_guide, page_tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree(roles):
    return page_tree()


def edited(guide, **fields):
    """What the editor's form sends: the guide with a body of one paragraph."""
    data = {
        "title": guide.title,
        "slug": guide.slug,
        "kind": "guide",
        "summary": guide.summary,
        "significance": "minor",
        "body": streamfield([]),
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
        "comments-MIN_NUM_FORMS": "0",
        "comments-MAX_NUM_FORMS": "1000",
        **fields,
    }
    return nested_form_data(data)


@pytest.fixture
def submitted(tree, editor):
    guide = make_guide(live=False, by=editor, slug="drain")
    guide.get_workflow().start(guide, editor)
    return GuidePage.objects.get(pk=guide.pk)


def test_guides_are_reviewed_by_the_shipped_workflow(submitted):
    assert submitted.workflow_in_progress
    assert submitted.current_workflow_task.specific.__class__.__name__ == "ReviewTask"


def test_it_is_live_when_both_reviewers_have_approved(submitted, reviewer, safety_reviewer):
    task = submitted.current_workflow_task.specific
    assert "approve" in [name for name, *_rest in task.get_actions(submitted, reviewer)]
    assert not task.get_actions(submitted, safety_reviewer)
    guide = approve(submitted, reviewer)
    assert not guide.live and isinstance(guide.current_workflow_task.specific, SafetyReviewTask)
    assert not guide.current_workflow_task.specific.get_actions(guide, reviewer)
    assert approve(guide, safety_reviewer).live


def harmless(by, **fields):
    guide = make_guide(live=False, by=by, body=[{"type": "paragraph", "value": {"title": "", "text": "<p>按一下就好。</p>"}}], **fields)
    guide.get_workflow().start(guide, by)
    return GuidePage.objects.get(pk=guide.pk)


def test_without_warnings_a_small_change_needs_no_safety_review(tree, editor, reviewer):
    guide = approve(harmless(editor), reviewer)
    assert guide.live
    assert TaskState.objects.get(task__in=Task.objects.filter(name=SAFETY_TASK)).status == TaskState.STATUS_SKIPPED


@pytest.mark.parametrize(
    "block",
    [
        {"type": "warning", "value": {"level": "caution", "title": "", "text": "<p>小心。</p>"}},
        {"type": "stop", "value": {"text": "<p>有焦味就停。</p>"}},
        {"type": "steps", "value": {"title": "", "steps": items([{"title": "拧下", "text": "", "warning": "水可能烫。"}])}},
    ],
)
def test_every_kind_of_warning_leads_to_the_safety_reviewers(tree, editor, reviewer, block):
    guide = make_guide(live=False, by=editor, body=[block])
    guide.get_workflow().start(guide, editor)
    assert not approve(guide, reviewer).live


def test_a_major_change_is_seen_by_the_safety_reviewers_whatever_is_in_it(tree, editor, reviewer, safety_reviewer):
    guide = approve(harmless(editor, significance="major"), reviewer)
    assert not guide.live
    assert approve(guide, safety_reviewer).live


def test_the_safety_review_can_be_asked_of_every_text(tree, editor, reviewer):
    SafetyReviewTask.objects.update(when=SafetyReviewTask.When.ALWAYS)
    assert not approve(harmless(editor), reviewer).live


def test_the_author_cannot_pass_the_safety_review_either(tree, safety_reviewer, reviewer):
    guide = make_guide(live=False, by=safety_reviewer)
    guide.get_workflow().start(guide, safety_reviewer)
    guide = approve(guide, reviewer)
    with pytest.raises(NotAllowed):
        approve(guide, safety_reviewer)
    guide.refresh_from_db()
    assert not guide.live and guide.workflow_in_progress


def test_the_safety_reviewers_can_send_it_back(submitted, reviewer, safety_reviewer):
    guide = approve(submitted, reviewer)
    guide.current_workflow_task.specific.on_action(guide.current_workflow_task_state, safety_reviewer, "reject", comment="先断电")
    guide.refresh_from_db()
    assert not guide.live and guide.current_workflow_state.status == "needs_changes"


def test_a_safety_note_and_a_recall_always_pass_the_safety_review_and_plain_news_do_not(tree):
    assert SafetyNote(title="先断电", text="<p>…</p>").needs_safety_review()
    assert AnnouncementFactory.build(severity="recall").needs_safety_review()
    assert not AnnouncementFactory.build(severity="info").needs_safety_review()


def test_what_does_not_say_whether_it_is_dangerous_is_looked_at():
    assert needs_safety_review(object())


def test_the_author_is_not_offered_to_approve_even_as_a_reviewer(tree, reviewer):
    guide = make_guide(live=False, by=reviewer)
    guide.get_workflow().start(guide, reviewer)
    guide = GuidePage.objects.get(pk=guide.pk)
    task = guide.current_workflow_task.specific
    assert "approve" not in [name for name, *_rest in task.get_actions(guide, reviewer)]
    with pytest.raises(NotAllowed):
        task.on_action(guide.current_workflow_task_state, reviewer, "approve")
    guide.refresh_from_db()
    assert not guide.live and guide.workflow_in_progress


def test_an_administrator_who_wrote_it_is_refused_too(tree, admin):
    guide = make_guide(live=False, by=admin)
    guide.get_workflow().start(guide, admin)
    guide = GuidePage.objects.get(pk=guide.pk)
    with pytest.raises(NotAllowed):
        guide.current_workflow_task.specific.on_action(guide.current_workflow_task_state, admin, "approve")


def test_whoever_changes_it_during_the_review_cannot_approve_it(submitted, reviewer):
    submitted.title = "改过的标题"
    submitted.save_revision(user=reviewer)
    submitted = GuidePage.objects.get(pk=submitted.pk)
    with pytest.raises(NotAllowed):
        submitted.current_workflow_task.specific.on_action(submitted.current_workflow_task_state, reviewer, "approve")


def test_a_reviewer_can_ask_for_changes(submitted, reviewer):
    submitted.current_workflow_task.specific.on_action(submitted.current_workflow_task_state, reviewer, "reject", comment="缺图")
    submitted.refresh_from_db()
    assert not submitted.live
    assert submitted.current_workflow_state.status == "needs_changes"


def test_a_post_of_the_author_in_the_cms_is_refused_without_a_server_error(client, tree, reviewer):
    guide = make_guide(live=False, by=reviewer)
    guide.get_workflow().start(guide, reviewer)
    guide = GuidePage.objects.get(pk=guide.pk)
    client.force_login(reviewer)
    url = reverse("wagtailadmin_pages:workflow_action", args=[guide.pk, "approve", guide.current_workflow_task_state.pk])
    answer = client.post(url, {"comment": ""})
    assert answer.status_code in {302, 403}
    guide.refresh_from_db()
    assert not guide.live


@pytest.mark.parametrize("who", ["editor", "reviewer", "safety_reviewer", "admin"])
def test_nobody_publishes_past_the_reviewers(request, tree, editor, who):
    person = request.getfixturevalue(who)
    guide = make_guide(live=False, by=editor)
    assert guide.permissions_for_user(person).can_edit()
    assert not guide.permissions_for_user(person).can_publish()
    assert not tree["zh-hans"].permissions_for_user(person).can_publish_subpage()


def test_a_post_that_publishes_at_once_leaves_a_draft(client, tree, editor, reviewer):
    guide = make_guide(by=editor, title="旧标题")
    client.force_login(reviewer)
    url = reverse("wagtailadmin_pages:edit", args=[guide.pk])
    assert 'name="action-publish"' not in client.get(url).content.decode()
    client.post(url, edited(guide, title="新标题", **{"action-publish": "1"}))
    guide.refresh_from_db()
    assert guide.title == "旧标题" and guide.has_unpublished_changes


def test_publishing_many_at_once_is_no_way_round_either(client, tree, editor, reviewer):
    guide = make_guide(live=False, by=editor)
    client.force_login(reviewer)
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    client.post(f"{url}?id={guide.pk}", {"include_descendants": "on"})
    guide.refresh_from_db()
    assert not guide.live


def test_a_reviewer_may_take_a_guide_down_and_without_a_workflow_publish_it(tree, editor, reviewer):
    guide = make_guide(by=editor)
    assert guide.permissions_for_user(reviewer).can_unpublish()
    assert not guide.permissions_for_user(editor).can_unpublish()
    WorkflowPage.objects.all().delete()
    assert GuidePage.objects.get(pk=guide.pk).permissions_for_user(reviewer).can_publish()
    assert not GuidePage.objects.get(pk=guide.pk).permissions_for_user(editor).can_publish()


def test_whoever_wrote_an_earlier_draft_of_the_change_cannot_approve_it(tree, editor, reviewer):
    guide = make_guide(live=False, by=reviewer)
    guide.title = "编辑改过的标题"
    guide.save_revision(user=editor)
    guide.get_workflow().start(guide, editor)
    with pytest.raises(NotAllowed):
        approve(guide, reviewer)


def test_whoever_wrote_the_published_version_may_approve_the_next_one(tree, editor, reviewer, safety_reviewer):
    guide = make_guide(live=False, by=editor)
    guide.get_workflow().start(guide, editor)
    guide = approve(approve(guide, reviewer), safety_reviewer)
    guide.title = "下一版"
    guide.save_revision(user=reviewer)
    guide.get_workflow().start(guide, reviewer)
    second = StaffFactory(name="方明", email="fang2@heyan.example", role="reviewer")
    assert approve(guide, second).current_workflow_task.specific.get_actions(guide, safety_reviewer)


def test_a_change_between_the_two_reviews_goes_back_to_the_first(submitted, editor, reviewer, safety_reviewer):
    guide = approve(submitted, reviewer)
    guide.title = "审核中又改了"
    guide.save_revision(user=editor)
    guide = approve(guide, safety_reviewer)
    assert not guide.live and isinstance(guide.current_workflow_task.specific, ReviewTask)


def test_agents_and_customers_cannot_edit_guides(tree, agent, customer):
    guide = make_guide()
    assert not guide.permissions_for_user(agent).can_edit()
    assert not guide.permissions_for_user(customer).can_edit()
