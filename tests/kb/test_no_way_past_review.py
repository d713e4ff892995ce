"""Nothing goes before readers that its reviewers have not approved: each screen of the CMS and of the translators' tool is tried."""

import pytest
from django.urls import reverse
from wagtail.models import Locale, Page
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield
from wagtail_localize.models import StringSegment, StringTranslation, Translation, TranslationSource

from core.errors import Conflict, NotAllowed
from diagnosis.defaults import load_defaults as load_diagnoses
from diagnosis.models import DiagnosisPage
from kb.models import GuidePage, SafetyNote
from kb.translations import finish_translation, start_translation
from search.extractors import extract
from tests.factories.accounts import StaffFactory
from tests.factories.diagnosis import make_diagnosis
from tests.factories.kb import approve, make_guide, page_tree

pytestmark = pytest.mark.django_db
WARNING = {"type": "warning", "value": {"level": "danger", "title": "", "text": "<p>先断电。</p>"}}
COMMENTS = {f"comments-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL", "MIN_NUM")} | {"comments-MAX_NUM_FORMS": "1000"}


@pytest.fixture
def tree(roles):
    found = page_tree()
    load_diagnoses()
    return found


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def through(row, by, *reviewers):
    """The reviews of a draft, whatever has to pass them."""
    row.get_workflow().start(row, by)
    for person in reviewers:
        row = fresh(row)
        row = approve(row, person) if row.workflow_in_progress else row
    return fresh(row)


@pytest.fixture
def guide(tree, editor, reviewer, safety_reviewer):
    """A guide that has passed its reviews: its latest draft is approved."""
    row = through(make_guide(live=False, by=editor, title="旧标题", body=[WARNING]), editor, reviewer, safety_reviewer)
    assert row.live
    return row


@pytest.fixture
def note(tree, editor, reviewer, safety_reviewer):
    """A safety note that has passed its reviews."""
    row = SafetyNote(
        title="先断电", text="<p>拔下插头。</p>", level="danger", live=False, locale=Locale.objects.get(language_code="zh-hans")
    )
    row.save()
    row.save_revision(user=editor)
    row = through(fresh(row), editor, reviewer, safety_reviewer)
    assert row.live
    return row


@pytest.fixture
def diagnosis(tree, editor, reviewer, safety_reviewer):
    """A diagnosis that has passed its reviews."""
    row = through(make_diagnosis(live=False, by=editor, guide=make_guide()), editor, reviewer, safety_reviewer)
    assert row.live
    return row


def guide_form(**fields):
    data = {"title": "新标题", "slug": "drain-new", "kind": "guide", "summary": "改过的摘要", "significance": "typo", "change_note": ""}
    return nested_form_data({**data, "body": streamfield([]), **COMMENTS, **fields})


def diagnosis_form(page, **fields):
    data = {"title": "新症状", "slug": page.slug, "summary": "改过", "safety": rich_text("<p></p>"), "keywords": "", "significance": "typo"}
    return nested_form_data({**data, "outline": streamfield([]), **COMMENTS, **fields})


def note_form(**fields):
    return {"title": "不用断电", "level": "caution", "text": rich_text("<p>直接拆。</p>"), "significance": "typo", **fields}


@pytest.fixture
def person(client, reviewer):
    """Who may publish elsewhere, signed in; editors may not even do that."""
    client.force_login(reviewer)
    return reviewer


def is_untouched(note):
    row = fresh(note)
    return (row.live, row.title, row.level, row.text) == (True, note.title, note.level, note.text)


# --- writing -----------------------------------------------------------------------------------------------------------


def test_no_change_of_an_approved_guide_is_published_from_the_editor(client, guide, editor, reviewer, safety_reviewer, admin):
    first = guide.revisions.order_by("created_at").first()
    edit = reverse("wagtailadmin_pages:edit", args=[guide.pk])
    ways = (
        (editor, {}),
        (safety_reviewer, {}),
        (admin, {}),
        (reviewer, {"go_live_at": "2031-01-01 09:00"}),
        (reviewer, {"revision": first.pk}),
    )
    for person, extra in ways:
        client.force_login(person)
        client.post(edit, guide_form(**extra, **{"action-publish": "1"}))
        row = fresh(guide)
        assert (row.title, row.has_unpublished_changes) == ("旧标题", True), person
        assert row.get_latest_revision_as_object().title == "新标题" and not row.approved_schedule
    assert 'name="action-publish"' not in client.get(edit).content.decode()


def test_a_new_guide_is_never_published_by_its_author(client, tree, person):
    for index, name in ((tree["zh-hans"], "guidepage"), (tree["en"], "guidepage")):
        client.post(reverse("wagtailadmin_pages:add", args=["kb", name, index.pk]), guide_form(**{"action-publish": "1"}))
    assert GuidePage.objects.count() == 2 and not GuidePage.objects.live().exists()


def test_a_change_of_an_approved_diagnosis_is_not_published_from_the_editor(client, diagnosis, person):
    edit = reverse("wagtailadmin_pages:edit", args=[diagnosis.pk])
    client.post(edit, diagnosis_form(diagnosis, **{"action-publish": "1"}))
    assert fresh(diagnosis).title == diagnosis.title
    before = DiagnosisPage.objects.live().count()
    url = reverse("wagtailadmin_pages:add", args=["diagnosis", "diagnosispage", diagnosis.get_parent().pk])
    client.post(url, diagnosis_form(diagnosis, slug="new", **{"action-publish": "1"}))
    assert DiagnosisPage.objects.live().count() == before


def test_a_safety_note_is_not_published_from_its_editor_nor_as_a_copy_nor_from_its_past(client, note, person):
    first = note.revisions.first()
    for name, args in (("edit", [note.pk]), ("copy", [note.pk]), ("add", []), ("revisions_revert", [note.pk, first.pk])):
        url = reverse(f"wagtailsnippets_kb_safetynote:{name}", args=args)
        if name == "copy":
            assert 'name="action-publish"' not in client.get(url).content.decode()
        client.post(url, note_form(**{"action-publish": "1"}))
        assert is_untouched(note)
    assert SafetyNote.objects.filter(live=True).count() == 1


def test_many_at_once_and_copies_publish_what_was_approved_only(client, guide, person, tree):
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    guide.unpublish()
    client.post(f"{url}?id={guide.pk}")
    guide = fresh(guide)
    assert guide.live  # as it was approved
    guide.title = "未审"
    guide.save_revision(user=person)
    never = make_guide(live=False, by=person, slug="never")
    client.post(f"{url}?id={guide.pk}&id={never.pk}&id={tree['zh-hans'].pk}", {"include_descendants": "on"})
    copy = reverse("wagtailadmin_pages:copy", args=[never.pk])
    form = {"new_title": "抄本", "new_slug": "copy", "new_parent_page": tree["zh-hans"].pk, "publish_copies": "on", "alias": ""}
    offered = client.get(copy).content.decode()
    assert 'name="new_slug"' in offered and 'name="publish_copies"' not in offered and 'name="alias"' not in offered
    client.post(copy, form)
    assert not GuidePage.objects.get(title="抄本").live
    assert fresh(guide).title == "旧标题" and not fresh(never).live
    assert not GuidePage.objects.live().filter(title__in=["抄本", "未审"]).exists()


def test_the_last_door_refuses_whoever_asks_for_what_is_not_approved(guide, note, diagnosis, admin):
    for row in (guide, note, diagnosis):
        draft = fresh(row).save_revision(user=admin)
        with pytest.raises((NotAllowed, Conflict)):
            draft.publish(user=admin)
        assert fresh(row).live_revision_id != draft.pk


# --- reviewing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["editor", "reviewer", "admin_author"])
def test_the_safety_review_is_passed_by_its_own_people_only(request, client, tree, reviewer, safety_reviewer, who, admin):
    author = StaffFactory(name="作者", email="author@heyan.example", role="editor")
    row = make_guide(live=False, by=admin if who == "admin_author" else author, body=[WARNING])
    by = admin if who == "admin_author" else author
    row = through(row, by, reviewer)
    note = SafetyNote(title="甲", text="<p>乙</p>", live=False, locale=Locale.objects.get(language_code="zh-hans"))
    note.save()
    note.save_revision(user=by)
    note = through(fresh(note), by, reviewer)
    client.force_login(admin if who == "admin_author" else request.getfixturevalue(who))
    for content, name in ((row, "wagtailadmin_pages"), (note, "wagtailsnippets_kb_safetynote")):
        state = content.current_workflow_task_state
        client.post(reverse(f"{name}:workflow_action", args=[content.pk, "approve", state.pk]), {"comment": ""})
        assert not fresh(content).live and fresh(content).workflow_in_progress


def test_taking_a_warning_out_is_seen_by_the_safety_reviewers_too(guide, diagnosis, editor, reviewer):
    guide.body, guide.significance = [("paragraph", {"title": "", "text": "按一下。"})], "typo"
    guide.save_revision(user=editor)
    assert through(fresh(guide), editor, reviewer).get_latest_revision_as_object().needs_safety_review()
    assert fresh(guide).workflow_in_progress and "先断电" in str(fresh(guide).body)
    diagnosis.outline, diagnosis.safety = [], ""
    assert diagnosis.needs_safety_review()


def test_whoever_translated_the_words_does_not_approve_them(tree, editor, reviewer, safety_reviewer):
    source = make_guide(by=editor)
    start_translation(source, language="en", by=editor)
    translation = say_all(source, by=reviewer)
    english = finish_translation(translation, by=editor)
    with pytest.raises(NotAllowed):
        approve(english, reviewer)
    other = StaffFactory(name="方明", email="fang3@heyan.example", role="reviewer")
    assert approve(approve(english, other), safety_reviewer).live


# --- translating -------------------------------------------------------------------------------------------------------


def say_all(source, *, by=None, words="EN"):
    translation = Translation.objects.get(source__object_id=source.translation_key)
    for segment in StringSegment.objects.filter(source=translation.source).order_by("order"):
        StringTranslation.objects.update_or_create(
            translation_of=segment.string,
            locale=translation.target_locale,
            context=segment.context,
            defaults={"data": f"{words} {segment.order}", "last_translated_by": by},
        )
    return translation


def english_of(note):
    return SafetyNote.objects.get(translation_key=note.translation_key, locale__language_code="en")


def test_the_translators_screen_hands_a_safety_note_to_the_reviewers(client, note, reviewer, safety_reviewer):
    second = StaffFactory(name="方明", email="fang4@heyan.example", role="reviewer")
    client.force_login(reviewer)
    url = reverse("wagtail_localize:submit_snippet_translation", args=["kb", "safetynote", note.pk])
    client.post(url, {"locales": [Locale.objects.get(language_code="en").pk]})
    english, edit = english_of(note), reverse("wagtailsnippets_kb_safetynote:edit", args=[english_of(note).pk])
    assert not english.live
    client.post(edit, {"action": "publish"})  # not complete
    assert not fresh(english).live and not fresh(english).workflow_in_progress
    say_all(note)
    page = client.get(edit).content.decode()
    assert reverse("kb_finish_translation", args=[Translation.objects.get().pk]) in page
    client.post(edit, {"action": "publish"})
    assert not fresh(english).live and fresh(english).workflow_in_progress
    client.force_login(second)
    assert "hearth-review" in client.get(edit).content.decode()
    state = fresh(english).current_workflow_task_state
    workflow_action = reverse("wagtailsnippets_kb_safetynote:workflow_action", args=[english.pk, "reject", state.pk])
    client.post(workflow_action, {"comment": "先拔插头，再说别的"})
    client.force_login(reviewer)
    assert "先拔插头，再说别的" in client.get(edit).content.decode()
    client.post(reverse("kb_finish_translation", args=[Translation.objects.get().pk]))
    english = approve(approve(english, second), safety_reviewer)
    assert english.live and english.title.startswith("EN")


def test_a_translation_that_was_sent_back_is_handed_in_again(tree, editor, reviewer, safety_reviewer):
    source = make_guide(by=editor)
    start_translation(source, language="en", by=editor)
    translation = say_all(source)
    english = finish_translation(translation, by=editor)
    english.current_workflow_task.specific.on_action(english.current_workflow_task_state, reviewer, "reject", comment="缺图")
    english = finish_translation(translation, by=editor)
    assert fresh(english).workflow_in_progress
    assert approve(approve(english, reviewer), safety_reviewer).live


def test_a_published_translation_of_a_note_stays_as_it_is_until_its_change_is_approved(client, note, editor, reviewer, safety_reviewer):
    start_translation(note, language="en", by=editor)
    finish_translation(say_all(note), by=editor)
    english = approve(approve(english_of(note), reviewer), safety_reviewer)
    say_all(note, words="PAST")
    client.force_login(reviewer)
    client.post(reverse("wagtailsnippets_kb_safetynote:edit", args=[english.pk]), {"action": "publish"})
    assert is_untouched(english) and fresh(english).workflow_in_progress
    client.post(reverse("wagtail_localize:update_translations", args=[TranslationSource.objects.get().pk]), {"publish_translations": "on"})
    assert is_untouched(english)


def test_translating_a_guide_leaves_the_notes_in_the_other_language_alone(client, note, editor):
    other = SafetyNote(title="Unplug first", text="<p>Pull the plug.</p>", level="danger", locale=Locale.objects.get(language_code="en"))
    other.translation_key = note.translation_key
    other.save()
    other.save_revision().publish()
    source = make_guide(by=editor, body=[{"type": "safety", "id": "5b1c3e0e-6a0b-4c1f-9a53-2f4f6a1d7c12", "value": {"note": note.pk}}])
    client.force_login(editor)
    submit = reverse("wagtail_localize:submit_page_translation", args=[source.pk])
    client.post(submit, {"locales": [Locale.objects.get(language_code="en").pk]})
    row = fresh(other)
    assert (row.live, row.title, row.text) == (True, "Unplug first", "<p>Pull the plug.</p>")
    assert row.get_latest_revision_as_object().title == "Unplug first"  # the tool begins with the words that were written by hand


def test_a_translation_does_not_become_a_public_copy_of_its_source_and_a_copy_no_translation(client, guide, editor, reviewer, tree):
    english = start_translation(guide, language="en", by=editor)
    client.force_login(reviewer)
    client.post(reverse("wagtail_localize:convert_to_alias", args=[english.pk]))
    assert not fresh(english).live and fresh(english).alias_of_id is None
    other = make_guide(slug="other")
    copy = other.create_alias(parent=Page.objects.get(pk=tree["en"].pk), update_locale=Locale.objects.get(language_code="en"))
    locale = Locale.objects.get(language_code="en").pk
    client.post(reverse("wagtail_localize:submit_page_translation", args=[other.pk]), {"locales": [locale]})
    assert fresh(copy).alias_of_id == other.pk


# --- notes that guides show --------------------------------------------------------------------------------------------


def shows(note, **fields):
    return make_guide(body=[{"type": "safety", "value": {"note": note.pk}}], **fields)


def test_a_note_that_a_public_guide_shows_is_neither_taken_down_nor_deleted(client, note, reviewer):
    guide = shows(note, title="不排水怎么办")
    client.force_login(reviewer)
    for name in ("unpublish", "delete"):
        client.post(reverse(f"wagtailsnippets_kb_safetynote:{name}", args=[note.pk]))
        assert is_untouched(note)
    client.post(f"{reverse('wagtail_bulk_action', args=['kb', 'safetynote', 'delete'])}?id={note.pk}")
    assert is_untouched(note)
    guide.unpublish()
    client.post(reverse("wagtailsnippets_kb_safetynote:unpublish", args=[note.pk]))
    assert not fresh(note).live


def test_a_note_that_nobody_has_approved_is_shown_to_nobody(client, tree, editor):
    draft = SafetyNote(title="不用断电", text="<p>直接拆。</p>", live=False, locale=Locale.objects.get(language_code="zh-hans"))
    draft.save()
    draft.save_revision(user=editor)
    guide = shows(draft, slug="drain")
    assert "直接拆" not in client.get("/zh-hans/guides/drain/").content.decode()
    assert "直接拆" not in extract("guide", guide.pk)[0]["body"]
    client.force_login(editor)
    assert "直接拆" in client.get(reverse("wagtailadmin_pages:view_draft", args=[guide.pk])).content.decode()
    draft_guide = shows(draft, slug="new", live=False, by=editor)
    body = streamfield([("safety", {"note": draft.pk})])
    client.post(reverse("wagtailadmin_pages:edit", args=[draft_guide.pk]), guide_form(body=body, **{"action-submit": "1"}))
    assert not fresh(draft_guide).workflow_in_progress
