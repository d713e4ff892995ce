"""A guide in two languages: drafted from the source, complete before it goes live, flagged when the source moves on."""

import pytest
from django.urls import reverse
from wagtail.models import Locale
from wagtail_localize.models import StringSegment, StringTranslation, Translation, TranslationSource

from core.errors import Conflict, NotAllowed
from kb.models import GuidePage
from kb.translations import finish_translation, stale_translations, start_translation
from tests.factories.kb import approve, make_guide, page_tree
from tests.factories.products import CodeFactory, FamilyFactory, ModelFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree(roles):
    return page_tree()


@pytest.fixture
def source(tree, editor):
    family = FamilyFactory()
    return make_guide(
        slug="drain", by=editor, families=[family], models=[ModelFactory(family=family)], codes=[CodeFactory(family=family)], minutes=15
    )


def translate_all(page, *, leave=0):
    """Translate every text of the source but the last `leave`."""
    translation = Translation.objects.get(source__object_id=page.translation_key)
    segments = list(StringSegment.objects.filter(source=translation.source).order_by("order"))
    for segment in segments[: len(segments) - leave]:
        StringTranslation.objects.update_or_create(
            translation_of=segment.string,
            locale=translation.target_locale,
            context=segment.context,
            defaults={"data": f"EN {segment.order}"},
        )
    return translation


def passed(page, reviewer, safety_reviewer):
    """The reviews of a translation: both where its text warns of something, as the factory's does."""
    page = approve(page, reviewer)
    return approve(page, safety_reviewer) if page.workflow_in_progress else page


def test_starting_a_translation_makes_a_draft_that_nobody_sees(client, source, editor):
    english = start_translation(source, language="en", by=editor)
    assert not english.live and english.slug == "drain" and english.minutes == 15
    assert client.get("/en/guides/drain/").status_code == 404


def test_what_is_about_the_machine_is_copied(source, editor):
    english = start_translation(source, language="en", by=editor)
    for name in ("families", "product_models", "error_codes"):
        assert list(getattr(english, name).all()) == list(getattr(source, name).all())
        assert getattr(english, name).count() == 1


def test_part_numbers_and_addresses_are_not_given_to_translators(source, editor):
    start_translation(source, language="en", by=editor)
    texts = set(StringSegment.objects.values_list("string__data", flat=True))
    assert "关机、拔插头" in texts and "DP-F2" not in texts and "drain" not in texts


def test_an_unfinished_translation_is_not_submitted(source, editor):
    english = start_translation(source, language="en", by=editor)
    with pytest.raises(Conflict) as refusal:
        finish_translation(translate_all(source, leave=1), by=editor)
    assert refusal.value.code == "incomplete"
    english.refresh_from_db()
    assert not english.live and not english.workflow_in_progress


def test_a_complete_translation_goes_live_only_through_the_reviewer(client, source, editor, reviewer, safety_reviewer):
    english = start_translation(source, language="en", by=editor)
    finish_translation(translate_all(source), by=editor)
    english.refresh_from_db()
    assert not english.live and english.workflow_in_progress
    english = passed(english, reviewer, safety_reviewer)
    assert english.live
    html = client.get("/en/guides/drain/").content.decode()
    assert "EN " in html and "关机、拔插头" not in html


def test_an_outsider_can_neither_start_nor_finish(source, editor, agent):
    with pytest.raises(NotAllowed):
        start_translation(source, language="en", by=agent)
    start_translation(source, language="en", by=editor)
    with pytest.raises(NotAllowed):
        finish_translation(translate_all(source), by=agent)


def live_pair(source, editor, reviewer, safety_reviewer):
    english = start_translation(source, language="en", by=editor)
    finish_translation(translate_all(source), by=editor)
    return passed(english, reviewer, safety_reviewer)


def change(source, significance, text="新的摘要"):
    source = GuidePage.objects.get(pk=source.pk)
    source.summary, source.significance = text, significance
    source.save_revision().publish()


@pytest.mark.parametrize(("significance", "flag"), [("typo", ""), ("minor", "minor"), ("major", "major")])
def test_a_changed_source_flags_its_translation_unless_it_was_a_typo(source, editor, reviewer, significance, flag, safety_reviewer):
    english = live_pair(source, editor, reviewer, safety_reviewer)
    change(source, significance)
    english.refresh_from_db()
    assert english.source_change == flag
    assert bool(english.source_changed_at) is bool(flag)
    assert [page.pk for page in stale_translations()] == ([english.pk] if flag else [])


def test_a_major_flag_is_not_weakened_by_a_minor_change(source, editor, reviewer, safety_reviewer):
    english = live_pair(source, editor, reviewer, safety_reviewer)
    change(source, "major")
    change(source, "minor", "又一次")
    english.refresh_from_db()
    assert english.source_change == "major"


def test_the_translators_get_the_new_texts_and_the_live_version_stays_until_approved(client, source, editor, reviewer, safety_reviewer):
    english = live_pair(source, editor, reviewer, safety_reviewer)
    change(source, "minor")
    translation = Translation.objects.get(source__object_id=source.translation_key)
    done, total = translation.get_progress()[::-1]
    assert done == total - 1
    finish_translation(translate_all(source), by=editor)
    english.refresh_from_db()
    assert english.source_changed_at is not None and english.live
    english = passed(english, reviewer, safety_reviewer)
    assert english.source_changed_at is None and english.source_change == ""


def test_publishing_an_old_draft_does_not_bring_the_flag_back(source, editor, reviewer, safety_reviewer):
    english = live_pair(source, editor, reviewer, safety_reviewer)
    change(source, "major")
    english = GuidePage.objects.get(pk=english.pk)
    draft = english.save_revision()
    draft.publish()
    english.refresh_from_db()
    assert english.source_changed_at is None


def test_versions_written_by_hand_are_flagged_as_well(tree):
    chinese = make_guide(slug="hose")
    english = make_guide(language="en", slug="hose", title="Hose", translation_of=chinese)
    change(chinese, "minor")
    english.refresh_from_db()
    assert english.source_changed_at
    english.title = "Hose height"
    english.save_revision().publish()
    english.refresh_from_db()
    assert english.source_changed_at is None and english.title == "Hose height"


def test_changing_the_translation_does_not_flag_the_source(tree):
    chinese = make_guide(slug="hose")
    english = make_guide(language="en", slug="hose", title="Hose", translation_of=chinese)
    english.title = "Hose height"
    english.save_revision().publish()
    chinese.refresh_from_db()
    assert chinese.source_changed_at is None


def test_the_editor_s_road_in_the_cms(client, source, editor):
    client.force_login(editor)
    submit = reverse("wagtail_localize:submit_page_translation", args=[source.pk])
    assert client.get(submit).status_code == 200
    client.post(submit, {"locales": [Locale.objects.get(language_code="en").pk]})
    english = GuidePage.objects.get(translation_key=source.translation_key, locale__language_code="en")
    edit = reverse("wagtailadmin_pages:edit", args=[english.pk])
    assert client.get(edit).status_code == 200
    translation = translate_all(source)
    page = client.get(edit).content.decode()
    finish = reverse("kb_finish_translation", args=[translation.pk])
    assert finish in page
    client.post(finish)
    english.refresh_from_db()
    assert english.workflow_in_progress and not english.live


def test_the_reviewer_decides_on_the_translation_s_own_screen(client, source, editor, reviewer, safety_reviewer):
    english = start_translation(source, language="en", by=editor)
    finish_translation(translate_all(source), by=editor)
    english.refresh_from_db()
    edit = reverse("wagtailadmin_pages:edit", args=[english.pk])
    approve_url, reject_url = (
        reverse("wagtailadmin_pages:workflow_action", args=[english.pk, name, english.current_workflow_task_state.pk])
        for name in ("approve", "reject")
    )
    client.force_login(editor)
    assert approve_url not in client.get(edit).content.decode()  # nobody approves their own
    client.force_login(reviewer)
    page = client.get(edit).content.decode()
    assert approve_url in page and reject_url in page
    client.post(approve_url, {"comment": ""})
    english = approve(english, safety_reviewer)
    assert english.live and approve_url not in client.get(edit).content.decode()


def test_the_list_of_guides_shows_and_filters_what_its_source_has_left_behind(client, source, editor, reviewer, safety_reviewer):
    english = live_pair(source, editor, reviewer, safety_reviewer)
    change(source, "minor")
    other = make_guide(language="en", slug="hose", title="Hose height")
    client.force_login(editor)
    address = reverse("wagtailadmin_explore", args=[english.get_parent().pk])

    def listed(**query):
        return {page.pk for page in client.get(address, query).context["page_obj"].object_list}

    assert listed() == {english.pk, other.pk}
    assert str(GuidePage.Significance.MINOR.label) in client.get(address).content.decode()
    assert listed(source_change="any") == {english.pk}
    assert listed(source_change="major") == set()


def test_the_publish_button_of_the_translation_screen_submits_for_review_instead(client, source, reviewer):
    english = start_translation(source, language="en", by=reviewer)
    client.force_login(reviewer)
    edit = reverse("wagtailadmin_pages:edit", args=[english.pk])
    client.post(edit, {"action": "publish"})
    english.refresh_from_db()
    assert not english.live and not english.workflow_in_progress
    translate_all(source)
    client.post(edit, {"action": "publish"})
    english.refresh_from_db()
    assert not english.live and english.workflow_in_progress


def test_refreshing_translations_cannot_publish_past_the_reviewer(client, source, reviewer):
    english = start_translation(source, language="en", by=reviewer)
    client.force_login(reviewer)
    url = reverse("wagtail_localize:update_translations", args=[TranslationSource.objects.get().pk])
    assert client.get(url).status_code == 200
    client.post(url, {"publish_translations": "on"})
    english.refresh_from_db()
    assert not english.live


def test_tables_are_translated_cell_by_cell(client, tree, editor, reviewer, safety_reviewer):
    table = {
        "columns": [{"type": "text", "heading": "程序"}, {"type": "text", "heading": "时间"}],
        "rows": [{"values": ["单脱水", "3 分钟"]}, {"values": ["标准", ""]}],
        "caption": "",
    }
    page = make_guide(
        slug="times",
        by=editor,
        body=[{"type": "table", "value": {"caption": "各程序时间", "table": table}, "id": "5b1c3e0e-6a0b-4c1f-9a53-2f4f6a1d7c11"}],
    )
    start_translation(page, language="en", by=editor)
    assert {"程序", "时间", "单脱水", "3 分钟", "标准", "各程序时间"} <= set(StringSegment.objects.values_list("string__data", flat=True))
    english = live_pair(page, editor, reviewer, safety_reviewer)
    html = client.get("/en/guides/times/").content.decode()
    assert english.live and "单脱水" not in html and "程序" not in html
