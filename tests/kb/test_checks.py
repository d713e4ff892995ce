"""What an editor is told before a reviewer has to say it, in both languages; one thing stops the submission."""

import pytest
from django.urls import reverse
from django.utils import translation
from wagtail.images.tests.utils import get_test_image_file
from wagtail.test.utils.form_data import rich_text

from core.models import HearthImage
from kb.checks import findings, length_of, long_sentences, sentences
from kb.models import GuidePage
from tests.factories.kb import items, make_guide, page_tree
from tests.factories.products import FamilyFactory, ModelFactory

pytestmark = pytest.mark.django_db
LONG = "先把机器背后的进水管从水龙头上拧下来，再用旧牙刷把里面那一小片滤网上的泥沙和水垢一点一点刷干净，最后原样装回去拧紧"


@pytest.fixture
def tree(roles):
    return page_tree()


def picture(**words):
    return HearthImage.objects.create(title="图", file=get_test_image_file(filename="a.png"), **words)


def steps(*rows, title="步骤一"):
    return {"type": "steps", "value": {"title": title, "steps": items([{"title": "做", "text": "", **row} for row in rows])}}


def found(*blocks, language="zh-hans", **fields):
    guide = make_guide(language=language, body=list(blocks), **fields)
    with translation.override(language):
        return [(item.text, item.must) for item in findings(guide)]


def test_sentences_are_counted_in_characters_or_words():
    assert sentences("先断电。再拧开！好了吗", "zh-hans") == ["先断电", "再拧开", "好了吗"]
    assert length_of("等 30 分钟，看 E2。", "zh-hans") == 6
    assert sentences("Unplug it. Wait 3.5 minutes.", "en") == ["Unplug it.", "Wait 3.5 minutes."]
    assert length_of("It doesn't drain.", "en") == 3
    assert long_sentences(LONG, "zh-hans", longest=45) == [LONG]
    assert long_sentences("Short one. " * 20, "en", longest=25) == []


def test_a_picture_without_words_has_to_get_some_unless_the_picture_has_its_own():
    bare, told = picture(), picture(alt_zh_hans="过滤器", alt_en="")
    assert [must for _text, must in found(steps({"image": bare.pk}))] == [True]
    assert found(steps({"image": told.pk})) == []
    assert found(steps({"image": bare.pk, "image_alt": "拧下过滤器"})) == []
    assert [must for _text, must in found({"type": "picture", "value": {"image": bare.pk, "alt": "", "caption": ""}})] == [True]


def test_steps_without_pictures_are_named():
    ((text, must),) = found(steps({"image": picture(alt_zh_hans="图").pk}, {}, {}))
    assert "2" in text and "3" in text and not must


def test_a_danger_that_the_steps_speak_of_wants_a_warning_before_them():
    hot = {"text": "<p>小心烫伤。</p>", "image": picture(alt_zh_hans="图").pk}
    warning = {"type": "warning", "value": {"level": "warning", "title": "烫", "text": "<p>先放凉。</p>"}}
    assert ["烫伤" in text for text, _must in found(steps(hot))] == [True]
    assert found(steps(hot), warning) == []  # it is moved before the steps on the page
    english = {"title": "Mind the sharp edge", "image": picture(alt_en="x").pk}
    assert ["sharp" in text for text, _must in found(steps(english), language="en", title="T", summary="S.")] == [True]


def test_long_sentences_alike_headings_and_empty_links_are_named():
    paragraph = {"type": "paragraph", "value": {"title": "清洗", "text": f"<p>{LONG}。</p>"}}
    texts = [text for text, _must in found(paragraph, paragraph, {"type": "stop", "value": {"text": '<p><a href="/x">这里</a></p>'}})]
    assert sum("请拆成两句" in text for text in texts) == 2
    assert any("小标题相同" in text for text in texts) and any("通向哪里" in text for text in texts)


def test_a_part_that_nobody_can_see_is_named():
    family = FamilyFactory()
    mine, other = ModelFactory(family=family, number="WF10"), ModelFactory(family=family, number="RC452")
    part = {"type": "paragraph", "value": {"title": "", "text": "<p>…</p>", "only_for": {"models": [other.slug]}}}
    assert ["没有人会看到" in text for text, _must in found(part, models=[mine])] == [True]
    assert found(part, models=[mine, other]) == []


def test_what_looks_like_personal_data_is_named():
    part = {"type": "paragraph", "value": {"title": "", "text": "<p>打孙师傅手机 139 1234 5678。</p>"}}
    (text,) = [text for text, _must in found(part)]
    assert "139 1234 5678" in text and "孙师傅" in text


def test_who_hands_a_guide_in_is_told_what_is_open(client, tree, editor):
    guide = make_guide(live=False, by=editor)
    client.force_login(editor)
    body = [("paragraph", {"title": "清洗", "text": rich_text("<p>离地 60cm。</p>")})]
    url = reverse("wagtailadmin_pages:edit", args=[guide.pk])
    client.post(url, form_of(guide, body, **{"action-submit": "1"}))
    assert GuidePage.objects.get(pk=guide.pk).workflow_in_progress
    told = client.get(reverse("wagtailadmin_home")).content.decode()
    assert "60cm" in told and "清洗" in told


def form_of(guide, body, **fields):
    from wagtail.test.utils.form_data import nested_form_data, streamfield

    counts = {f"comments-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL", "MIN_NUM")} | {"comments-MAX_NUM_FORMS": "1000"}
    data = {"title": guide.title, "slug": guide.slug, "kind": "guide", "summary": guide.summary, "significance": "minor"}
    return nested_form_data({**data, "change_note": "", "body": streamfield(body), **counts, **fields})


def with_picture(alt):
    return [("picture", {"image": picture().pk, "alt": alt, "caption": ""})]


@pytest.mark.parametrize(("alt", "goes"), [("", False), ("拧下过滤器", True)])
def test_a_picture_without_words_is_not_handed_in_but_kept_as_a_draft(client, tree, editor, alt, goes):
    guide = make_guide(live=False, by=editor)
    client.force_login(editor)
    url = reverse("wagtailadmin_pages:edit", args=[guide.pk])
    answer = client.post(url, form_of(guide, with_picture(alt), **{"action-submit": "1"}))
    assert GuidePage.objects.get(pk=guide.pk).workflow_in_progress is goes
    if not goes:
        assert "缺少替代文字" in str(answer.context["form"].errors.as_data()["body"][0].non_block_errors)
        assert client.post(url, form_of(guide, with_picture(alt))).status_code == 302


def test_a_major_change_says_what_has_changed(client, tree, editor):
    guide = make_guide(by=editor)
    client.force_login(editor)
    url = reverse("wagtailadmin_pages:edit", args=[guide.pk])
    client.post(url, form_of(guide, [], significance="major", **{"action-submit": "1"}))
    assert not GuidePage.objects.get(pk=guide.pk).workflow_in_progress
    client.post(url, form_of(guide, [], significance="major", change_note="先断电", **{"action-submit": "1"}))
    assert GuidePage.objects.get(pk=guide.pk).workflow_in_progress


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "步没有图片"), ("en", "have no picture")])
def test_the_editor_lists_what_to_look_at_in_the_language_of_the_screen(client, tree, editor, language, words):
    guide = make_guide(by=editor)
    editor.language = language
    editor.save()
    client.force_login(editor)
    client.cookies["hearth_language"] = language
    assert words in client.get(reverse("wagtailadmin_pages:edit", args=[guide.pk])).content.decode()


def previewed(client, guide, mode):
    return client.get(reverse("wagtailadmin_pages:view_draft", args=[guide.pk]), {"mode": mode}).content.decode()


def test_previews_show_the_checks_each_models_page_and_the_other_language(rf, tree, editor):
    family = FamilyFactory(slug="robots")
    rv6, rv8 = ModelFactory(family=family, number="RV6"), ModelFactory(family=family, number="RV8")
    parts = [
        {"type": "paragraph", "value": {"title": "", "text": f"<p>{row.number} 专用</p>", "only_for": {"models": [row.slug]}}}
        for row in (rv6, rv8)
    ]
    guide = make_guide(slug="two", families=[family], body=parts, by=editor)
    english = make_guide(language="en", slug="two", title="Two robots", translation_of=guide, live=False)
    modes = dict(guide.preview_modes)
    assert set(modes) == {"", "checks", "model:robots:rv6", "model:robots:rv8", "other-language"}

    def preview(mode):
        answer = guide.make_preview_request(preview_mode=mode)
        return answer.render().content.decode() if hasattr(answer, "render") else answer.content.decode()

    assert "RV6 专用" in preview("") and "RV8 专用" in preview("")
    assert "RV6 专用" in preview("model:robots:rv6") and "RV8 专用" not in preview("model:robots:rv6")
    assert "没有需要注意的地方" in preview("checks") and "没有需要注意的地方" not in preview("")
    assert english.title in preview("other-language")
    assert "other-language" not in dict(make_guide(slug="alone").preview_modes)
