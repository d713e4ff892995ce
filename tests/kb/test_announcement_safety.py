"""Announcements about safety: the safety reviewers see them first; what cannot wait goes live with a reason, by whoever may."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import WorkflowContentType, WorkflowState
from wagtail.test.utils.form_data import rich_text

from core.errors import Conflict, InvalidInput, NotAllowed
from core.history import history_of
from kb import actions, announcing
from kb.announcement_state import remarks_on
from kb.models import Announcement
from kb.viewsets import announcement_buttons
from tests.factories.kb import AnnouncementFactory, approve, page_tree

pytestmark = pytest.mark.django_db
State = Announcement.State
SOON = timedelta(hours=2)


@pytest.fixture
def tree(roles):
    return page_tree()


def drafted(by, **fields):
    row = AnnouncementFactory(
        **{"live": False, "starts_at": None, "severity": "recall", "department": "产品部", "person": "陈宇", **fields}
    )
    row.save_revision(user=by)
    return fresh(row)


def fresh(row):
    return Announcement.objects.get(pk=row.pk)


def saved(row, by, **changes):
    draft = fresh(row).get_latest_revision_as_object()
    for name, value in changes.items():
        setattr(draft, name, value)
    draft.save_revision(user=by)
    return fresh(row)


@pytest.fixture
def recall(tree, editor):
    return drafted(editor)


@pytest.fixture
def passed(recall, editor, safety_reviewer):
    """A recall that the safety reviewers have approved."""
    announcing.submit_announcement(recall, by=editor)
    return approve(fresh(recall), safety_reviewer)


def test_a_recall_goes_to_the_safety_reviewers_first_and_is_then_the_desk_s_to_publish(recall, editor, reviewer, safety_reviewer):
    announcing.submit_announcement(recall, by=editor)
    for by in (editor, reviewer, safety_reviewer):
        with pytest.raises(NotAllowed):
            actions.publish_announcement(recall, by=by)
    row = approve(fresh(recall), safety_reviewer)
    assert row.state == State.SUBMITTED and not row.live
    actions.publish_announcement(row, by=editor)
    assert row.state == State.CURRENT
    assert [entry.verb for entry in history_of(row)] == ["submitted", "safety_reviewed", "published"]


def test_it_can_be_scheduled_only_when_it_has_passed(recall, editor, safety_reviewer):
    with pytest.raises(NotAllowed):
        actions.schedule_announcement(recall, by=editor, starts_at=timezone.now() + SOON)
    assert fresh(recall).state == State.DRAFT and fresh(recall).revisions.count() == 1
    announcing.submit_announcement(recall, by=editor)
    row = approve(fresh(recall), safety_reviewer)
    assert actions.schedule_announcement(row, by=editor, starts_at=timezone.now() + SOON).state == State.SCHEDULED


def test_its_author_does_not_pass_it(tree, safety_reviewer):
    row = drafted(safety_reviewer)
    announcing.submit_announcement(row, by=safety_reviewer)
    with pytest.raises(NotAllowed):
        approve(fresh(row), safety_reviewer)


@pytest.mark.parametrize(
    ("change", "again"),
    [
        ({"body_zh_hans": "<p>不用停用。</p>"}, True),
        ({"region": "广东"}, True),
        ({"severity": "info"}, True),
        ({"person": "林涛"}, False),
        ({"ends_at": timezone.now() + timedelta(days=9)}, False),
    ],
)
def test_other_words_or_other_readers_are_reviewed_again_and_dates_are_not(passed, editor, change, again):
    actions.publish_announcement(passed, by=editor)
    row = saved(passed, editor, **change)
    if not again:
        assert actions.publish_announcement(row, by=editor).state == State.CURRENT
        return
    with pytest.raises(NotAllowed):
        actions.publish_announcement(row, by=editor)
    kept = fresh(row)
    assert (kept.severity, kept.region, kept.body_zh_hans) == ("recall", "", passed.body_zh_hans)
    announcing.submit_announcement(row, by=editor)
    assert fresh(row).state == State.CURRENT and fresh(row).workflow_in_progress


@pytest.mark.parametrize(
    ("words", "named"),
    [("三月的批次将召回", "召回"), ("插头可能漏电", "漏电"), ("A recall of the March batch", "recall"), ("Stop using it", "Stop using")],
)
def test_news_that_speak_of_a_danger_are_looked_at_and_other_news_are_not(tree, editor, words, named):
    language = "en" if words.isascii() else "zh_hans"
    row = drafted(editor, severity="info", **{f"body_{language}": f"<p>{words}</p>"})
    with pytest.raises(NotAllowed):
        actions.publish_announcement(row, by=editor)
    assert f"“{named}”" in remarks_on(row)[0].text
    plain = drafted(editor, severity="info", body_zh_hans="<p>热线照常，燃气急修照常。</p>", body_en="<p>Remember the hotline.</p>")
    announcing.submit_announcement(plain, by=editor)
    assert not WorkflowState.objects.exists() and actions.publish_announcement(plain, by=editor).state == State.CURRENT


def test_what_cannot_wait_needs_a_reason_and_the_permission_and_is_reviewed_afterwards(recall, editor, supervisor, safety_reviewer):
    for by, reason, error in ((editor, "有人受伤", NotAllowed), (supervisor, " ", InvalidInput)):
        with pytest.raises(error):
            actions.publish_announcement(recall, by=by, urgent_reason=reason)
        assert not fresh(recall).live and not history_of(recall)
    row = actions.publish_announcement(recall, by=supervisor, urgent_reason="两户一氧化碳报警")
    assert row.state == State.CURRENT and fresh(row).workflow_in_progress
    entry = list(history_of(row))[-1]
    assert (entry.verb, entry.data["reason"]) == ("published_urgently", "两户一氧化碳报警")
    assert "两户一氧化碳报警" in remarks_on(row)[0].text
    row = approve(fresh(row), safety_reviewer)
    assert row.state == State.CURRENT and remarks_on(row) == []


def test_the_reviewers_reason_is_the_reason_of_the_return(recall, editor, safety_reviewer):
    announcing.submit_announcement(recall, by=editor)
    row = fresh(recall)
    row.current_workflow_task.specific.on_action(row.current_workflow_task_state, safety_reviewer, "reject", comment="先写停用")
    assert (fresh(row).state, fresh(row).returned_reason) == (State.RETURNED, "先写停用")
    assert "先写停用" in remarks_on(row)[0].text
    announcing.submit_announcement(saved(row, editor, title_zh_hans="请先停用"), by=editor)
    assert fresh(row).workflow_in_progress and fresh(row).state == State.SUBMITTED


def test_the_desk_s_return_ends_the_review(recall, editor, supervisor):
    announcing.submit_announcement(recall, by=editor)
    announcing.return_announcement(recall, by=supervisor, reason="写全批次")
    assert not fresh(recall).workflow_in_progress
    with pytest.raises(Conflict):
        announcing.return_announcement(recall, by=supervisor, reason="写全批次")


def test_no_screen_of_the_cms_is_a_way_past(client, recall, editor, admin):
    name = "wagtailsnippets_kb_announcement"
    text = rich_text("<p>停用。</p>", features=["bold"])
    form = {
        "title_zh_hans": "召回",
        "title_en": "Recall",
        "body_zh_hans": text,
        "body_en": text,
        "severity": "recall",
        "audience": "public",
    }
    form["action-publish"] = "1"
    for person in (editor, admin):
        client.force_login(person)
        for address in (
            reverse(f"{name}:edit", args=[recall.pk]),
            reverse(f"{name}:add"),
            reverse(f"{name}:copy", args=[recall.pk]),
            reverse(f"{name}:revisions_revert", args=[recall.pk, recall.latest_revision_id]),
        ):
            client.post(address, form)
        client.post(reverse(f"{name}:publish_now", args=[recall.pk]))
        assert not Announcement.objects.filter(live=True).exists()
    with pytest.raises(NotAllowed):
        recall.latest_revision.publish(user=admin)


def test_the_supervisor_is_asked_why_and_the_editor_sees_what_to_do(client, recall, editor, supervisor):
    publish = reverse("wagtailsnippets_kb_announcement:publish_now", args=[recall.pk])
    client.force_login(editor)
    assert 'name="reason"' not in client.get(publish).content.decode()
    assert [button.label for button in announcement_buttons(recall, editor)]
    client.force_login(supervisor)
    assert 'name="reason"' in client.get(publish).content.decode()
    client.post(publish, {"reason": ""})
    assert not fresh(recall).live
    client.post(publish, {"reason": "有人受伤"})
    assert fresh(recall).state == State.CURRENT


def test_where_no_workflow_is_in_force_publishers_publish(recall, editor):
    WorkflowContentType.objects.filter(content_type__model="announcement").delete()
    assert actions.publish_announcement(recall, by=editor).state == State.CURRENT


def test_half_an_announcement_is_a_draft_and_says_what_it_lacks(client, tree, editor):
    row = saved(drafted(editor, severity="info"), editor)
    draft = row.get_latest_revision_as_object()
    draft.body_en = ""
    draft.save_revision(user=editor, clean=False)
    for act in (actions.publish_announcement, announcing.submit_announcement):
        with pytest.raises(InvalidInput, match="正文（英文）"):
            act(row, by=editor)
    client.force_login(editor)
    assert client.post(reverse("wagtailsnippets_kb_announcement:publish_now", args=[row.pk])).status_code == 200
    assert fresh(row).state == State.DRAFT
