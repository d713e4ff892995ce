"""Editors and reviewers at one text: who else is there, what the reviewer says, what differs, who has locked it, when it comes and goes."""

from datetime import timedelta
from unittest import mock

import pytest
from django.core import mail
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from kb.models import GuidePage
from tests.factories.kb import approve, make_guide, page_tree
from tests.kb.test_no_way_past_review import guide_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree(roles):
    return page_tree()


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def speaking(client, person, language):
    person.language = language
    person.save()
    client.force_login(person)
    client.cookies["hearth_language"] = language
    return client


def pinged(client, guide, number, **data):
    address = reverse("wagtailadmin_editing_sessions:ping", args=["kb", "guidepage", guide.pk, number])
    return client.post(address, data).json()


def test_who_opens_a_guide_second_is_told_who_else_is_writing_and_what_was_saved(client, tree, editor, reviewer):
    guide = make_guide(by=editor)
    seen = guide.latest_revision_id
    client.force_login(editor)
    pinged(client, guide, 1, is_editing="1")
    for language, words in (("zh-hans", "未保存"), ("en", "unsaved changes")):
        told = pinged(speaking(client, reviewer, language), guide, 2)
        (other,) = told["other_sessions"]
        assert other["user"] == editor.name and other["is_editing"]
        assert editor.name in told["html"] and words in told["html"]
    guide.save_revision(user=editor)
    assert [bool(row["revision_id"]) for row in pinged(client, guide, 2, revision_id=seen, is_editing="1")["other_sessions"]] == [True]


@pytest.mark.parametrize(("language", "subject", "words"), [("zh-hans", "被拒绝", "评论"), ("en", "rejected", "comment was left")])
def test_the_reviewers_comment_reaches_the_author_in_their_language(client, tree, editor, reviewer, language, subject, words):
    editor.language = language
    editor.save()
    guide = make_guide(live=False, by=editor, title="不排水")
    guide.get_workflow().start(guide, editor)
    guide = fresh(guide)
    assert [message.to for message in mail.outbox] == [[reviewer.email]] and "不排水" in mail.outbox[0].subject
    assert "submitted" in mail.outbox[0].subject  # the reviewer reads English
    client.force_login(reviewer)
    url = reverse("wagtailadmin_pages:workflow_action", args=[guide.pk, "reject", guide.current_workflow_task_state.pk])
    client.post(url, {"comment": "第二步缺一张图"})
    message = mail.outbox[-1]
    assert message.to == [editor.email] and subject in message.subject
    assert "第二步缺一张图" in message.body and words in message.body
    page = speaking(client, editor, language).get(reverse("wagtailadmin_pages:edit", args=[guide.pk])).content.decode()
    assert "第二步缺一张图" in page


def test_two_versions_are_compared_word_by_word(client, tree, editor, reviewer):
    guide = make_guide(by=editor, summary="水排不出去，先清理过滤器。")
    guide.summary = "水排不出去，先断电再清理。"
    draft = guide.save_revision(user=editor)
    client.force_login(reviewer)
    html = client.get(reverse("wagtailadmin_pages:revisions_compare", args=[guide.pk, "live", draft.pk])).content.decode()
    assert 'class="addition"' in html or '<span class="addition' in html
    assert "断电" in html


def test_a_guide_that_a_reviewer_has_locked_is_not_changed_by_editors(client, tree, editor, reviewer):
    guide = make_guide(by=editor, title="旧标题")
    client.force_login(reviewer)
    client.post(reverse("wagtailadmin_pages:lock", args=[guide.pk]))
    assert fresh(guide).locked_by == reviewer
    client.force_login(editor)
    edit = reverse("wagtailadmin_pages:edit", args=[guide.pk])
    assert reviewer.name in client.get(edit).content.decode()
    client.post(edit, guide_form())
    assert fresh(guide).get_latest_revision_as_object().title == "旧标题"
    assert client.post(reverse("wagtailadmin_pages:unlock", args=[guide.pk])).status_code in {302, 403} and fresh(guide).locked


def test_an_approved_guide_comes_and_goes_at_its_time_and_search_is_told(tree, editor, reviewer, safety_reviewer):
    now = timezone.now()
    guide = make_guide(live=False, by=editor, slug="holiday", go_live_at=now + timedelta(hours=1), expire_at=now + timedelta(days=2))
    guide.get_workflow().start(guide, editor)
    approve(approve(guide, reviewer), safety_reviewer)
    assert not fresh(guide).live
    for later, live in ((timedelta(hours=2), True), (timedelta(days=3), False)):
        with mock.patch.object(timezone, "now", return_value=now + later):
            call_command("publish_scheduled")
        assert fresh(guide).live is live
    assert fresh(guide).expired and not GuidePage.objects.live().filter(slug="holiday").exists()
