"""A safety note is written once: a change of it is in every guide at once, in search, and its translation is known to be old."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale
from wagtail.test.utils.form_data import rich_text

from kb.caching import forget
from kb.models import GuidePage, SafetyNote
from kb.safety import guides_showing
from kb.translations import stale_safety_notes
from search.extractors import extract
from tests.factories.kb import make_guide, page_tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree(roles):
    return page_tree()


@pytest.fixture
def note(tree):
    note = SafetyNote(title="先断电", text="<p>拔下插头。</p>", level="danger", locale=Locale.objects.get(language_code="zh-hans"))
    note.save()
    note.save_revision().publish()
    return SafetyNote.objects.get(pk=note.pk)


@pytest.fixture
def english(note):
    other = SafetyNote(title="Unplug first", text="<p>Pull the plug.</p>", locale=Locale.objects.get(language_code="en"))
    other.translation_key = note.translation_key
    other.save()
    other.save_revision().publish()
    return SafetyNote.objects.get(pk=other.pk)


def shows(note, **fields):
    return make_guide(body=[{"type": "safety", "value": {"note": note.pk}}], **fields)


def change(note, text="<p>关掉空气开关。</p>", significance="minor"):
    fresh = SafetyNote.objects.get(pk=note.pk)
    fresh.text, fresh.significance = text, significance
    fresh.save_revision().publish()


def test_a_changed_note_is_in_its_guides_at_once(client, note, django_capture_on_commit_callbacks):
    guide = shows(note, slug="drain")
    assert "拔下插头" in client.get("/zh-hans/guides/drain/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        change(note)
    html = client.get("/zh-hans/guides/drain/").content.decode()
    assert "关掉空气开关" in html and "拔下插头" not in html
    assert guides_showing(note) == [guide]


def test_search_finds_a_guide_by_the_words_of_its_note(note):
    (document,) = extract("guide", shows(note).pk)
    assert "拔下插头" in document["body"]


def test_where_a_note_is_used_is_known_drafts_included(note):
    live, draft = shows(note, title="甲"), shows(note, title="乙", live=False)
    make_guide()
    assert guides_showing(note) == [live]
    assert {page.pk for page in guides_showing(note, live=False)} == {live.pk, draft.pk}


def test_the_back_office_lists_where_a_note_is_shown(client, note, editor):
    guide = shows(note, title="不排水怎么办")
    client.force_login(editor)
    html = client.get(reverse("kb_note_usage", args=[note.pk])).content.decode()
    assert guide.title in html and reverse("wagtailadmin_pages:edit", args=[guide.pk]) in html
    assert reverse("kb_note_usage", args=[note.pk]) in client.get(reverse("wagtailsnippets_kb_safetynote:list")).content.decode()


def test_others_do_not_see_where_a_note_is_shown(client, note, agent, customer):
    for person in (agent, customer):
        client.force_login(person)
        assert client.get(reverse("kb_note_usage", args=[note.pk])).status_code in {302, 403}


@pytest.mark.parametrize(("significance", "flag"), [("typo", ""), ("minor", "minor"), ("major", "major")])
def test_its_translation_goes_stale_unless_it_was_a_typo(note, english, significance, flag):
    change(note, significance=significance)
    english.refresh_from_db()
    assert english.source_change == flag
    assert list(stale_safety_notes()) == ([english] if flag else [])


def test_readers_of_the_old_translation_are_told_until_it_is_published_again(client, note, english):
    shows(english, language="en", slug="drain", title="Does not drain")
    change(note)
    forget()
    told = "original of this note has changed"
    assert told in client.get("/en/guides/drain/").content.decode()
    english = SafetyNote.objects.get(pk=english.pk)
    english.text = "<p>Switch off the breaker.</p>"
    english.save_revision().publish()
    forget()
    assert told not in client.get("/en/guides/drain/").content.decode()
    assert SafetyNote.objects.get(pk=english.pk).source_changed_at is None


def test_nobody_publishes_a_note_past_the_reviewers(client, note, reviewer):
    client.force_login(reviewer)
    url = reverse("wagtailsnippets_kb_safetynote:edit", args=[note.pk])
    data = {"title": "先断电", "level": "caution", "text": rich_text("<p>…</p>"), "significance": "minor", "action-publish": "1"}
    client.post(url, data)
    assert SafetyNote.objects.get(pk=note.pk).level == "danger"
    assert 'name="action-publish"' not in client.get(url).content.decode()


def test_a_major_change_of_a_guide_is_told_with_its_words_for_a_while(client, tree):
    guide = make_guide(slug="drain")
    guide.significance, guide.change_note = "major", "先断水再拧开"
    guide.save_revision().publish()
    html = client.get("/zh-hans/guides/drain/").content.decode()
    assert "先断水再拧开" in html and "有改动" in html
    guide = GuidePage.objects.get(pk=guide.pk)
    guide.significance, guide.change_note = "minor", ""
    guide.save_revision().publish()
    assert "先断水再拧开" in client.get("/zh-hans/guides/drain/").content.decode()
    GuidePage.objects.filter(pk=guide.pk).update(changed_on=timezone.localdate() - timedelta(days=200))
    forget()
    assert "先断水再拧开" not in client.get("/zh-hans/guides/drain/").content.decode()


def test_a_first_publication_changes_nothing(client, tree):
    make_guide(slug="new", significance="major", change_note="第一版")
    assert "第一版" not in client.get("/zh-hans/guides/new/").content.decode()
