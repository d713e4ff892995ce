"""Every guide has somebody who looks after it, a day on which it is looked at again, and reminders that come once."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import Revision

from accounts.notify import proved_addresses
from core.errors import InvalidInput, NotAllowed
from core.history import history_of
from core.models import OutboundMessage
from kb.models import GuidePage, KnowledgeSettings, ReviewReminder
from kb.upkeep import give_to, mark_reviewed, next_due, ownerless, remind_owners
from tests.factories.kb import approve, make_guide, page_tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree(roles):
    KnowledgeSettings.load()
    return page_tree()


def guide_due(days, **fields):
    guide = make_guide(**fields)
    GuidePage.objects.filter(pk=guide.pk).update(review_due_on=timezone.localdate() + timedelta(days=days))
    return GuidePage.objects.get(pk=guide.pk)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 60))
def test_the_next_review_is_so_many_months_later(day, months):
    due = next_due(day, months)
    assert (due.year * 12 + due.month) - (day.year * 12 + day.month) == months
    assert due.day == day.day or (due + timedelta(days=1)).day == 1


def test_still_right_sets_today_and_the_next_day_and_leaves_the_text(tree, editor, reviewer):
    guide = guide_due(-3, by=editor)
    KnowledgeSettings.objects.update(review_months=6)
    assert mark_reviewed([guide], by=reviewer) == 1
    after = GuidePage.objects.get(pk=guide.pk)
    today = timezone.localdate()
    assert after.reviewed_on == today and after.review_due_on == next_due(today, 6)
    assert after.latest_revision_id == guide.latest_revision_id
    assert history_of(after).filter(verb="reviewed", actor=reviewer).exists()


def test_an_older_draft_does_not_bring_the_old_day_back(tree, editor):
    guide = guide_due(-3, by=editor)
    draft = guide.save_revision(user=editor)
    mark_reviewed([guide], by=editor)
    Revision.objects.get(pk=draft.pk).publish()
    assert GuidePage.objects.get(pk=guide.pk).reviewed_on == timezone.localdate()


def test_a_draft_a_past_day_and_a_stranger_are_refused_and_nothing_is_noted(tree, editor, agent):
    live, draft = make_guide(by=editor), make_guide(by=editor, live=False)
    with pytest.raises(InvalidInput):
        mark_reviewed([live, draft], by=editor)
    with pytest.raises(InvalidInput):
        mark_reviewed([live], by=editor, due_on=timezone.localdate())
    with pytest.raises(NotAllowed):
        mark_reviewed([live], by=agent)
    assert GuidePage.objects.get(pk=live.pk).reviewed_on is None
    assert not history_of(live).filter(verb="reviewed").exists()


def test_the_reviewers_approval_is_a_review(tree, editor, reviewer, safety_reviewer):
    guide = make_guide(live=False, by=editor)
    guide.get_workflow().start(guide, editor)
    guide = approve(approve(guide, reviewer), safety_reviewer)
    today = timezone.localdate()
    assert (guide.reviewed_on, guide.review_due_on) == (today, next_due(today, 12))


def test_a_corrected_typo_is_no_review_of_the_rest(tree, editor, reviewer, safety_reviewer):
    long_ago = timezone.localdate() - timedelta(days=200)
    guide = make_guide(by=editor, significance="typo")
    GuidePage.objects.filter(pk=guide.pk).update(reviewed_on=long_ago)
    guide = GuidePage.objects.get(pk=guide.pk)
    guide.save_revision(user=editor)
    guide.get_workflow().start(guide, editor)
    assert approve(approve(guide, reviewer), safety_reviewer).reviewed_on == long_ago


def test_the_author_looks_after_a_guide_until_it_is_given_to_somebody(tree, editor, reviewer):
    guide = make_guide(by=editor)
    assert guide.owner == editor
    give_to([guide], owner=reviewer, by=editor)
    assert GuidePage.objects.get(pk=guide.pk).owner == reviewer
    assert history_of(guide).get(verb="owner_changed").data == {"old": editor.pk, "new": reviewer.pk}


def test_a_guide_is_given_only_by_writers_and_to_writers(tree, editor, agent, customer):
    guide = make_guide(by=editor)
    for nobody in (agent, customer, None):
        with pytest.raises(InvalidInput):
            give_to([guide], owner=nobody, by=editor)
    with pytest.raises(NotAllowed):
        give_to([guide], owner=editor, by=agent)
    assert GuidePage.objects.get(pk=guide.pk).owner == editor


def test_who_leaves_leaves_their_guides_to_nobody(tree, editor):
    guide, other = make_guide(by=editor), make_guide()
    assert set(ownerless()) == {other}
    editor.is_active = False
    editor.save()
    assert set(ownerless()) == {guide, other}


def messages():
    return list(OutboundMessage.objects.filter(template="kb/review_due").order_by("pk"))


def test_the_owner_is_reminded_once_before_and_once_after(tree, editor, run_tasks):
    assert proved_addresses(editor)
    guide = guide_due(10, by=editor, title="清洗滤网")
    for _again in range(2):
        remind_owners()
        run_tasks(only="kb.tasks")
    assert len(messages()) == 1 and "清洗滤网" in messages()[0].subject
    for _again in range(2):
        remind_owners(now=timezone.now() + timedelta(days=11))
        run_tasks(only="kb.tasks")
    assert [message.address for message in messages()] == [editor.email] * 2
    assert set(ReviewReminder.objects.values_list("page_id", "kind")) == {(guide.pk, "before"), (guide.pk, "after")}


def test_a_far_day_a_draft_and_a_guide_nobody_looks_after_remind_nobody(tree, editor, reviewer, run_tasks):
    guide_due(40, by=editor)
    guide_due(-1, by=editor, live=False)
    lonely = guide_due(-1)
    assert remind_owners() == 0
    give_to([lonely], owner=editor, by=reviewer)
    assert remind_owners() == 1  # whoever gets it is told then
    assert remind_owners() == 0


def test_nobody_is_told_of_a_review_that_was_done_meanwhile(tree, editor, run_tasks):
    guide = guide_due(2, by=editor)
    assert remind_owners() == 1
    mark_reviewed([guide], by=editor)
    run_tasks(only="kb.tasks")
    assert messages() == []


@pytest.fixture
def listed(client, tree, editor):
    client.force_login(editor)

    def ask(**query):
        page = client.get(reverse("wagtailadmin_explore", args=[tree["zh-hans"].pk]), query)
        return {row.pk for row in page.context["page_obj"].object_list}

    return ask


def test_the_list_is_filtered_by_owner_and_review(listed, editor, reviewer):
    late, soon, theirs, lonely = guide_due(-1, by=editor), guide_due(5, by=editor), make_guide(by=reviewer), make_guide()
    assert listed(review="overdue") == {late.pk}
    assert listed(review="soon") == {soon.pk}
    assert listed(review="none") == {theirs.pk, lonely.pk}
    assert listed(keeper="nobody") == {lonely.pk}
    assert listed(keeper="me") == {late.pk, soon.pk}


def bulk(client, action, *guides, **data):
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])
    query = "&".join(f"id={guide.pk}" for guide in guides)
    assert client.get(f"{url}?{query}").status_code == 200
    return client.post(f"{url}?{query}&next=/cms/", data)


def test_many_guides_are_marked_as_reviewed_at_once_drafts_left_out(client, listed, editor):
    first, second, draft = guide_due(-1, by=editor), guide_due(-2, by=editor), make_guide(by=editor, live=False)
    bulk(client, "guides-reviewed", first, second, draft)
    today = timezone.localdate()
    assert list(GuidePage.objects.filter(reviewed_on=today).order_by("pk")) == [first, second]
    bulk(client, "guides-reviewed", first, due_on=(today + timedelta(days=30)).isoformat())
    assert GuidePage.objects.get(pk=first.pk).review_due_on == today + timedelta(days=30)


def test_many_guides_are_given_to_somebody_at_once(client, listed, editor, reviewer):
    guides = [make_guide(by=editor), make_guide()]
    bulk(client, "guides-give", *guides, owner=reviewer.pk)
    assert set(GuidePage.objects.values_list("owner", flat=True)) == {reviewer.pk}


def test_an_agent_marks_and_gives_nothing(client, tree, agent, editor):
    guide = guide_due(-1, by=editor)
    client.force_login(agent)
    for action, data in (("guides-reviewed", {}), ("guides-give", {"owner": agent.pk})):
        url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])
        assert client.post(f"{url}?id={guide.pk}&next=/cms/", data).status_code in {302, 403}
    after = GuidePage.objects.get(pk=guide.pk)
    assert after.reviewed_on is None and after.owner == editor
