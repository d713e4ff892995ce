"""The editorial workflow: an editor submits, somebody else approves; never the author, whichever way they try."""

import pytest
from django.urls import reverse

from core.errors import NotAllowed
from kb.models import GuidePage
from tests.factories.kb import make_guide, page_tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree(roles):
    return page_tree()


@pytest.fixture
def submitted(tree, editor):
    guide = make_guide(live=False, by=editor, slug="drain")
    guide.get_workflow().start(guide, editor)
    return GuidePage.objects.get(pk=guide.pk)


def test_guides_are_reviewed_by_the_shipped_workflow(submitted):
    assert submitted.workflow_in_progress
    assert submitted.current_workflow_task.specific.__class__.__name__ == "ReviewTask"


def test_a_reviewer_approves_and_it_is_live(submitted, reviewer):
    task = submitted.current_workflow_task.specific
    assert "approve" in [name for name, *_rest in task.get_actions(submitted, reviewer)]
    task.on_action(submitted.current_workflow_task_state, reviewer, "approve")
    submitted.refresh_from_db()
    assert submitted.live


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


def test_an_editor_has_no_publish_permission_and_a_reviewer_has(tree, editor, reviewer):
    guide = make_guide(live=False)
    assert guide.permissions_for_user(editor).can_edit()
    assert not guide.permissions_for_user(editor).can_publish()
    assert guide.permissions_for_user(reviewer).can_publish()


def test_agents_and_customers_cannot_edit_guides(tree, agent, customer):
    guide = make_guide()
    assert not guide.permissions_for_user(agent).can_edit()
    assert not guide.permissions_for_user(customer).can_edit()
