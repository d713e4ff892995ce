"""The CMS as editors and reviewers meet it: menus, work lists, reports, previews; nothing for those who have no business there."""

import json

import pytest
from django.urls import reverse
from django.utils import timezone

from kb import actions
from kb.models import ArticleVote, GuidePage
from kb.subjects import guide_key
from tests.factories.kb import make_guide, page_tree
from tests.factories.products import FamilyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree(roles):
    return page_tree()


@pytest.fixture
def voted(tree):
    guide = make_guide(slug="drain", families=[FamilyFactory()])
    actions.vote(
        subject_key=guide_key(guide), helpful=False, visitor_key="v1", title=guide.title, language="zh-hans", page=guide, query="不排水"
    )
    actions.explain_vote(subject_key=guide_key(guide), visitor_key="v1", reason="no_pictures", comment="盖子在左下角")
    return guide


def test_the_front_page_shows_the_work_lists(client, voted, editor):
    GuidePage.objects.filter(pk=voted.pk).update(
        source_changed_at=timezone.now(), source_change="minor", review_due_on=timezone.localdate()
    )
    draft = make_guide(live=False, title="我写的草稿", by=editor)
    client.force_login(editor)
    html = client.get(reverse("wagtailadmin_home")).content.decode()
    assert draft.title in html and voted.title in html
    for words in ("我的草稿", "过时的译文", "没帮上忙的页面", "该审核了"):
        assert words in html


def test_a_guide_that_waits_for_review_is_on_the_reviewer_s_front_page(client, tree, editor, reviewer):
    guide = make_guide(live=False, title="等待审核的指南", by=editor)
    guide.get_workflow().start(guide, editor)
    client.force_login(reviewer)
    assert "等待审核的指南" in client.get(reverse("wagtailadmin_home")).content.decode()


def test_the_report_names_reason_comment_and_search(client, voted, editor):
    client.force_login(editor)
    html = client.get(reverse("kb_unhelpful")).content.decode()
    assert "盖子在左下角" in html and "不排水" in html and reverse("wagtailadmin_pages:edit", args=[voted.pk]) in html


@pytest.mark.parametrize(
    ("query", "found"), [("reason=no_pictures", True), ("reason=unclear", False), ("language=en", False), ("open_only=true", True)]
)
def test_the_report_can_be_filtered(client, voted, editor, query, found):
    client.force_login(editor)
    html = client.get(f"{reverse('kb_unhelpful_results')}?{query}").content.decode()
    assert ("盖子在左下角" in html) is found


def test_the_report_comes_as_csv(client, voted, editor):
    client.force_login(editor)
    answer = client.get(f"{reverse('kb_unhelpful')}?export=csv")
    text = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
    assert "盖子在左下角" in text and "不排水" in text


def test_settling_takes_the_votes_off_the_list(client, voted, editor):
    client.force_login(editor)
    client.post(reverse("kb_settle_votes", args=[voted.pk]))
    assert ArticleVote.objects.get().handled_at is not None


def test_others_see_neither_report_nor_work_list(client, voted, agent, customer):
    for person in (agent, customer):
        client.force_login(person)
        for name in ("kb_unhelpful", "kb_stale"):
            assert client.get(reverse(name)).status_code in {302, 403}
        assert client.post(reverse("kb_settle_votes", args=[voted.pk])).status_code in {302, 403}
    assert ArticleVote.objects.get().handled_at is None


def test_the_stale_report_lists_flagged_versions(client, voted, editor):
    GuidePage.objects.filter(pk=voted.pk).update(source_changed_at=timezone.now(), source_change="major")
    client.force_login(editor)
    assert voted.title in client.get(reverse("kb_stale")).content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_editor_and_explorer_open_in_both_languages(client, tree, editor, language):
    guide = make_guide()
    editor.language = language
    editor.save()
    client.force_login(editor)
    client.cookies["hearth_language"] = language
    assert client.get(reverse("wagtailadmin_pages:edit", args=[guide.pk])).status_code == 200
    assert client.get(reverse("wagtailadmin_explore", args=[tree["zh-hans"].pk])).status_code == 200
    assert client.get(reverse("wagtailadmin_pages:add", args=["kb", "guidepage", tree["zh-hans"].pk])).status_code == 200
    words = client.get(reverse("wagtailadmin_javascript_catalog"))
    assert (json.dumps("插入内容块") in words.content.decode()) is (language == "zh-hans")


def test_a_draft_can_be_previewed_on_the_page_s_own_template(client, tree, editor):
    guide = make_guide(live=False, title="预览中的指南", by=editor)
    client.force_login(editor)
    answer = client.get(reverse("wagtailadmin_pages:view_draft", args=[guide.pk]))
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "预览中的指南" in html and "hearth-reading" not in html
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]


def test_a_chinese_title_gets_an_address_in_pinyin(client, tree, editor):
    client.force_login(editor)
    url = reverse("wagtailadmin_pages:add", args=["kb", "guidepage", tree["zh-hans"].pk])
    data = {
        "title": "洗衣机不排水",
        "slug": "",
        "kind": "guide",
        "summary": "先清理过滤器。",
        "difficulty": "",
        "minutes": "",
        "picture": "",
        "keywords": "",
        "reviewed_on": "",
        "review_due_on": "",
        "significance": "minor",
        "seo_title": "",
        "search_description": "",
        "go_live_at": "",
        "expire_at": "",
        "body-count": "0",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
        "comments-MIN_NUM_FORMS": "0",
        "comments-MAX_NUM_FORMS": "1000",
    }
    answer = client.post(url, data)
    assert answer.status_code == 302, answer.context["form"].errors if answer.context else answer.content[:500]
    assert GuidePage.objects.get(title="洗衣机不排水").slug == "xi-yi-ji-bu-pai-shui"


def test_a_chinese_address_is_refused(tree):
    from django.core.exceptions import ValidationError

    guide = make_guide()
    guide.slug = "洗衣机"
    with pytest.raises(ValidationError):
        guide.full_clean()


def test_no_list_of_guides_may_take_an_address_of_the_portal(tree):
    from django.core.exceptions import ValidationError

    from kb.slugs import reserved_slugs

    assert {"search", "help", "my", "track", "products", "codes"} <= reserved_slugs()
    assert "guides" not in reserved_slugs()
    page = tree["zh-hans"]
    page.slug = "search"
    with pytest.raises(ValidationError):
        page.full_clean()


def test_a_new_round_of_changes_starts_as_a_minor_one(client, tree, editor):
    guide = make_guide(significance="typo")
    client.force_login(editor)
    html = client.get(reverse("wagtailadmin_pages:edit", args=[guide.pk])).content.decode()
    assert '<option value="minor" selected>' in html


def test_the_translator_is_told_that_the_source_has_changed(client, tree, editor):
    guide = make_guide()
    GuidePage.objects.filter(pk=guide.pk).update(source_changed_at=timezone.now(), source_change="major")
    client.force_login(editor)
    assert "原文有重要改动" in client.get(reverse("wagtailadmin_pages:edit", args=[guide.pk])).content.decode()


def test_loading_the_defaults_again_changes_nothing(tree):
    from wagtail.models import GroupPagePermission, Page, Workflow

    from kb.defaults import load_defaults

    page = tree["zh-hans"]
    page.intro = "我们改过的导语"
    page.save_revision().publish()
    before = (Page.objects.count(), Workflow.objects.count(), GroupPagePermission.objects.count())
    load_defaults()
    assert (Page.objects.count(), Workflow.objects.count(), GroupPagePermission.objects.count()) == before
    page.refresh_from_db()
    assert page.intro == "我们改过的导语" and page.slug == "guides"
    assert json.dumps(sorted(tree)) == '["en", "zh-hans"]'


def test_who_has_no_business_in_the_cms_is_told_so_instead_of_being_sent_round(client, agent):
    address = reverse("kb_work")
    assert client.get(address, follow=True).redirect_chain[-1][0].startswith("/accounts/login/?next=")
    client.force_login(agent)
    assert client.get(address, follow=True).status_code == 403


def test_what_readers_wrote_runs_no_formula_in_the_exported_votes(client, tree, editor):
    ArticleVote.objects.create(subject_key="guide:x", visitor_key="v", title="x", language="zh-hans", helpful=False, comment="=1+1")
    client.force_login(editor)
    sent = b"".join(client.get(reverse("kb_unhelpful"), {"export": "csv"}).streaming_content).decode()
    assert "'=1+1" in sent and ",=1+1" not in sent
