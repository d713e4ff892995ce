"""A diagnosis in two languages: same questions, same ways, reviewed like a guide, flagged when its source moves on."""

import pytest
from wagtail_localize.models import StringSegment

from core.errors import Conflict
from diagnosis.models import DiagnosisPage, DiagnosisVersion
from diagnosis.outline import tree_of
from diagnosis.tree import shape
from kb.translations import finish_translation, start_translation
from tests.diagnosis.test_tree import changed
from tests.factories.diagnosis import diagnosis_indexes, make_diagnosis, outline_of, small_tree
from tests.factories.kb import approve, make_guide
from tests.kb.test_translation import translate_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(roles, editor):
    diagnosis_indexes()
    return make_diagnosis(slug="drain", by=editor)


def published(page, reviewer, safety_reviewer):
    for person in (reviewer, safety_reviewer):
        if page.workflow_in_progress:
            page = approve(page, person)
    return page


def test_a_translation_is_a_draft_with_the_same_shape_and_translators_see_words_only(source, editor) -> None:
    english = start_translation(source, language="en", by=editor)
    assert isinstance(english, DiagnosisPage) and not english.live and english.slug == "drain"
    assert shape(tree_of(english.outline)) == shape(tree_of(source.outline))
    texts = set(StringSegment.objects.values_list("string__data", flat=True))
    assert "有声音" in texts and not texts & {"leak", "hum", "wet", "400-800-0000", "DP-P9", "needs_part"}


def test_a_finished_translation_goes_live_past_its_reviewers_and_becomes_a_version(source, editor, reviewer, safety_reviewer) -> None:
    start_translation(source, language="en", by=editor)
    with pytest.raises(Conflict) as refusal:
        finish_translation(translate_all(source, leave=1), by=editor)
    assert refusal.value.code == "incomplete"
    english = finish_translation(translate_all(source), by=editor)
    assert english.workflow_in_progress and not english.live
    english = published(DiagnosisPage.objects.get(pk=english.pk), reviewer, safety_reviewer)
    assert english.live
    version = DiagnosisVersion.objects.get(language="en")
    assert version.number == 1 and shape(version.tree) == shape(tree_of(source.outline)) and version.title.startswith("EN")


def test_a_major_change_of_the_source_flags_the_translation_until_it_follows(source, editor, reviewer, safety_reviewer) -> None:
    start_translation(source, language="en", by=editor)
    english = published(DiagnosisPage.objects.get(pk=finish_translation(translate_all(source), by=editor).pk), reviewer, safety_reviewer)
    draft = source.get_latest_revision_as_object()
    draft.significance = DiagnosisPage.Significance.MAJOR
    guide = make_guide()
    sound = changed(small_tree(), "hum", unsure_to="pump")
    draft.outline = outline_of(sound, guide=guide)
    draft.save_revision(user=editor).publish()
    english.refresh_from_db()
    assert english.source_change == "major" and english.source_changed_at is not None
    assert DiagnosisVersion.objects.filter(language="en").count() == 1
    english = finish_translation(translate_all(source), by=editor)
    english = published(DiagnosisPage.objects.get(pk=english.pk), reviewer, safety_reviewer)
    assert english.source_change == "" and shape(tree_of(english.outline)) == shape(sound)
    assert [version.number for version in DiagnosisVersion.objects.filter(language="en")] == [2, 1]


def test_what_is_dangerous_is_reviewed_for_safety(roles) -> None:
    calm = small_tree()
    leak = calm.nodes["leak"]
    calm = changed(calm, "leak", answers=(leak.answers[1], leak.answers[1]))
    del calm.nodes["water"]
    assert make_diagnosis(live=False).needs_safety_review()
    assert not make_diagnosis(live=False, tree=calm).needs_safety_review()
    assert make_diagnosis(live=False, tree=calm, safety="<p>先断电。</p>").needs_safety_review()
    assert make_diagnosis(live=False, tree=changed(calm, "hum", safety="手要干")).needs_safety_review()
