"""Judged sets are read as people write them; what is wrong is said with its line."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

CORPUS = [
    {"id": 1, "title": "Cleaning the drain pump", "text": "Open the flap and clean the pump filter.", "extra": {"a": [1]}},
    {"id": "2", "title": None, "text": ["Ice in the freezer", "Defrost it once."]},
    {"id": "3", "title": "", "text": ""},
    {"id": "4", "title": "洗衣机不排水", "text": "清理排水泵过滤器。", "codes": "E2", "kind": "code", "language": "zh-hans"},
]
QUERIES = [
    {"id": 1, "text": "clean the pump", "split": "dev"},
    {"id": "q2", "text": "ice in my freezer", "split": "test", "answerable": "true"},
    {"id": "q3", "text": "", "split": "dev", "answerable": False},
    {"id": "q4", "text": "Ｅ２ 😀", "split": "dev", "meta": None},
]
QRELS = "query\tdocument\tgrade\n1\t1\t1\nq2\t2\t0.5\nq4\t4\t1\n"


def write(
    folder: Path, *, corpus: Any = CORPUS, queries: Any = QUERIES, qrels: str | None = QRELS, mark: str = "", end: str = "\n"
) -> Path:
    for name, rows in (("corpus.jsonl", corpus), ("queries.jsonl", queries)):
        lines = rows if isinstance(rows, str) else end.join(json.dumps(row, ensure_ascii=False) for row in rows) + end
        (folder / name).write_bytes((mark + lines).encode())
    if qrels is not None:
        (folder / "qrels.tsv").write_bytes((mark + qrels.replace("\n", end)).encode())
    return folder


def evaluate(folder: Path, *options: str) -> tuple[dict[str, Any], str]:
    out, notes = StringIO(), StringIO()
    call_command("evaluate_search", str(folder), "--json", *options, stdout=out, stderr=notes)
    return json.loads(out.getvalue()), notes.getvalue()


@pytest.mark.parametrize(("mark", "end"), [("", "\n"), ("\ufeff", "\r\n"), ("\ufeff", "\n\n")])
def test_numbers_as_ids_missing_titles_and_marks_of_other_systems_are_read(tmp_path: Path, mark: str, end: str) -> None:
    run = tmp_path / "run.jsonl"
    found, _ = evaluate(write(tmp_path, mark=mark, end=end), "--prefixes", ".25,.5,.75", "--run", str(run))
    assert (found["queries"], found["unanswerable"], found["nDCG@10"], found["no_result"]) == (3, 1, 1.0, 0)
    lines = [json.loads(line) for line in run.read_text("utf-8").splitlines()]
    assert len(lines) == 4 * 4 and {line["qid"] for line in lines} == {"1", "q2", "q3", "q4"}
    whole = {line["qid"]: line for line in lines if "prefix" not in line}
    assert whole["1"]["docs"][0] == "1" and whole["q3"]["docs"] == whole["q3"]["show"] == []
    assert all(len(line["docs"]) == len(line["scores"]) and len(line["show"]) <= 3 and line["ms"] >= 0 for line in lines)
    assert {line.get("prefix") for line in lines} == {0.25, 0.5, 0.75, None}


def test_a_split_is_chosen_and_an_unknown_one_names_those_there_are(tmp_path: Path) -> None:
    assert evaluate(write(tmp_path), "--split", "test")[0]["queries"] == 1
    with pytest.raises(CommandError, match="dev, test"):
        evaluate(tmp_path, "--split", "train")


@pytest.mark.parametrize("qrels", ["1 0 1 1\nq2 0 2 1\nq4 0 4 1\n", "1\t0\t1\t1\nq2\t0\t2\t1\nq4\t0\t4\t1\n", "1\t1\nq2\t2\nq4\t4\n\n"])
def test_judgements_in_other_columns_are_read(tmp_path: Path, qrels: str) -> None:
    assert evaluate(write(tmp_path, qrels=qrels))[0]["nDCG@10"] == 1.0


def test_ids_that_come_twice_and_judgements_of_nothing_are_noted(tmp_path: Path) -> None:
    folder = write(tmp_path, corpus=[*CORPUS, CORPUS[0]], queries=[*QUERIES, QUERIES[0]], qrels=QRELS + "1\tgone\t1\n")
    found, notes = evaluate(folder)
    assert found["queries"] == 3
    assert "corpus.jsonl line 5" in notes and "queries.jsonl line 5" in notes and "gone" in notes


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"corpus": ""}, "corpus.jsonl has no documents"),
        ({"queries": ""}, "queries.jsonl has no questions"),
        ({"corpus": '{"id": 1, "text": "a"}\n{"id": 2,'}, "corpus.jsonl line 2"),
        ({"corpus": "[1, 2]\n"}, "corpus.jsonl line 1"),
        ({"corpus": [{"title": "without an id"}]}, "corpus.jsonl line 1: there is no id"),
        ({"queries": [{"id": "q1", "question": "?"}]}, "queries.jsonl line 1"),
        ({"qrels": "1\t1\t1\n1\t2\tmuch\n"}, "qrels.tsv line 2"),
        ({"qrels": None}, "qrels.tsv"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        evaluate(write(tmp_path, **change))


def test_a_folder_that_is_not_there_and_shares_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        evaluate(tmp_path / "nowhere")
    for shares in ("half", "2", "-1"):
        with pytest.raises(CommandError):
            evaluate(write(tmp_path), "--prefixes", shares)


def test_one_document_is_a_set(tmp_path: Path) -> None:
    found, _ = evaluate(write(tmp_path, corpus=CORPUS[:1], queries=QUERIES[:1], qrels="1\t1\t1\n"))
    assert (found["nDCG@10"], found["no_result"]) == (1.0, 0)


@pytest.mark.parametrize("grade", ["nan", "inf", "-inf"])
def test_a_grade_that_is_no_number_is_refused(tmp_path: Path, grade: str) -> None:
    with pytest.raises(CommandError, match=r"line 2.*no grade"):
        evaluate(write(tmp_path, qrels=f"query\tdocument\tgrade\n1\t1\t{grade}\n"))


def test_without_judgements_there_are_figures_of_abstention_and_the_json_is_strict(tmp_path: Path) -> None:
    found, _ = evaluate(write(tmp_path, qrels=""))
    assert (found["queries"], found["unanswerable"]) == (0, 4)
    json.dumps(found, allow_nan=False)


def test_half_a_character_harms_neither_the_run_nor_the_list_of_misses(tmp_path: Path) -> None:
    escaped = json.dumps([{"id": "d\ud800", "title": "pump \ud800", "text": "clean"}, {"id": "q\ud800", "text": "clean \ud800 pump"}])
    document, question = json.loads(escaped)
    (tmp_path / "corpus.jsonl").write_text(json.dumps(document) + "\n", "utf-8")
    (tmp_path / "queries.jsonl").write_text(json.dumps(question) + "\n", "utf-8")
    (tmp_path / "qrels.tsv").write_text("", "utf-8")
    out = StringIO()
    call_command("evaluate_search", str(tmp_path), "--misses", "--run", str(tmp_path / "run.jsonl"), stdout=out)
    assert "clean ? pump" in out.getvalue() and (tmp_path / "run.jsonl").read_text("utf-8")


def test_a_run_is_not_asked_for_in_vain_where_it_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no folder"):
        evaluate(write(tmp_path), "--run", str(tmp_path / "nowhere" / "run.jsonl"))
