"""Imports: every kind of file is judged line by line before anything is written, and twelve bad ones are refused in words."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from core.errors import Conflict, InvalidUpload, NotAllowed
from core.history import history_of
from core.imports import runs
from core.imports.reading import Column, Unreadable, decoded, read_table, read_texts
from core.imports.table import importer_for, importers_for
from core.models import ImportRun, TaskAttempt
from kb.models import GuidePage
from products.models import ErrorCode, ModelAlias, Part, ProductModel, Unit
from search.models import DomainWord, StopWord, Synonym
from search.store import RowStore
from tests.factories.kb import page_tree
from tests.factories.products import CodeFactory, FamilyFactory, ModelFactory

MODELS = (
    "型号,品类,中文名称,英文名称,上市日期\n"
    "WF10-320,washing-machines,10 公斤滚筒,10 kg front loader,2024-03-01\n"
    "WF12-500,washing-machines,12 公斤滚筒,12 kg front loader,\n"
)
CODES = (
    "family,code,title_zh_hans,title_en,meaning_zh_hans,meaning_en,action_zh_hans,action_en,severity,其他写法\n"
    "washing-machines,e-02,排不出水,No drain,三分钟没排完,Not gone in 3 minutes,清理过滤器,Clean the filter,小心,Err 2；2E\n"
)
GUIDE = """---
title: 滚筒洗衣机不排水
summary: 先清理过滤器。
families: washing-machines
models: WF10-320
codes: E2
keywords: 不排水, 水排不掉
---

## 清理

1. 关机。拔插头。
2. 拧下过滤器。
"""


def sheet(*rows):
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def packed(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "."), text)
    return out.getvalue()


# --- reading ----------------------------------------------------------------------------------------------------------

COLUMNS = (Column("number", ("型号",), required=True), Column("name", ("名称",)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_a_list_is_read_in_every_usual_encoding(encoding, sign):
    table = read_table(f"型号{sign}名称\r\nWF10{sign}滚筒\r\n\r\n WF12 {sign}\r\n".encode(encoding), "a.csv", COLUMNS)
    assert [(line.number, dict(line.values)) for line in table.lines] == [
        (2, {"number": "WF10", "name": "滚筒"}),
        (4, {"number": "WF12", "name": ""}),
    ]


def test_excel_is_read_with_its_days_and_whole_numbers():
    from datetime import datetime

    table = read_table(sheet(["型号", "名称"], ["WF10", datetime(2026, 3, 5)], [12.0, None]), "a.xlsx", COLUMNS)
    assert [tuple(line.values.values()) for line in table.lines] == [("WF10", "2026-03-05"), ("12", "")]


BAD_FILES = {
    "empty": (b"", "a.csv"),
    "heading only": ("型号,名称\n".encode(), "a.csv"),
    "no such column": ("名称\n滚筒\n".encode(), "a.csv"),
    "a column twice": ("型号,型号\nA,B\n".encode(), "a.csv"),
    "binary": (b"\x89PNG\x00\x00\x00", "a.csv"),
    "old excel": (b"\xd0\xcf\x11\xe0" + b"x" * 50, "a.xls"),
    "a pdf": (b"%PDF-1.7\n", "a.csv"),
    "excel in name only": (b"number,name\n", "a.xlsx"),
    "a zip that is no workbook": (packed(a__md="x"), "a.xlsx"),
    "a damaged workbook": (sheet(["型号"], ["A"])[:-200], "a.xlsx"),
    "an open quotation mark": ('型号,名称\n"WF10,滚筒\n'.encode(), "a.csv"),
    "cut in a letter": ("型号,名称\nWF10,滚筒".encode()[:-1], "a.csv"),
    "no text in any encoding": ("型号,名称\n".encode() + b"\xff\xff\xff", "a.csv"),
}


@pytest.mark.parametrize("what", BAD_FILES)
def test_a_bad_file_is_refused_in_words(what):
    content, name = BAD_FILES[what]
    with pytest.raises(Unreadable) as refusal:
        read_table(content, name, COLUMNS)
    assert len(str(refusal.value)) > 5


def test_a_line_that_breaks_off_is_wrong_and_a_short_one_is_not():
    (problem,) = read_table("型号,名称\nWF10,滚筒\nWF1".encode("gb18030"), "a.csv", COLUMNS).problems
    assert problem.line == 3
    assert read_table("型号,名称\nWF10\nWF12,滚".encode("gb18030"), "a.csv", COLUMNS).problems == []


def test_ten_thousand_lines_are_read():
    rows = "".join(f"WF{number},滚筒 {number}\n" for number in range(10_000))
    assert len(read_table(f"型号,名称\n{rows}".encode("gb18030"), "a.csv", COLUMNS).lines) == 10_000


def test_too_many_lines_and_packed_giants_are_refused(monkeypatch):
    monkeypatch.setattr("core.imports.reading.MOST_LINES", 2)
    with pytest.raises(Unreadable):
        read_table("型号\nA\nB\nC\n".encode(), "a.csv", COLUMNS)
    monkeypatch.setattr("core.imports.reading.MOST_UNPACKED", 100)
    with pytest.raises(Unreadable):
        read_table(sheet(["型号"], ["A"]), "a.xlsx", COLUMNS)
    with pytest.raises(Unreadable):
        read_texts(packed(a__md="x" * 200), "a.zip")


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-HYPERLINK(1)"])
def test_formulas_are_wrong_in_both_kinds_of_list(cell):
    quoted = cell.replace('"', '""')
    for content, name in ((f'型号,名称\nWF10,"{quoted}"\n'.encode(), "a.csv"), (sheet(["型号", "名称"], ["WF10", cell]), "a.xlsx")):
        (problem,) = read_table(content, name, COLUMNS).problems
        assert (problem.line, problem.column) == (2, "名称")


def test_only_markdown_in_a_zip_is_read():
    assert read_texts(packed(a__md="# A", b__txt="x"), "a.zip") == [("a.md", "# A")]
    for content, name in ((packed(b__txt="x"), "a.zip"), (b"PK\x03\x04broken", "a.zip"), (b"x", "a.docx")):
        with pytest.raises(Unreadable):
            read_texts(content, name)
    assert decoded("\ufeff中".encode()) == "中"


@pytest.fixture
def run_tasks(run_tasks):
    """Do the background work; whether the search server has an index is no matter of these tests."""
    return lambda: run_tasks(only="core.imports.runs.carry_out")


# --- every kind -------------------------------------------------------------------------------------------------------


@pytest.fixture
def shop(roles, db):
    page_tree()
    return FamilyFactory(slug="washing-machines", name_zh_hans="洗衣机")


def take(key, content, by, *, name="list.csv", only_right=False, run_tasks=None):
    """Look a file through, confirm it and let the background write it."""
    content = content.encode() if isinstance(content, str) else content
    run = runs.look_through(importer_for(by, key), content=content, name=name, by=by)
    if run_tasks is not None:
        runs.confirm(run, by=by, only_right=only_right)
        run_tasks()
        run.refresh_from_db()
    return run


def lines(run, verb="wrong"):
    return [(row["line"], [tuple(problem[:2]) for problem in row["problems"]]) for row in run.report if row["verb"] == verb]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("key", "content", "model", "name"),
    [
        ("models", MODELS, ProductModel, "list.csv"),
        ("codes", CODES, ErrorCode, "list.csv"),
        ("aliases", "model,alias\nwf10 320,小蓝滚筒\nWF10-320,Blue washer\n", ModelAlias, "list.csv"),
        ("parts", "配件号,中文名称,英文名称,适用型号\nDP-F2,过滤器,Filter,WF10-320\n", Part, "list.csv"),
        ("units", "序列号,型号,出厂日期,生产日期\nHY25-0001,WF10-320,2026/3/5,2026-02-20\n", Unit, "list.csv"),
        ("synonyms", '同义词\n"洗衣机, washing machine"\n', Synonym, "list.csv"),
        ("stop-words", "词\n请问一下\n", StopWord, "list.csv"),
        ("domain-words", "词,属性\n净味模块,自有\nmicrowave,not ours\n", DomainWord, "list.csv"),
        ("guides", GUIDE, GuidePage, "drain.md"),
    ],
)
def test_each_kind_is_looked_through_written_and_the_same_file_again_changes_nothing(shop, admin, run_tasks, key, content, model, name):
    if key != "models":
        CodeFactory(family=shop, code="E2") if key == "guides" else None
        ModelFactory(family=shop, number="WF10-320", slug="wf10-320")
    before = model.objects.count()
    run = take(key, content, admin, name=name)
    assert run.state == "checked" and not run.counts.get("wrong"), run.report
    assert model.objects.count() == before, "looking through writes nothing"
    runs.confirm(run, by=admin)
    assert TaskAttempt.objects.filter(path="core.imports.runs.carry_out").count() == 1
    run_tasks()
    run.refresh_from_db()
    assert (run.state, run.error) == ("done", "") and model.objects.count() == before + run.counts["create"]
    assert [entry.verb for entry in history_of(run)] == ["looked_through", "confirmed", "written"]
    again = take(key, content, admin, name=name)
    assert set(again.counts) == {"same"}, again.report
    with pytest.raises(Conflict):
        runs.confirm(again, by=admin)


@pytest.mark.django_db
def test_what_an_imported_row_holds(shop, admin, run_tasks):
    ModelFactory(family=shop, number="WF10-320", slug="wf10-320")
    take("codes", CODES, admin, run_tasks=run_tasks)
    code = ErrorCode.objects.get()
    assert (code.code_normal, code.severity, code.title_en, code.spellings) == ("E2", "careful", "No drain", ["e-02", "Err 2", "2E"])
    assert history_of(code).first().verb == "created"
    take("guides", GUIDE, admin, name="drain.md", run_tasks=run_tasks)
    page = GuidePage.objects.get()
    assert not page.live and page.slug == "gun-tong-xi-yi-ji-bu-pai-shui" and page.keywords == "不排水\n水排不掉"
    assert [block.block_type for block in page.body] == ["steps"] and list(page.error_codes.all()) == [code]


@pytest.mark.django_db
def test_a_changed_file_changes_only_what_it_names_and_says_what(shop, admin, run_tasks):
    take("models", MODELS, admin, run_tasks=run_tasks)
    run = take("models", MODELS.replace("10 公斤滚筒", "10 公斤变频滚筒"), admin)
    assert run.counts == {"change": 1, "same": 1}
    (row,) = [row for row in run.report if row["verb"] == "change"]
    assert row["changes"] == ["中文名称: 10 公斤滚筒 → 10 公斤变频滚筒"]
    runs.confirm(run, by=admin)
    run_tasks()
    model = ProductModel.objects.get(number="WF10-320")
    assert model.name_zh_hans == "10 公斤变频滚筒" and model.launched_on.isoformat() == "2024-03-01"


@pytest.mark.django_db
def test_a_guide_that_is_live_stays_as_it_is_until_it_is_published(shop, admin, run_tasks):
    ModelFactory(family=shop, number="WF10-320", slug="wf10-320")
    CodeFactory(family=shop, code="E2")
    take("guides", GUIDE, admin, name="a.md", run_tasks=run_tasks)
    page = GuidePage.objects.get()
    page.get_latest_revision().publish()
    run = take("guides", GUIDE.replace("拧下过滤器", "慢慢拧下过滤器"), admin, name="a.md", run_tasks=run_tasks)
    assert run.counts == {"change": 1}
    page.refresh_from_db()
    assert page.live and page.has_unpublished_changes and "慢慢" not in str(page.body)
    assert "慢慢" in str(page.get_latest_revision_as_object().body)


WRONG = {
    "models": (
        "number,family,name_zh_hans,name_en,launched_on\n"
        "WF10-320,washing-machines,滚筒,Washer,2024-13-01\n"
        "wf1O 320,washing-machines,滚筒,Washer,\n"
        "WD8,刮胡刀,,Shaver,\n",
        [(2, [(2, "launched_on")]), (3, [(3, "number")]), (4, [(4, "family"), (4, "name_zh_hans")])],
    ),
    "codes": (
        CODES + "washing-machines,E2,a,b,c,d,e,f,严重,\nwashing-machines,H1,a,b,c,d,e,f,小心,err-2\n",
        [(3, [(3, "code"), (3, "severity")]), (4, [(4, "其他写法")])],
    ),
    "units": (
        "serial,model,shipped_on,produced_on\nHY25-0001,WF10-320,2026-03-05,2026-04-01\nHY2,XX,,\nhy25 0001,WF10-320,昨天,\n",
        [
            (2, [(2, "produced_on")]),
            (3, [(3, "serial"), (3, "model"), (3, "shipped_on")]),
            (4, [(4, "serial"), (4, "shipped_on")]),
        ],
    ),
    "synonyms": ('terms\n洗衣机\n"a, b"\n"A, c"\n', [(2, [(2, "terms")]), (4, [(4, "terms")])]),
    "domain-words": (
        "word,role\nHeyFresh,own\n,own\nheyfresh,own\n！？,own\nfryer,perhaps\n",
        [(3, [(3, "word")]), (4, [(4, "word")]), (5, [(5, "word")]), (6, [(6, "role")])],
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("key", WRONG)
def test_wrong_lines_are_named_with_line_and_column(shop, admin, key):
    if key == "units":
        ModelFactory(family=shop, number="WF10-320", slug="wf10-320")
    content, wanted = WRONG[key]
    assert lines(take(key, content, admin)) == wanted


@pytest.mark.django_db
def test_a_wrong_guide_is_named_with_its_line(shop, admin):
    text = "---\ntitle: 标题\nminutes: viele\nfamilies: 刮胡刀\ncolour: red\n---\n\n## 空\n\n## 步骤\n\n1. 关机\n"
    (row,) = take("guides", text, admin, name="a.md").report
    assert sorted((problem[0], problem[1]) for problem in row["problems"]) == [
        (1, "summary"),
        (3, "minutes"),
        (4, "families"),
        (5, "colour"),
        (10, ""),
    ]
    for broken in ("---\ntitle: [\n---\n\nx\n", "---\njust words\n---\n\nx\n", "---\ntitle: a\nsummary: b\n---\n"):
        assert take("guides", broken, admin, name="a.md").counts == {"wrong": 1}


@pytest.mark.django_db
def test_markup_in_cells_and_guides_stays_text(shop, admin, run_tasks, client):
    take("stop-words", "word\n<b>请问</b>\n", admin, run_tasks=run_tasks)
    assert StopWord.objects.filter(word="<b>请问</b>").exists()
    ModelFactory(family=shop, number="WF10-320", slug="wf10-320")
    CodeFactory(family=shop, code="E2")
    take("guides", GUIDE + "\n<script>alert(1)</script>\n", admin, name="a.md", run_tasks=run_tasks)
    assert "<script>" not in str(GuidePage.objects.get().body) and "&lt;script&gt;" in str(GuidePage.objects.get().body)


# --- the steps --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_nothing_is_written_while_a_line_is_wrong_unless_the_right_ones_are_chosen(shop, admin, run_tasks):
    content = MODELS + "X1,刮胡刀,a,b,\n"
    run = take("models", content, admin)
    with pytest.raises(Conflict) as refusal:
        runs.confirm(run, by=admin)
    assert refusal.value.code == "wrong_lines" and not ProductModel.objects.exists()
    runs.confirm(run, by=admin, only_right=True)
    run_tasks()
    run.refresh_from_db()
    assert run.state == "done" and ProductModel.objects.count() == 2
    with pytest.raises(Conflict):
        runs.confirm(run, by=admin, only_right=True)


@pytest.mark.django_db
def test_what_became_wrong_in_the_meantime_writes_nothing(shop, admin, run_tasks):
    run = take("models", MODELS, admin)
    runs.confirm(run, by=admin)
    shop.slug = shop.name_zh_hans = shop.name_en = "gone"
    shop.save()
    run_tasks()
    run.refresh_from_db()
    assert run.state == "failed" and run.error and not ProductModel.objects.exists() and not run.file


@pytest.mark.django_db
def test_doing_the_work_twice_writes_once_and_a_cancelled_file_never(shop, admin, run_tasks):
    run = take("models", MODELS, admin, run_tasks=run_tasks)
    runs.carry_out(run.pk)
    assert ProductModel.objects.count() == 2
    other = runs.cancel(take("models", MODELS.replace("WF", "WG"), admin), by=admin)
    with pytest.raises(Conflict):
        runs.confirm(other, by=admin)
    runs.carry_out(other.pk)
    assert ProductModel.objects.count() == 2


@pytest.mark.django_db
def test_people_without_the_right_import_nothing(shop, admin, editor, reviewer, agent, customer):
    assert importers_for(agent) == importers_for(customer) == []
    assert {item.key for item in importers_for(editor)} >= {"models", "codes", "parts", "aliases", "guides", "synonyms"}
    assert "units" not in {item.key for item in importers_for(reviewer)}
    importer = importer_for(admin, "models")
    with pytest.raises(NotAllowed):
        runs.look_through(importer, content=MODELS.encode(), name="a.csv", by=agent)
    run = take("models", MODELS, admin)
    for act in (runs.confirm, runs.cancel):
        with pytest.raises(NotAllowed):
            act(run, by=agent)
    with pytest.raises(InvalidUpload):
        runs.look_through(importer, content=b"x" * (5 * 1024 * 1024 + 1), name="a.csv", by=admin)
    assert ImportRun.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_screen_leads_from_the_file_to_the_result(shop, editor, client, run_tasks, language):
    client.force_login(editor)
    client.cookies["hearth_language"] = language
    assert client.get(reverse("imports")).status_code == 200
    address = reverse("imports_kind", args=["models"])
    assert client.get(address).status_code == 200
    wrong = client.post(address, {"file": SimpleUploadedFile("a.csv", (MODELS + "X1,刮胡刀,a,b,\n").encode("gb18030"))}, follow=True)
    html = wrong.content.decode()
    assert "刮胡刀" in html and ("line 4" in html if language == "en" else "第 4 行" in html)
    right = client.post(address, {"file": SimpleUploadedFile("a.csv", MODELS.encode())})
    run = ImportRun.objects.latest("pk")
    assert right.url == reverse("imports_run", args=[run.pk])
    client.post(reverse("imports_confirm", args=[run.pk]))
    assert "http-equiv" in client.get(right.url).content.decode()
    run_tasks()
    assert "http-equiv" not in client.get(right.url).content.decode() and ProductModel.objects.count() == 2
    assert client.post(address, {"file": SimpleUploadedFile("a.csv", b"")}).status_code in {400, 422}


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["models", "codes", "parts", "aliases", "units", "synonyms", "stop-words"])
def test_the_examples_can_be_sent_back(shop, admin, client, key):
    client.force_login(admin)
    ModelFactory(family=shop, number="WF10-320", slug="wf10-320")
    ModelFactory(family=shop, number="WF10-330", slug="wf10-330")
    for form in ("csv", "xlsx"):
        answer = client.get(reverse("imports_template", args=[key, form]))
        run = take(key, answer.content, admin, name=f"{key}.{form}")
        assert not run.counts.get("wrong"), run.report
    assert client.get(reverse("imports_template", args=[key, "md"])).status_code == 404


@pytest.mark.django_db
def test_outsiders_do_not_reach_the_screen(shop, admin, agent, customer, client):
    run = take("models", MODELS, admin)
    for person in (None, agent, customer):
        if person:
            client.force_login(person)
        for address in (reverse("imports"), reverse("imports_kind", args=["models"]), reverse("imports_run", args=[run.pk])):
            assert client.get(address).status_code in {302, 403, 404}
        assert client.post(reverse("imports_confirm", args=[run.pk])).status_code in {302, 403, 404}
    run.refresh_from_db()
    assert run.state == "checked"


@pytest.mark.django_db
def test_words_of_the_domain_are_in_force_at_the_next_question(shop, admin, run_tasks):
    DomainWord.objects.create(word="Steamer", role=DomainWord.Role.OWN, active=False)
    take("domain-words", "word,role,active\nＳＴＥＡＭＥＲ,foreign,yes\nHeyFresh,,yes\n", admin, run_tasks=run_tasks)
    assert set(DomainWord.objects.values_list("word", "role", "active")) == {("Steamer", "foreign", True), ("HeyFresh", "own", True)}
    words = RowStore().dictionary()
    assert words.names_foreign("a steamer") and words.own_words("heyfresh filter") == {"heyfresh"}
