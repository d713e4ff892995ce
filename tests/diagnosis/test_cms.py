"""Writing a diagnosis in the CMS: keys, checks in words, the graph, trying it out, and the review that stands before publishing."""

import json
import re
from dataclasses import replace

import pytest
from django.urls import reverse
from django.utils import translation
from hypothesis import given, settings
from wagtail.blocks import StreamValue
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from core.errors import Conflict
from diagnosis.checks import GUIDE_GONE, OTHER_SHAPE, PART_GONE, findings
from diagnosis.graph import draw, width_of, wrapped
from diagnosis.models import DiagnosisPage, DiagnosisRun, DiagnosisVersion
from diagnosis.outline import give_keys, tree_of
from diagnosis.reading import advice_for
from diagnosis.tree import LOOP, UNSURE, Tree, problems
from products.models import Part
from tests.diagnosis.test_tree import changed, trees
from tests.factories.diagnosis import PUMP, diagnosis_indexes, make_diagnosis, outline_of, small_tree
from tests.factories.kb import make_guide


def outline_value(data: list) -> StreamValue:
    return DiagnosisPage._meta.get_field("outline").to_python(json.dumps(data))


# --- keys -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_missing_and_doubled_keys_are_given_anew_and_good_ones_stay() -> None:
    data = outline_of(small_tree())
    data[1]["value"]["key"] = ""
    data[2]["value"]["key"] = "leak"
    data[3]["value"]["key"] = "带空格 的"
    for item in data[0]["value"]["answers"]:
        item["value"]["key"] = ""
    value = outline_value(data)
    assert give_keys(value)
    keys = [block.value["key"] for block in value]
    assert keys[0] == "leak" and len(set(keys)) == 7
    assert all(re.fullmatch(r"[a-z0-9-]+", key) for key in keys)
    assert [answer["key"] for answer in value[0].value["answers"]] == ["you-liu-dao-cha-zuo-fu", "mei-you"]
    assert not give_keys(value)


# --- the graph ------------------------------------------------------------------------------------------------------


@settings(max_examples=80, deadline=None)
@given(trees())
def test_any_tree_is_drawn_without_boxes_that_overlap(tree: Tree) -> None:
    drawing = draw(tree, unsure="不确定")
    assert [box.key for box in drawing.boxes] == list(tree.nodes)
    for place, one in enumerate(drawing.boxes):
        assert one.x >= 0 and one.x + one.width <= drawing.width and one.y >= 0 and one.y + one.height <= drawing.height
        for two in drawing.boxes[place + 1 :]:
            assert one.x + one.width <= two.x or two.x + two.width <= one.x or one.y + one.height <= two.y or two.y + two.height <= one.y, (
                one,
                two,
            )
    known = {to for node in tree.nodes.values() for _answer, to in node.ways()} & set(tree.nodes)
    assert {line.target for line in drawing.lines} == known
    assert any(line.kind == "back" for line in drawing.lines) == any(problem.code == LOOP for problem in problems(tree))


def test_lines_go_from_left_to_right_and_words_fit_their_box() -> None:
    drawing = draw(small_tree("en"), unsure="Not sure")
    place = {box.key: box for box in drawing.boxes}
    for line in drawing.lines:
        assert place[line.source].x + place[line.source].width < place[line.target].x
    for text in ("排水泵过滤器在机器右下角，打开小门就能看到，慢慢拧开", "The pump filter is behind the small door", "x" * 90):
        lines = wrapped(text, 200)
        assert len(lines) <= 3 and all(width_of(line) <= 200 for line in lines)
    assert wrapped("打开机门，看一看。", 60)[1][0] not in "，。"


# --- checks ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_findings_say_in_both_languages_what_is_wrong_and_where() -> None:
    page = make_diagnosis(live=False, tree=changed(small_tree(), "hum", unsure_to="leak"))
    with translation.override("zh-hans"):
        (found,) = findings(page)
    assert found.where.startswith("2. 排水时") and "绕圈" in found.words and "不确定" in found.words
    with translation.override("en"):
        assert "round in circles" in findings(page)[0].words


@pytest.mark.django_db
def test_a_guide_that_is_not_published_and_a_part_that_is_gone_are_found() -> None:
    guide = make_guide()
    page = make_diagnosis(live=False, guide=guide)
    assert findings(page) == []
    guide.unpublish()
    Part.objects.filter(number=PUMP).delete()
    assert {(item.code, item.node_key) for item in findings(page)} == {(GUIDE_GONE, "filter"), (PART_GONE, "pump")}


@pytest.mark.django_db
def test_a_translation_must_ask_what_its_source_asks() -> None:
    source = make_diagnosis()
    english = make_diagnosis(language="en", translation_of=source, live=False, tree=changed(small_tree("en"), "hose", unsure_to="filter"))
    assert OTHER_SHAPE not in {item.code for item in findings(source)}
    same = replace(small_tree("en"))
    english.outline = outline_of(changed(same, "hum", unsure_to="pump"), guide=make_guide())
    assert [item.code for item in findings(english)] == [OTHER_SHAPE]
    english.outline = outline_of(small_tree("en"), guide=make_guide())
    assert findings(english) == []


@pytest.mark.django_db
def test_a_broken_draft_is_kept_but_never_published_whichever_way(editor) -> None:
    page = make_diagnosis(live=False, by=editor, tree=changed(small_tree(), "hum", unsure_to=""))
    with pytest.raises(Conflict) as refusal:
        page.get_latest_revision().publish()
    assert refusal.value.code == "broken_diagnosis" and "“不确定”" in str(refusal.value.message)
    page.refresh_from_db()
    assert not page.live and not DiagnosisVersion.objects.exists()


# --- the editor's form ----------------------------------------------------------------------------------------------


def form_data(page: DiagnosisPage, tree: Tree, guide, **extra: str) -> dict[str, str]:
    def value(row: dict) -> tuple[str, dict]:
        fields = {**row["value"], "text": rich_text(row["value"]["text"] or "<p></p>")}
        for name in ("picture", "guide", "part"):
            if name in fields:
                fields[name] = fields[name] or ""
        if "answers" in fields:
            fields["answers"] = streamfield([("item", item["value"]) for item in fields["answers"]])
        return row["type"], fields

    return nested_form_data(
        {
            "title": page.title,
            "slug": page.slug,
            "summary": page.summary,
            "safety": rich_text("<p>先断电。</p>"),
            "minutes": "",
            "picture": "",
            "keywords": "",
            "reviewed_on": "",
            "review_due_on": "",
            "significance": "minor",
            "outline": streamfield([value(row) for row in outline_of(tree, guide=guide)]),
            "comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": ""},
            **extra,
        }
    )


@pytest.mark.django_db
def test_saving_keeps_what_is_unfinished_and_submitting_says_in_words_what_is_missing(client, editor) -> None:
    guide = make_guide()
    page = make_diagnosis(live=False, guide=guide, by=editor)
    broken = changed(small_tree(), "hum", unsure_to="")
    client.force_login(editor)
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert client.post(url, form_data(page, broken, guide)).status_code == 302
    assert tree_of(DiagnosisPage.objects.get(pk=page.pk).get_latest_revision_as_object().outline).nodes["hum"].unsure_to == ""
    answer = client.post(url, form_data(page, broken, guide, **{"action-submit": "1"}))
    assert answer.status_code == 200 and "请写明选“不确定”时到哪里" in answer.content.decode()
    page.refresh_from_db()
    assert not page.workflow_in_progress
    assert client.post(url, form_data(page, small_tree(), guide, **{"action-submit": "1"})).status_code == 302
    page.refresh_from_db()
    assert page.workflow_in_progress


@pytest.mark.django_db
def test_submitted_then_approved_by_someone_else_is_live_with_a_version(client, editor, reviewer) -> None:
    guide = make_guide()
    page = make_diagnosis(live=False, guide=guide, by=editor)
    client.force_login(editor)
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    client.post(url, form_data(page, small_tree(), guide, **{"action-submit": "1"}))
    page = DiagnosisPage.objects.get(pk=page.pk)
    while page.workflow_in_progress:
        state = page.current_workflow_task_state
        state.specific.approve(user=reviewer)
        page = DiagnosisPage.objects.get(pk=page.pk)
    assert page.live and DiagnosisVersion.objects.get().safety.endswith(">先断电。</p>")


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["editor", "reviewer", "safety_reviewer"])
def test_nobody_publishes_past_the_reviewers(request, client, editor, who) -> None:
    person = request.getfixturevalue(who)
    guide = make_guide()
    page = make_diagnosis(live=False, guide=guide, by=editor)
    assert page.permissions_for_user(person).can_edit()
    assert not page.permissions_for_user(person).can_publish()
    assert not diagnosis_indexes()["zh-hans"].permissions_for_user(person).can_publish_subpage()
    client.force_login(person)
    client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), form_data(page, small_tree(), guide, **{"action-publish": "1"}))
    assert not DiagnosisPage.objects.get(pk=page.pk).live
    assert not DiagnosisVersion.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("stored", "sent", "changed"), [("", "<p></p>", False), ("", "<p>先断电。</p>", True), ("<p>先断电。</p>", "<p></p>", True)]
)
def test_a_field_left_empty_makes_no_version_of_the_reviewers_own(editor, stored, sent, changed) -> None:
    page = make_diagnosis(live=False, by=editor, safety=stored)
    form_class = page.get_edit_handler().get_form_class()
    form = form_class(form_data(page, small_tree(), make_guide(), safety=rich_text(sent)), instance=page, for_user=editor)
    assert ("safety" in form.changed_data) is changed
    assert form.is_valid() and ("断电" in form.cleaned_data["safety"]) is ("断电" in sent)
    assert "data-block-key" not in form.cleaned_data["safety"] or "断电" in sent


@pytest.mark.django_db
def test_a_save_in_the_background_decides_nothing(client, editor, reviewer) -> None:
    guide = make_guide()
    page = make_diagnosis(live=False, guide=guide, by=editor)
    client.force_login(editor)
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    client.post(url, form_data(page, small_tree(), guide, **{"action-submit": "1"}))
    client.force_login(reviewer)
    data = form_data(page, small_tree(), guide, **{"action-workflow-action": "true", "workflow-action-name": "approve"})
    assert client.post(url, data, headers={"accept": "application/json"}).status_code == 409
    page = DiagnosisPage.objects.get(pk=page.pk)
    assert page.workflow_in_progress and page.current_workflow_task_state.status == "in_progress"
    assert not page.live and not DiagnosisVersion.objects.exists()


@pytest.mark.django_db
def test_the_graph_is_drawn_from_what_is_being_written_and_nothing_is_saved(client, editor, customer) -> None:
    guide = make_guide()
    page = make_diagnosis(live=False, guide=guide)
    url = reverse("diagnosis_draw") + f"?page={page.pk}"
    data = form_data(page, changed(small_tree(), "hum", title="全新的问题", unsure_to=""), guide)
    client.force_login(customer)
    assert client.post(url, data).status_code in {302, 403}
    client.force_login(editor)
    drawn = client.post(url, data).content.decode()
    assert "全新的问题" in drawn and "<svg" in drawn and "请写明选“不确定”时到哪里" in drawn
    assert client.post(url, {}).status_code == 400 and client.get(url).status_code == 405
    assert "全新的问题" not in json.dumps(DiagnosisPage.objects.get(pk=page.pk).get_latest_revision().content, ensure_ascii=False)


@pytest.mark.django_db
def test_the_editor_shows_graph_and_checks(client, editor) -> None:
    page = make_diagnosis(live=False, by=editor, tree=changed(small_tree(), "hum", unsure_to="leak"))
    client.force_login(editor)
    body = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    assert "data-hearth-graph" in body and "绕圈" in body and 'data-node="hum"' in body and "diagnosis/editor" in body


# --- trying it out --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_how_a_diagnosis_reads_is_said_at_its_node(client, editor) -> None:
    page = make_diagnosis(live=False, by=editor, tree=changed(small_tree(), "hum", why="响的时间超过30秒，说明水泵有电。"))
    (advice,) = advice_for(page, tree_of(page.outline))
    assert advice.where.startswith("2. ") and "30秒" in advice.text
    client.force_login(editor)
    assert "30秒" in client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode().split("hearth-checks")[1]


@pytest.mark.django_db
def test_trying_it_out_walks_the_draft_and_records_nothing(client, editor, agent) -> None:
    page = make_diagnosis()
    draft = page.get_latest_revision_as_object()
    draft.outline = outline_of(changed(small_tree(), "leak", title="草稿里的问题"), guide=make_guide())
    draft.save_revision()
    url = reverse("diagnosis_try", args=[page.pk])
    client.force_login(agent)
    assert client.get(url).status_code in {302, 403}
    client.force_login(editor)
    assert "草稿里的问题" in client.get(url).content.decode()
    body = client.get(url, {"a": ["leak.dry", f"hum.{UNSURE}", "hose.bent"]}).content.decode()
    assert "清理排水泵过滤器" in body and "不确定" in body and "滚筒洗衣机不排水" in body
    assert "?a=leak.dry&amp;a=hum.unsure&quot;" not in body and "a=leak.dry" in body
    assert "400-800-0000" in client.get(url, {"a": "leak.wet"}).content.decode()
    for nonsense in ("leak", "leak.", "gone.x", "hose.bent", "'\"><script>.x"):
        assert client.get(url, {"a": nonsense}).status_code == 200
    assert not DiagnosisRun.objects.exists()


@pytest.mark.django_db
def test_the_draft_is_shown_whole_with_and_without_its_graph(client, editor) -> None:
    page = make_diagnosis(live=False, by=editor, safety="<p>先断电。</p>")
    client.force_login(editor)
    plain = client.get(reverse("wagtailadmin_pages:view_draft", args=[page.pk])).content.decode()
    assert "先断电。" in plain and "400-800-0000" in plain and 'href="#node-hum"' in plain and "hearth-graph" not in plain
    request = page.make_preview_request(preview_mode="graph")
    assert 'class="hearth-graph"' in request.content.decode()
    assert not diagnosis_indexes()["zh-hans"].is_previewable()
