"""The editors' work lists: what is noticed becomes a row, a row becomes a page or a task, what was dealt with goes away."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.errors import Conflict, InvalidInput, NotAllowed
from core.history import history_of
from core.models import OutboundMessage, TaskAttempt
from kb import actions, drafting, editing, ledger, lists, upkeep, work_views
from kb.models import ArticleVote, EditorTask, GuidePage
from kb.subjects import guide_key
from kb.worklists import Filters, lists_for, rows_of
from search import worklists as searches
from search.models import SearchLog
from tests.factories.kb import HelpSessionFactory, body, make_guide, page_tree
from tests.factories.products import FamilyFactory, ModelFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree(roles):
    return page_tree()


def asked(query, *, total=0, times=1, clicked=0, language="zh-hans", days_ago=1, product=""):
    now = timezone.now() - timedelta(days=days_ago)
    for number in range(times):
        SearchLog.objects.create(
            query=query,
            language=language,
            total=total,
            engine="embedded",
            product=product,
            visitor_key=f"v{number}",
            at=now,
            clicked_key="guide:x" if number < clicked else "",
        )


def the_list(user, key):
    return next(item for item in lists_for(user) if item.key == key)


def link(html):
    return [{"type": "paragraph", "id": "p1", "value": {"title": "", "text": f"<p>{html}</p>"}}]


# --- what stands in the lists


def test_searches_without_an_answer_come_first_by_how_often_they_were_asked(tree):
    asked("羽绒服怎么洗", times=3)
    asked("零冷水", times=1)
    asked("排水", total=4)
    rows = searches.unanswered_rows(Filters())
    assert [(row.title, row.count) for row in rows] == [("羽绒服怎么洗", 3), ("零冷水", 1)]
    assert rows[0].prefill == {"title": "羽绒服怎么洗", "keywords": ["羽绒服怎么洗"], "language": "zh-hans"}


def test_a_search_that_has_an_answer_now_leaves_the_list(tree):
    asked("羽绒服怎么洗", times=3, days_ago=3)
    asked("羽绒服怎么洗", total=2, days_ago=1)
    assert searches.unanswered_rows(Filters()) == []


def test_a_search_that_names_a_model_and_a_code_fills_the_page(tree):
    from tests.factories.products import CodeFactory

    model = ModelFactory(number="WF10-320", slug="wf10-320")
    CodeFactory(family=model.family, code="E2")
    asked("wf10-320 报e2")
    (row,) = searches.unanswered_rows(Filters())
    assert row.prefill["model"] == "wf10-320" and row.prefill["family"] == model.family.slug and row.prefill["codes"] == ["E2"]


def test_results_that_are_hardly_opened_are_listed_and_others_not(tree):
    asked("排水", total=4, times=10, clicked=1)
    asked("异响", total=4, times=10, clicked=2)
    asked("漏水", total=4, times=2)
    assert [row.title for row in searches.low_click_rows(Filters())] == ["排水"]


def test_unhelpful_pages_say_why_and_what_was_searched(tree):
    guide = make_guide(families=[FamilyFactory()])
    for number, reason in enumerate(["no_pictures", "no_pictures", "unclear"]):
        key = f"v{number}"
        actions.vote(
            subject_key=guide_key(guide), helpful=False, visitor_key=key, title=guide.title, language="zh-hans", page=guide, query="不排水"
        )
        actions.explain_vote(subject_key=guide_key(guide), visitor_key=key, reason=reason, comment="盖子在左下角")
    (row,) = lists.unhelpful_rows(Filters())
    assert row.count == 3 and row.page_id == guide.pk and "× 2" in row.facts[0]
    assert any("盖子在左下角" in fact for fact in row.facts) and any("不排水" in fact for fact in row.facts)


def test_the_most_read_of_what_is_overdue_comes_first(tree):
    late = {"review_due_on": timezone.localdate() - timedelta(days=3)}
    quiet, busy = make_guide(slug="quiet", **late), make_guide(slug="busy", title="常读", **late)
    make_guide(slug="fresh", review_due_on=timezone.localdate() + timedelta(days=9))
    ledger.record_opened(HelpSessionFactory(), key=guide_key(busy), title=busy.title)
    assert [(row.page_id, row.count) for row in lists.outdated_rows(Filters())] == [(busy.pk, 1), (quiet.pk, 0)]


def test_a_guide_without_owner_or_review_date_is_listed(tree, editor):
    bare = make_guide(slug="bare")
    late = make_guide(slug="late", by=editor, review_due_on=timezone.localdate() - timedelta(days=40))
    make_guide(slug="kept", by=editor, review_due_on=timezone.localdate() + timedelta(days=40))
    assert [(row.page_id, row.count) for row in lists.ownerless_rows(Filters())] == [(late.pk, 40), (bare.pk, 0)]
    editor.is_active = False
    editor.save()
    assert len(lists.ownerless_rows(Filters())) == 3


BROKEN = (
    '<a linktype="page" id="999999">旧文章</a>',
    '<a linktype="document" id="999999">说明书</a>',
    '<a href="htp://a.example">x</a>',
    '<a href="https://内网 机器/">x</a>',
    '<a href="http://localhost/">x</a>',
    '<a href="/zh-hans/guides/no-such-guide/">x</a>',
    '<a href="/zh-hans/nowhere/at/all/">x</a>',
)
SOUND = (
    '<a href="/zh-hans/guides/">全部指南</a>',
    '<a href="/zh-hans/help/">求助</a>',
    '<a href="https://www.example.com/a?b=c">x</a>',
    '<a href="mailto:help@example.com">x</a>',
    '<a href="tel:400-200-1180">x</a>',
    "没有链接",
)


def test_links_that_lead_nowhere_are_found_without_asking_anybody(tree):
    guide = make_guide(slug="broken", body=link("".join(BROKEN + SOUND)))
    make_guide(slug="sound", body=link("".join(SOUND)))
    (row,) = lists.broken_rows(Filters())
    assert (row.page_id, row.count) == (guide.pk, len(BROKEN))


def test_a_link_to_a_page_that_was_taken_down_is_broken(tree):
    target = make_guide(slug="target")
    make_guide(slug="source", body=link(f'<a linktype="page" id="{target.pk}">看这篇</a>'))
    assert lists.broken_rows(Filters()) == []
    target.unpublish()
    (row,) = lists.broken_rows(Filters())
    assert "看这篇" in row.facts[0]


# --- what is dealt with


def test_a_row_set_aside_comes_back_when_it_happens_again(tree, editor):
    asked("羽绒服怎么洗")
    found = the_list(editor, "no-answer")
    (row,) = rows_of(found, Filters())
    editing.dismiss_row(by=editor, list_key=found.key, row_key=row.key, title=row.title, reason="不卖羽绒服")
    assert rows_of(found, Filters()) == [] and len(rows_of(found, Filters(), settled=True)) == 1
    asked("羽绒服怎么洗", days_ago=-1)
    assert len(rows_of(found, Filters(days=30))) == 1


def test_filters_keep_language_and_family(tree, editor):
    model = ModelFactory(number="WF10-320", slug="wf10-320")
    asked("wf10-320 羽绒服")
    asked("down jacket", language="en")
    found = the_list(editor, "no-answer")
    assert [row.title for row in rows_of(found, Filters(language="en"))] == ["down jacket"]
    assert [row.title for row in rows_of(found, Filters(family=model.family.slug))] == ["wf10-320 羽绒服"]


def test_every_list_asks_as_much_for_three_rows_as_for_one(tree, editor):
    family = FamilyFactory()
    wanted = ("no-answer", "low-click", "unhelpful", "outdated", "stale", "broken-links", "ownerless")
    found = {item.key: item for item in lists_for(editor) if item.key in wanted}
    counts: dict[str, list[int]] = {key: [] for key in wanted}
    for number in (1, 2, 3):
        guide = make_guide(
            slug=f"g{number}",
            families=[family],
            review_due_on=timezone.localdate() - timedelta(days=2),
            body=link('<a linktype="page" id="999999">x</a>'),
        )
        GuidePage.objects.filter(pk=guide.pk).update(source_changed_at=timezone.now(), source_change="minor")
        actions.vote(subject_key=guide_key(guide), helpful=False, visitor_key="v", title=guide.title, language="zh-hans", page=guide)
        asked(f"问题{number}")
        asked(f"少点{number}", total=3, times=4)
        for key in wanted if number != 2 else ():
            with CaptureQueriesContext(connection) as captured:
                rows = rows_of(found[key], Filters())
            counts[key].append(len(captured))
            assert len(rows) == number, key
    assert {key: one for key, (one, _three) in counts.items()} == {key: three for key, (_one, three) in counts.items()}


# --- pages and tasks


def test_a_row_starts_a_draft_with_what_is_known_and_nobody_else_sees_it(tree, editor, client):
    model = ModelFactory(number="WF10-320", slug="wf10-320")
    asked("wf10-320 羽绒服怎么洗")
    client.force_login(editor)
    answer = client.post(reverse("kb_work_start", args=["no-answer"]), {"row": "zh-hans:wf10-320 羽绒服怎么洗"})
    page = GuidePage.objects.get(title="wf10-320 羽绒服怎么洗")
    assert answer.url == reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert not page.live and page.owner == editor and page.keywords == "wf10-320 羽绒服怎么洗"
    assert list(page.product_models.all()) == [model] and list(page.families.all()) == [model.family]
    assert [block.block_type for block in page.body] == ["paragraph", "steps", "stop"]
    task = EditorTask.objects.get()
    assert task.page == page and task.assignee == editor and history_of(page).first().verb == "started"
    assert client.get(answer.url).status_code == 200


def rows_that_start(tree, editor):
    """A row of each list that is about a guide: (list, key of the row, its guide)."""
    late = make_guide(slug="late", by=editor, review_due_on=timezone.localdate() - timedelta(days=2))
    broken = make_guide(slug="broken", by=editor, body=link('<a linktype="page" id="999999">x</a>'), review_due_on=timezone.localdate())
    english = make_guide(language="en", slug="late", title="Late", translation_of=late)
    GuidePage.objects.filter(pk=english.pk).update(source_changed_at=timezone.now(), source_change="minor")
    actions.vote(subject_key=guide_key(late), helpful=False, visitor_key="v", title=late.title, language="zh-hans", page=late)
    ledger.record_opened(HelpSessionFactory(), key=guide_key(late), title=late.title)
    return {"unhelpful": late, "outdated": late, "stale": english, "broken-links": broken, "ownerless": late}


def test_every_row_about_a_guide_starts_its_work(tree, editor, reviewer, client):
    client.force_login(editor)
    for key, guide in rows_that_start(tree, editor).items():
        found = the_list(editor, key)
        row = next(row for row in rows_of(found, Filters()) if row.page_id == guide.pk)
        page = client.get(reverse("kb_work_list", args=[key])).content.decode()
        for label, address in found.more:
            assert str(address(row)).replace("&", "&amp;") in page, (key, str(label))
            assert client.get(address(row)).status_code in {200, 302}
        answer = client.post(reverse("kb_work_start", args=[key]), {"row": row.key})
        assert answer.url == reverse("wagtailadmin_pages:edit", args=[guide.pk])
        task = EditorTask.objects.get(list_key=key)
        assert (task.page_id, task.assignee, task.state) == (guide.pk, editor, "open")
        again = client.post(reverse("kb_work_start", args=[key]), {"row": row.key})
        assert again.url == answer.url and EditorTask.objects.filter(list_key=key).count() == 1
    client.force_login(reviewer)
    refused = client.post(reverse("kb_work_start", args=["stale"]), {"row": rows_of(the_list(editor, "stale"), Filters())[0].key})
    assert refused.url == reverse("kb_work_list", args=["stale"])
    assert EditorTask.objects.get(list_key="stale").assignee == editor


def test_two_editors_at_one_row_make_one_draft(tree, editor, reviewer, client):
    asked("羽绒服怎么洗")
    for person in (editor, reviewer):
        client.force_login(person)
        client.post(reverse("kb_work_start", args=["no-answer"]), {"row": "zh-hans:羽绒服怎么洗"})
    assert GuidePage.objects.get().owner == editor and EditorTask.objects.get().assignee == editor


def test_a_bad_vote_on_a_code_leads_to_its_card(tree, editor, client):
    from tests.factories.products import CodeFactory

    code = CodeFactory(family=FamilyFactory(slug="washers"), code="E2")
    actions.vote(subject_key="code:washers:E2", helpful=False, visitor_key="v", title="E2", language="zh-hans")
    (row,) = lists.unhelpful_rows(Filters())
    assert (row.page_id, row.url) == (None, reverse("errorcode:edit", args=[code.pk]))
    client.force_login(editor)
    assert client.post(reverse("kb_work_start", args=["unhelpful"]), {"row": row.key}).url == row.url
    task = EditorTask.objects.get()
    assert (task.assignee, task.page_id) == (editor, None)
    assert client.post(reverse("kb_task_start", args=[task.pk])).url == row.url and not GuidePage.objects.exists()
    assert client.post(reverse("kb_task_close", args=[task.pk]), {"from": "list"}).url == reverse("kb_work_list", args=["unhelpful"])
    assert lists.unhelpful_rows(Filters()) == [] and ArticleVote.objects.get().handled_at


def test_what_is_done_by_publishing_needs_no_click(tree, editor, reviewer, run_tasks, client):
    client.force_login(editor)
    for key, guide in rows_that_start(tree, editor).items():
        row = next(row for row in rows_of(the_list(editor, key), Filters()) if row.page_id == guide.pk)
        client.post(reverse("kb_work_start", args=[key]), {"row": row.key})
    asked("羽绒服怎么洗")
    client.post(reverse("kb_work_start", args=["no-answer"]), {"row": "zh-hans:羽绒服怎么洗"})
    left = lambda: {task.list_key for task in EditorTask.objects.filter(state="open")}  # noqa: E731
    run_tasks()
    assert left() == {"unhelpful", "outdated", "stale", "broken-links", "ownerless", "no-answer"}  # nothing was done yet
    pages = {task.list_key: task.page for task in EditorTask.objects.select_related("page")}
    pages["no-answer"].save_revision().publish()
    pages["stale"].save_revision().publish()
    pages["broken-links"].body = body()
    pages["broken-links"].save_revision().publish()
    upkeep.mark_reviewed([pages["outdated"]], by=editor)
    run_tasks()
    assert left() == {"unhelpful"}  # whether it helps now, readers tell
    alone = make_guide(slug="alone", review_due_on=timezone.localdate() + timedelta(days=90))
    client.post(reverse("kb_work_start", args=["ownerless"]), {"row": str(alone.pk)})
    upkeep.give_to([alone], owner=reviewer, by=editor)
    assert left() == {"unhelpful"} and EditorTask.objects.filter(page=alone, state="done").exists()
    assert [entry.verb for entry in history_of(EditorTask.objects.get(list_key="stale"))][-1] == "done"


def test_what_has_changed_in_the_source_is_one_click_away(tree, editor, client):
    chinese = make_guide(slug="hose", by=editor)
    english = make_guide(language="en", slug="hose", title="Hose", translation_of=chinese)
    before = chinese.live_revision_id
    chinese.title = "排水管高度"
    chinese.save_revision(user=editor).publish()
    client.force_login(editor)
    answer = client.get(reverse("kb_source_changes", args=[english.pk]))
    assert answer.url == reverse("wagtailadmin_pages:revisions_compare", args=[chinese.pk, str(before), "live"])
    assert "排水管高度" in client.get(answer.url).content.decode()
    assert client.get(reverse("kb_source_changes", args=[chinese.pk])).status_code == 404


def test_a_task_is_given_told_done_and_its_row_leaves(tree, editor, reviewer, run_tasks):
    asked("羽绒服怎么洗")
    found = the_list(editor, "no-answer")
    (row,) = rows_of(found, Filters())
    task = editing.assign_task(
        by=editor, assignee=reviewer, title=row.title, list_key=found.key, row_key=row.key, due_on=timezone.localdate(), prefill=row.prefill
    )
    assert TaskAttempt.objects.filter(path="kb.tasks.tell_assigned").count() == 1
    run_tasks()
    run_tasks()
    message = OutboundMessage.objects.get(template="kb/task_assigned")
    assert message.address == reviewer.email
    assert list(editing.my_tasks(reviewer)) == [task] and list(editing.my_tasks(editor)) == []
    assert rows_of(found, Filters())[0].task == task
    with pytest.raises(Conflict):
        editing.assign_task(by=editor, assignee=editor, title="x", list_key=found.key, row_key=row.key)
    editing.close_task(task, by=reviewer)
    assert rows_of(found, Filters()) == []
    with pytest.raises(Conflict):
        editing.close_task(task, by=reviewer)
    assert [entry.verb for entry in history_of(task)] == ["assigned", "told", "done"]


def test_tasks_are_refused_to_strangers_past_days_and_people_who_cannot_write(tree, editor, agent):
    for given, error in (
        ({"by": agent, "assignee": editor}, NotAllowed),
        ({"by": editor, "assignee": agent}, InvalidInput),
        ({"by": editor, "assignee": editor, "due_on": timezone.localdate() - timedelta(days=1)}, InvalidInput),
    ):
        with pytest.raises(error):
            editing.assign_task(title="x", **given)
    with pytest.raises(InvalidInput):
        editing.dismiss_row(by=editor, list_key="no-answer", row_key="k", title="x", reason=" ")
    with pytest.raises(NotAllowed):
        editing.dismiss_row(by=agent, list_key="no-answer", row_key="k", title="x", reason="x")
    assert not EditorTask.objects.exists()


def test_a_guide_is_not_started_by_people_without_the_right(tree, agent):
    with pytest.raises(NotAllowed):
        drafting.start_guide(by=agent, language="zh-hans", title="x")
    assert not GuidePage.objects.exists()


# --- the screens


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_overview_lists_and_tasks_open_in_both_languages(tree, editor, client, language):
    make_guide(slug="late", body=body(), review_due_on=timezone.localdate() - timedelta(days=2))
    asked("羽绒服怎么洗", times=2)
    client.force_login(editor)
    client.cookies["hearth_language"] = language
    html = client.get(reverse("kb_work")).content.decode()
    assert "羽绒服怎么洗" in html
    for item in lists_for(editor):
        page = client.get(reverse("kb_work_list", args=[item.key]))
        assert page.status_code == 200 and str(item.title) in page.content.decode()
    assert client.get(reverse("kb_tasks")).status_code == 200


def test_a_list_comes_as_csv_without_formulas(tree, editor, client):
    asked('=HYPERLINK("http://a")', times=2)
    client.force_login(editor)
    answer = client.get(reverse("kb_work_list", args=["no-answer"]), {"export": "csv"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[1][0] == '\'=HYPERLINK("http://a")' and rows[1][1] == "2"


def test_a_file_of_a_long_list_has_every_row_or_says_that_it_goes_on(tree, editor, client, monkeypatch):
    now = timezone.now()
    SearchLog.objects.bulk_create(SearchLog(query=f"第 {n} 问", language="zh-hans", total=0, engine="embedded", at=now) for n in range(520))
    client.force_login(editor)
    address = reverse("kb_work_list", args=["no-answer"])
    lines = client.get(address, {"export": "csv"}).content.decode("utf-8-sig").splitlines()
    assert len(lines) == 521 and "第 519 问" in "".join(lines)
    monkeypatch.setattr(work_views, "MOST_ROWS", 520)
    assert len(client.get(address, {"export": "csv"}).content.decode("utf-8-sig").splitlines()) == 522


def test_a_row_is_given_and_set_aside_on_the_screen(tree, editor, reviewer, client):
    asked("羽绒服怎么洗")
    asked("零冷水")
    client.force_login(editor)
    address = reverse("kb_work_assign", args=["no-answer"])
    assert client.get(address, {"row": "zh-hans:零冷水"}).status_code == 200
    data = {"row": "zh-hans:零冷水", "title": "写一篇零冷水", "assignee": reviewer.pk, "due_on": "", "note": "先问产品"}
    assert client.post(address, data).status_code == 302
    assert EditorTask.objects.get(state="open").assignee == reviewer
    client.post(reverse("kb_work_dismiss", args=["no-answer"]), {"row": "zh-hans:羽绒服怎么洗", "reason": "不卖"})
    assert EditorTask.objects.get(state="dismissed").reason == "不卖"
    assert client.post(reverse("kb_work_dismiss", args=["no-answer"]), {"row": "zh-hans:没有这行", "reason": "x"}).status_code == 404


def test_others_see_no_work_list(tree, agent, customer, client):
    task = EditorTask.objects.create(title="x")
    for person in (None, agent, customer):
        if person:
            client.force_login(person)
        for address in (reverse("kb_work"), reverse("kb_work_list", args=["no-answer"]), reverse("kb_tasks")):
            assert client.get(address).status_code in {302, 403}
        for address in (reverse("kb_work_start", args=["no-answer"]), reverse("kb_task_close", args=[task.pk])):
            assert client.post(address, {"row": "x"}).status_code in {302, 403}
    assert EditorTask.objects.get().state == "open" and not GuidePage.objects.exists()
