"""The screens of the figures: all diagnoses in a table, one of them on its graph and as a table, both as CSV."""

import csv
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core.i18n import normal_language
from diagnosis.checks import where_of
from diagnosis.drawing import shown, word_of
from diagnosis.figures import Choice, Figures, NodeFigures, figures_of, overview, share
from diagnosis.graph import Note
from diagnosis.models import DiagnosisPage, DiagnosisVersion
from diagnosis.outline import tree_of
from diagnosis.tree import Tree
from kb.permissions import can_see_work_lists

PERIODS = (7, 30, 90, 365)
USUAL = 90


def percent(value: float | None) -> str:
    """Return a share as people read it; a dash where there is nothing to divide."""
    return "–" if value is None else f"{round(value * 100)} %"


def _choice(request: HttpRequest) -> tuple[Choice, dict[str, Any]]:
    """Return what was chosen in the address and the same for the form; nonsense counts as not chosen."""
    days = request.GET.get("days", "")
    period = int(days) if days.isdecimal() and int(days) in PERIODS else USUAL
    language = request.GET.get("language", "")
    language = language if language in {"zh-hans", "en"} else ""
    number = request.GET.get("version", "")
    picked = int(number) if number.isdecimal() and len(number) < 6 else None
    since = timezone.now() - timedelta(days=period)
    form = {
        "days": period,
        "language": language,
        "version": picked,
        "periods": PERIODS,
        "languages": [("zh-hans", "简体中文"), ("en", "English")],
    }
    return Choice(language=language, number=picked, since=since), form


def _allow(request: HttpRequest) -> None:
    if not can_see_work_lists(request.user):
        raise PermissionDenied


def all_figures(request: HttpRequest) -> HttpResponse:
    """Show every diagnosis with how far people came and whether it helped."""
    _allow(request)
    choice, form = _choice(request)
    lines = overview(choice)
    pages: dict[Any, DiagnosisPage] = {}
    for page in DiagnosisPage.objects.select_related("locale").defer("outline").order_by("title"):
        if page.translation_key not in pages or normal_language(page.locale.language_code) == normal_language(get_language()):
            pages[page.translation_key] = page
    rows: list[dict[str, Any]] = [
        {"page": page, "line": lines.get(key), "url": reverse("diagnosis_figures", args=[page.pk])} for key, page in pages.items()
    ]
    rows.sort(key=lambda row: -(row["line"].runs if row["line"] else 0))
    if request.GET.get("export") == "csv":
        head = [_("Diagnosis"), _("Runs"), _("Reached an outcome"), _("Not sure"), _("Solved"), _("Came back within 7 days")]
        return _csv("diagnoses", head, [[row["page"].title, *_line_cells(row["line"])] for row in rows])
    context = {"rows": [{**row, "cells": _line_cells(row["line"])} for row in rows], "form": form, "query": request.GET.urlencode()}
    return render(request, "diagnosis/cms/all_figures.html", context)


def _line_cells(line: Any) -> list[str]:
    if line is None:
        return ["0", "–", "–", "–", "–"]
    return [
        str(line.runs),
        percent(line.ended_share),
        percent(line.unsure_share),
        percent(line.solved_share),
        percent(line.came_back_share),
    ]


def figures(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one diagnosis on its graph and as a table, for a version, a language and a period."""
    _allow(request)
    page = get_object_or_404(DiagnosisPage.objects.select_related("locale"), pk=pk)
    choice, form = _choice(request)
    versions = list(DiagnosisVersion.objects.filter(translation_key=page.translation_key).order_by("-number"))
    tree = _tree(page, versions, choice)
    found = figures_of(page.translation_key, choice)
    rows = [_row(key, tree, found) for key in tree.nodes]
    if request.GET.get("export") == "csv":
        return _csv(page.slug, _heads(), [[row["where"], row["word"], *row["cells"], row["answers"]] for row in rows])
    form["versions"] = sorted({version.number for version in versions}, reverse=True)
    context = {
        "page": page,
        "found": found,
        "cards": _cards(found),
        "heads": _heads(),
        "rows": rows,
        "form": form,
        "query": request.GET.urlencode(),
        "no_verdict": True,
        **shown(tree, notes=_notes(tree, found)),
    }
    return render(request, "diagnosis/cms/figures.html", context)


def _tree(page: DiagnosisPage, versions: list[DiagnosisVersion], choice: Choice) -> Tree:
    """Return the tree to draw: the chosen version, else the latest, in the chosen language, else the page's; a draft draws its own."""
    language = choice.language or normal_language(page.locale.language_code)
    fitting = [version for version in versions if choice.number is None or version.number == choice.number]
    same = [version for version in fitting if version.language == language]
    best = next(iter(same or fitting or versions), None)
    return best.tree if best is not None else tree_of(page.outline)


def _heads() -> list[str]:
    return [
        _("Question or outcome"),
        _("Kind"),
        _("Reached"),
        _("Stopped here"),
        _("Not sure"),
        _("Solved"),
        _("Came back within 7 days"),
        _("Answers"),
    ]


def _row(key: str, tree: Tree, found: Figures) -> dict[str, Any]:
    node, figure = tree.nodes[key], found.nodes.get(key, NodeFigures())
    cells = [str(figure.reached), percent(figure.stopped_share) if node.is_question else "–"]
    cells += [percent(figure.unsure_share), percent(figure.solved_share), percent(figure.came_back_share)]
    total = figure.answers.total()
    said = []
    for answer_key, _to in node.ways():
        answer = node.answer(answer_key)
        given = figure.answers[answer_key]
        said.append(f"{answer.text if answer else _('Not sure')} {given} ({percent(share(given, total))})")
    return {"key": key, "where": where_of(key, tree), "word": word_of(node.kind, node.outcome), "cells": cells, "answers": " · ".join(said)}


def _notes(tree: Tree, found: Figures) -> dict[tuple[str, str], Note]:
    notes: dict[tuple[str, str], Note] = {}
    for key, node in tree.nodes.items():
        figure = found.nodes.get(key, NodeFigures())
        words = [ngettext("%(count)d person", "%(count)d people", figure.reached) % {"count": figure.reached}]
        if node.is_question and figure.stopped:
            words.append(_("%(share)s stop here") % {"share": percent(figure.stopped_share)})
        elif not node.is_question and figure.told:
            words.append(_("%(share)s solved") % {"share": percent(figure.solved_share)})
        notes[key, ""] = Note(" · ".join(words))
        total = figure.answers.total()
        for answer_key, _to in node.ways():
            given = figure.answers[answer_key]
            notes[key, answer_key] = Note(percent(share(given, total)), given / found.runs if found.runs else 0)
    return notes


def _cards(found: Figures) -> list[tuple[str, str]]:
    return [
        (_("Runs"), str(found.runs)),
        (_("Reached an outcome"), percent(found.ended_share)),
        (_("Stopped on the way"), percent(share(found.stopped, found.runs))),
        (_("Solved, of those who said"), percent(found.solved_share)),
        (_("Came back within 7 days"), percent(found.came_back_share)),
        (_("Handed to a person"), str(found.handed_over)),
    ]


def _csv(name: str, head: list[str], rows: Iterable[list[str]]) -> HttpResponse:
    """Return a CSV that spreadsheets open in UTF-8; cells that would be read as formulas are defused."""
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    writer = csv.writer(response)
    writer.writerow(head)
    for row in rows:
        writer.writerow([f"'{cell}" if cell[:1] in "=+-@\t" and cell != "–" else cell for cell in row])
    return response
