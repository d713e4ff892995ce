"""The slips that search is measured with: one a question, the same for the same seed."""

from __future__ import annotations

import json
import random
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from search import sounds, text
from search.evaluation import with_typos
from search.typos import NEIGHBOURS, one_typo


def distance(a: str, b: str) -> int:
    """Optimal string alignment: inserted, left out, wrong and swapped neighbours each cost one."""
    rows = [list(range(len(b) + 1))]
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


@given(st.lists(st.sampled_from(["drain", "pump", "洗衣机", "不排水", "E2", "how", "washing", "，"]), max_size=6), st.integers(0, 10_000))
@settings(max_examples=150, deadline=None)
def test_one_slip_is_one_slip(words: list[str], seed: int) -> None:
    question = " ".join(words)
    slipped = one_typo(question, random.Random(seed))
    assert distance(question, slipped) <= 1
    assert slipped == one_typo(question, random.Random(seed))
    if "washing" in words:
        assert sum(a != b for a, b in zip(question.split(" "), slipped.split(" "), strict=False)) <= 2


def test_only_telling_words_and_chinese_get_a_slip() -> None:
    for seed in range(30):
        dice = random.Random(seed)
        assert one_typo("how can I do this with E2 or KFR-35GW?", dice) == "how can I do this with E2 or KFR-35GW?"
        assert one_typo("", dice) == ""
        slipped = one_typo("how drain", dice)
        assert slipped.startswith("how ")
        assert slipped != "how drain"


def test_half_of_the_chinese_slips_sound_the_same() -> None:
    same = 0
    for seed in range(400):
        slipped = one_typo("洗衣机", random.Random(seed))
        same += len(slipped) == 3 and text.syllables(slipped) == text.syllables("洗衣机")
    assert 150 <= same <= 250


def test_neighbours_on_the_keyboard_are_mutual() -> None:
    assert set(NEIGHBOURS["g"]) == set("fhtyvb")
    assert all(letter in NEIGHBOURS[other] for letter, others in NEIGHBOURS.items() for other in others)


def test_characters_of_one_sound() -> None:
    assert {"洗", "喜"} <= set(sounds.same_sound("洗"))
    assert "衣" not in sounds.same_sound("洗")
    assert sounds.same_sound("x") == ""


def test_a_seed_asks_the_same_slips_again() -> None:
    questions = [{"id": str(n), "text": "洗衣机不排水 drain pump"} for n in range(20)]
    assert with_typos(questions, seed=3) == with_typos(questions, seed=3)
    assert with_typos(questions, seed=3) != with_typos(questions, seed=4)


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    rows = [{"id": "a", "title": "Drain pump is blocked", "text": "Clean it."}, {"id": "b", "title": "洗衣机漏水", "text": "检查门封条。"}]
    (tmp_path / "corpus.jsonl").write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), "utf-8")
    asked = [{"id": "1", "text": "blocked pump"}, {"id": "2", "text": "洗衣机门口漏水"}]
    (tmp_path / "queries.jsonl").write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in asked), "utf-8")
    (tmp_path / "qrels.tsv").write_text("1\ta\t1\n2\tb\t1\n", "utf-8")
    return tmp_path


def test_the_evaluation_says_what_slips_cost_and_keeps_them_out_of_the_run(judged: Path, tmp_path: Path) -> None:
    out, run = StringIO(), tmp_path / "run.jsonl"
    call_command("evaluate_search", str(judged), typos=1, json=True, run=run, stdout=out)
    figures = json.loads(out.getvalue())
    assert figures["nDCG@10"] == 1.0
    assert figures["typos"] == {"nDCG@10": 1.0, "Hit@3": 1.0, "no_result": 0, "lost": 0.0}
    assert [json.loads(line)["qid"] for line in run.read_text("utf-8").splitlines()] == ["1", "2"]
