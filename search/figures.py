"""Figures of a search run against judgements: nDCG, MRR, recall, abstention, panel, as-you-type. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Any


def mean(values: Iterable[float]) -> float:
    """The mean, 0 of nothing."""
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which a share of values lies."""
    listed = sorted(values)
    return listed[min(len(listed) - 1, int(share * len(listed)))] if listed else 0.0


def of_question(docs: list[str], relevant: dict[str, float]) -> dict[str, float]:
    """Figures of one answerable question; recall asks for documents of grade 0.5 or more."""
    gains = [relevant.get(d, 0.0) for d in docs]
    dcg = sum(g / math.log2(i + 2) for i, g in enumerate(gains[:10]))
    ideal = sum(g / math.log2(i + 2) for i, g in enumerate(sorted(relevant.values(), reverse=True)[:10]))
    first = next((i for i, g in enumerate(gains[:10]) if g > 0), None)
    main = {d for d, g in relevant.items() if g >= 0.5} or set(relevant)
    return {
        "nDCG@10": dcg / ideal if ideal else 0.0,
        "MRR@10": 1 / (first + 1) if first is not None else 0.0,
        "Recall@5": sum(d in main for d in docs[:5]) / len(main),
        "P@1": float(bool(gains) and gains[0] > 0),
        "Hit@3": float(any(g > 0 for g in gains[:3])),
    }


def separation(answerable: list[float], unanswerable: list[float]) -> float:
    """AUROC: how often an answerable question scores above an unanswerable one."""
    if not answerable or not unanswerable:
        return float("nan")
    ranked = sorted([(v, 1) for v in answerable] + [(v, 0) for v in unanswerable])
    total, i = 0.0, 0
    while i < len(ranked):
        j = i
        while j < len(ranked) and ranked[j][0] == ranked[i][0]:
            j += 1
        total += (i + j + 1) / 2 * sum(kind for _, kind in ranked[i:j])
        i = j
    n, m = len(answerable), len(unanswerable)
    return (total - n * (n + 1) / 2) / (n * m)


def of_run(lines: list[dict[str, Any]], questions: list[dict[str, Any]], judged: dict[str, dict[str, float]]) -> dict[str, Any]:
    """All figures of a run; a question counts as unanswerable when it says so or has no judgement."""
    full = {line["qid"]: line for line in lines if "prefix" not in line}
    answerable = [q["id"] for q in questions if q.get("answerable", True) and q["id"] in judged]
    known = set(answerable)
    others = [q["id"] for q in questions if q["id"] not in known]
    figures: dict[str, Any] = {
        "queries": len(answerable),
        "unanswerable": len(others),
        "no_result": sum(not full[q]["docs"] for q in answerable),
    }
    per = [of_question(full[q]["docs"], judged[q]) for q in answerable]
    for name in ("nDCG@10", "MRR@10", "Recall@5", "P@1", "Hit@3"):
        figures[name] = round(mean(p[name] for p in per), 4)
    times = [line["ms"] for line in full.values()]
    figures["ms"] = {"p50": round(percentile(times, 0.5), 2), "p95": round(percentile(times, 0.95), 2)}
    if others and answerable:
        best = [_top(full[q]) for q in answerable], [_top(full[q]) for q in others]
        figures["AUROC"] = round(separation(*best), 4)
    figures["panel"] = _panel(full, answerable, others, judged)
    figures["page"] = _page(full, answerable, others, judged)
    figures["abstention"] = _abstention(full, answerable, others)
    typed: dict[float, list[float]] = defaultdict(list)
    for line in lines:
        if "prefix" in line and line["qid"] in known:
            typed[line["prefix"]].append(float(any(d in judged[line["qid"]] for d in line["docs"][:3])))
    if typed:
        figures["Hit@3 as typed"] = {str(share): round(mean(v), 4) for share, v in sorted(typed.items())}
    return figures


def of_typos(
    lines: list[dict[str, Any]], questions: list[dict[str, Any]], judged: dict[str, dict[str, float]], *, whole: float
) -> dict[str, float]:
    """What one slip a question costs; ``whole`` is nDCG@10 without slips, ``lost`` is in points (hundredths)."""
    slipped = of_run(lines, questions, judged)
    names = ("nDCG@10", "Hit@3", "no_result")
    return {**{name: slipped[name] for name in names}, "lost": round(100 * (whole - slipped["nDCG@10"]), 2)}


def _top(line: dict[str, Any]) -> float:
    return line["scores"][0] if line["scores"] else 0.0


def _panel(
    full: dict[str, dict[str, Any]], answerable: list[str], others: list[str], judged: dict[str, dict[str, float]]
) -> dict[str, float]:
    shown = [q for q in [*answerable, *others] if full[q]["show"]]
    right = sum(any(d in judged.get(q, {}) for d in full[q]["show"]) for q in shown)
    return {
        "precision": round(right / len(shown), 4) if shown else 0.0,
        "reach": round(right / len(answerable), 4) if answerable else 0.0,
        "false_alarms": round(sum(bool(full[q]["show"]) for q in others) / len(others), 4) if others else 0.0,
    }


def _page(
    full: dict[str, dict[str, Any]], answerable: list[str], others: list[str], judged: dict[str, dict[str, float]]
) -> dict[str, float]:
    """How often the results page admits that it is not sure or has nothing; ``lost`` are right answers it does not show."""
    lost = sum(full[q]["worth"] == "none" and any(d in judged[q] for d in full[q]["docs"][:10]) for q in answerable)
    listed = [q for q in others if full[q]["worth"] == "sure"]
    return {
        "lost": round(lost / len(answerable), 4) if answerable else 0.0,
        "sure": round(mean(full[q]["worth"] == "sure" for q in answerable), 4),
        "sure_without_answer": round(len(listed) / len(others), 4) if others else 0.0,
        "none_without_answer": round(mean(full[q]["worth"] == "none" for q in others), 4),
    }


def _abstention(full: dict[str, dict[str, Any]], answerable: list[str], others: list[str]) -> dict[str, float]:
    """How often a results page is right to hold back, and how often wrong.

    ``not_sure``: shares of questions without an answer where nothing is claimed as sure; ``nothing_shown``: where nothing is
    shown at all; ``answer_held_back``: answerable questions with an empty page.
    """

    def empty(line: dict[str, Any]) -> bool:
        return not line["docs"] or line["worth"] == "none"

    return {
        "not_sure": round(mean(full[q]["worth"] != "sure" for q in others), 4),
        "nothing_shown": round(mean(empty(full[q]) for q in others), 4),
        "answer_held_back": round(mean(empty(full[q]) for q in answerable), 4),
    }


def by_group(
    lines: list[dict[str, Any]], questions: list[dict[str, Any]], judged: dict[str, dict[str, float]], name: str
) -> dict[str, dict[str, float]]:
    """The main figures for the questions of each value of a field, such as ``style`` or ``site``."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for question in questions:
        groups[str(question.get(name, ""))].append(question)
    out: dict[str, dict[str, float]] = {}
    for value, members in sorted(groups.items()):
        figures = of_run(lines, members, judged)
        wanted = ("nDCG@10", "MRR@10", "Hit@3") if figures["queries"] else ()
        out[value] = {"questions": len(members), **{key: figures[key] for key in wanted}}
        if figures["unanswerable"]:
            out[value].update(figures["abstention"])
    return out


def misses(
    lines: list[dict[str, Any]], questions: list[dict[str, Any]], judged: dict[str, dict[str, float]]
) -> list[tuple[dict[str, Any], dict[str, Any], str]]:
    """Questions that went wrong, with their line and how: ``empty``, ``below`` (no answer among the first three), ``sure``."""
    full = {line["qid"]: line for line in lines if "prefix" not in line}
    out = []
    for question in questions:
        line, grades = full[question["id"]], judged.get(question["id"], {})
        if grades and (not line["docs"] or line["worth"] == "none"):
            out.append((question, line, "empty"))
        elif grades and not any(key in grades for key in line["docs"][:3]):
            out.append((question, line, "below"))
        elif not grades and line["worth"] == "sure":
            out.append((question, line, "sure"))
    return out
