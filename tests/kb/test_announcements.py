"""Announcements: draft, scheduled, current, withdrawn, archived; each for its audience and its products."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.errors import Conflict, InvalidInput, NotAllowed
from core.history import history_of
from core.models import TaskAttempt
from kb import actions, queries
from kb.models import Announcement
from tests.factories.kb import AnnouncementFactory, page_tree
from tests.factories.products import FamilyFactory, ModelFactory

pytestmark = pytest.mark.django_db
State = Announcement.State


@pytest.fixture
def draft(roles, editor):
    page_tree()
    row = AnnouncementFactory(live=False, starts_at=None, author=editor)
    row.save_revision(user=editor)
    return row


def test_publishing_makes_it_current_and_leaves_a_step(draft, editor):
    assert draft.state == State.DRAFT
    actions.publish_announcement(draft, by=editor)
    assert draft.state == State.CURRENT
    assert [row.reference for row in queries.current_announcements()] == [draft.reference]
    assert [entry.verb for entry in history_of(draft)] == ["published"]


def test_a_scheduled_one_appears_by_itself_at_its_time(draft, editor, django_capture_on_commit_callbacks):
    at = timezone.now() + timedelta(hours=2)
    actions.schedule_announcement(draft, by=editor, starts_at=at)
    assert draft.state == State.SCHEDULED and queries.current_announcements() == []
    with time_machine.travel(at + timedelta(minutes=1)):
        with django_capture_on_commit_callbacks(execute=True):
            call_command("publish_scheduled", verbosity=0)
        draft.refresh_from_db()
        assert draft.state == State.CURRENT
        assert len(queries.current_announcements()) == 1


def test_a_scheduled_one_can_be_released_now(draft, editor):
    actions.schedule_announcement(draft, by=editor, starts_at=timezone.now() + timedelta(hours=2))
    actions.publish_announcement(draft, by=editor)
    assert draft.state == State.CURRENT


def test_a_cancelled_schedule_never_appears(draft, editor):
    at = timezone.now() + timedelta(hours=2)
    actions.schedule_announcement(draft, by=editor, starts_at=at)
    actions.withdraw_announcement(draft, by=editor, reason="写错了")
    with time_machine.travel(at + timedelta(minutes=1)):
        call_command("publish_scheduled", verbosity=0)
        draft.refresh_from_db()
        assert draft.state == State.WITHDRAWN and queries.current_announcements() == []


def test_its_end_files_it(draft, editor):
    draft.ends_at = timezone.now() + timedelta(days=1)
    draft.save_revision(user=editor)
    actions.publish_announcement(draft, by=editor)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert queries.current_announcements() == []
        call_command("publish_scheduled", verbosity=0)
        draft.refresh_from_db()
        assert draft.state == State.ARCHIVED


def test_withdrawing_needs_a_reason_and_is_told(draft, editor):
    actions.publish_announcement(draft, by=editor)
    with pytest.raises(InvalidInput):
        actions.withdraw_announcement(draft, by=editor, reason="  ")
    assert draft.state == State.CURRENT
    TaskAttempt.objects.all().delete()
    actions.withdraw_announcement(draft, by=editor, reason="批次有误")
    assert draft.state == State.WITHDRAWN and queries.current_announcements() == []
    assert TaskAttempt.objects.filter(path="search.tasks.index_announcement").count() == 1
    assert history_of(draft).last().data == {"reason": "批次有误"}


def test_what_is_withdrawn_or_archived_does_not_come_back(draft, editor):
    actions.publish_announcement(draft, by=editor)
    revision = draft.save_revision(user=editor)
    actions.archive_announcement(draft, by=editor)
    with pytest.raises(Conflict):
        actions.publish_announcement(draft, by=editor)
    with pytest.raises(Conflict):
        actions.archive_announcement(draft, by=editor)
    revision.publish()
    draft.refresh_from_db()
    assert draft.state == State.ARCHIVED and queries.current_announcements() == []


def test_only_the_publishing_desk_publishes(draft, agent, customer):
    for person in (agent, customer):
        for act in (
            lambda by: actions.publish_announcement(draft, by=by),
            lambda by: actions.schedule_announcement(draft, by=by, starts_at=timezone.now() + timedelta(hours=1)),
            lambda by: actions.withdraw_announcement(draft, by=by, reason="x"),
            lambda by: actions.archive_announcement(draft, by=by),
        ):
            with pytest.raises(NotAllowed):
                act(person)
    draft.refresh_from_db()
    assert draft.state == State.DRAFT and not history_of(draft).exists()


def test_a_past_time_and_an_end_before_the_start_are_refused(draft, editor):
    with pytest.raises(InvalidInput):
        actions.schedule_announcement(draft, by=editor, starts_at=timezone.now() - timedelta(minutes=1))
    draft.ends_at = timezone.now() + timedelta(hours=1)
    draft.save_revision(user=editor)
    with pytest.raises(InvalidInput):
        actions.schedule_announcement(draft, by=editor, starts_at=timezone.now() + timedelta(hours=2))


def test_an_announcement_about_one_model_is_shown_with_it_and_not_with_others():
    model = ModelFactory()
    other = ModelFactory(family=FamilyFactory(slug="refrigerators"))
    about = AnnouncementFactory()
    about.product_models.set([model])
    about.save()
    everywhere = AnnouncementFactory()
    shown = {row.pk for row in queries.current_announcements(model=model)}
    assert shown == {about.pk, everywhere.pk}
    assert {row.pk for row in queries.current_announcements(model=other)} == {everywhere.pk}
    assert {row.pk for row in queries.current_announcements(family=model.family)} == {about.pk, everywhere.pk}


def test_each_audience_sees_its_own():
    rows = {name: AnnouncementFactory(audience=name).pk for name in ("public", "members", "staff")}
    assert {row.pk for row in queries.current_announcements()} == {rows["public"]}
    assert {row.pk for row in queries.current_announcements(audience="members")} == {rows["public"], rows["members"]}
    assert {row.pk for row in queries.current_announcements(audience="staff")} == set(rows.values())


def test_one_query_for_one_and_for_three_and_none_while_it_is_fresh():
    counts = []
    for _n in range(2):
        AnnouncementFactory.create_batch(1 + _n)
        from kb.caching import forget

        forget()
        with CaptureQueriesContext(connection) as captured:
            queries.current_announcements()
        counts.append(len(captured))
        with CaptureQueriesContext(connection) as captured:
            queries.current_announcements()
        assert len(captured) == 0
    assert counts == [1, 1]


def test_withdrawn_ones_stay_findable_by_staff_only(draft, editor, agent, customer):
    from django.contrib.auth.models import AnonymousUser

    assert queries.get_announcement_for(agent, draft.reference) is None
    actions.publish_announcement(draft, by=editor)
    assert queries.get_announcement_for(AnonymousUser(), draft.reference) == draft
    actions.withdraw_announcement(draft, by=editor, reason="批次有误")
    assert queries.get_announcement_for(AnonymousUser(), draft.reference) is None
    assert queries.get_announcement_for(customer, draft.reference) is None
    assert queries.get_announcement_for(agent, draft.reference) == draft
    assert queries.get_announcement_for(agent, "nonsense") is None


def test_the_desk_does_it_all_in_the_cms(client, draft, editor):
    page_tree()
    client.force_login(editor)
    namespace = Announcement.snippet_viewset.get_admin_url_namespace()
    assert draft.title_zh_hans in client.get(reverse(f"{namespace}:list")).content.decode()
    page = client.get(reverse(f"{namespace}:edit", args=[draft.pk])).content.decode()
    assert reverse(f"{namespace}:publish_now", args=[draft.pk]) in page
    client.post(reverse(f"{namespace}:publish_now", args=[draft.pk]))
    draft.refresh_from_db()
    assert draft.state == State.CURRENT
    url = reverse(f"{namespace}:withdraw", args=[draft.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": ""}).status_code == 200
    draft.refresh_from_db()
    assert draft.state == State.CURRENT
    client.post(url, {"reason": "批次有误"})
    draft.refresh_from_db()
    assert draft.state == State.WITHDRAWN


def test_an_agent_cannot_use_those_addresses(client, draft, agent):
    client.force_login(agent)
    namespace = Announcement.snippet_viewset.get_admin_url_namespace()
    for name in ("publish_now", "schedule", "withdraw", "archive"):
        assert client.post(reverse(f"{namespace}:{name}", args=[draft.pk]), {"reason": "x"}).status_code in {302, 403}
    draft.refresh_from_db()
    assert draft.state == State.DRAFT


def test_the_preview_shows_both_languages(client, draft, editor):

    page_tree()
    response = draft.make_preview_request(preview_mode=draft.default_preview_mode)
    assert response.status_code == 200
    html = response.render().content.decode() if hasattr(response, "render") else response.content.decode()
    assert draft.title_zh_hans in html and draft.title_en in html
