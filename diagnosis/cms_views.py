"""Screens of the CMS around a diagnosis: drawing what is being written, and trying it out."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.models import HearthImage
from diagnosis.checks import findings
from diagnosis.drawing import shown, word_of
from diagnosis.models import DiagnosisPage
from diagnosis.outline import give_keys, tree_of
from diagnosis.tree import UNSURE, Tree
from kb.models import GuidePage
from kb.permissions import can_see_work_lists

MOST_STEPS = 60


def _draft(request: HttpRequest, pk: int) -> DiagnosisPage:
    """Return the latest draft of a page for people who write or review. Raises PermissionDenied, Http404."""
    if not can_see_work_lists(request.user):
        raise PermissionDenied
    return get_object_or_404(DiagnosisPage, pk=pk).get_latest_revision_as_object()


@require_POST
def draw(request: HttpRequest) -> HttpResponse:
    """Draw and check the outline that the editor's form holds now; nothing is saved."""
    if not can_see_work_lists(request.user):
        raise PermissionDenied
    page_id = request.GET.get("page", "")
    page = DiagnosisPage.objects.filter(pk=page_id).first() if page_id.isdecimal() else None
    block = DiagnosisPage._meta.get_field("outline").stream_block
    if block.value_omitted_from_data(request.POST, request.FILES, "outline"):
        return HttpResponse(status=400)
    try:
        outline = block.value_from_datadict(request.POST, request.FILES, "outline")
    except (KeyError, ValueError):
        return HttpResponse(status=400)
    give_keys(outline)
    tree = tree_of(outline)
    return render(request, "diagnosis/cms/_graph.html", shown(tree, findings(page or DiagnosisPage(), tree)))


def try_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Walk through the latest draft; the answers stand in the address and nothing is recorded."""
    page = _draft(request, pk)
    tree = tree_of(page.outline)
    given = _given(request, tree)
    here = tree.walk(given)
    node = tree.node(here)
    context: dict[str, Any] = {
        "page": page,
        "node": node,
        "answers": _choices(tree, node),
        "steps": _steps(tree, given),
        "again_url": reverse("diagnosis_try", args=[page.pk]),
        "back_url": _address(page.pk, given[:-1]) if given else "",
        "word": word_of(node.kind, node.outcome) if node else "",
        "guide": _guide(page, node),
        "picture": HearthImage.objects.filter(pk=node.picture).first() if node and node.picture else None,
        **shown(tree, findings(page, tree), path=given, here=here),
    }
    for choice in context["answers"]:
        choice["url"] = _address(page.pk, [*given, (here, choice["key"])])
    for place, step in enumerate(context["steps"]):
        step["url"] = _address(page.pk, given[:place])
    return render(request, "diagnosis/cms/try.html", context)


def _given(request: HttpRequest, tree: Tree) -> list[tuple[str, str]]:
    """Return the answers of the address as far as they fit the tree as it is now."""
    given: list[tuple[str, str]] = []
    for part in request.GET.getlist("a")[:MOST_STEPS]:
        node_key, _dot, answer_key = part.partition(".")
        node = tree.node(node_key)
        if node is None or tree.walk(given) != node_key or answer_key not in dict(node.ways()):
            break
        given.append((node_key, answer_key))
    return given


def _address(pk: int, given: list[tuple[str, str]]) -> str:
    query = urlencode([("a", f"{node}.{answer}") for node, answer in given])
    return reverse("diagnosis_try", args=[pk]) + (f"?{query}" if query else "")


def _choices(tree: Tree, node: Any) -> list[dict[str, Any]]:
    if node is None:
        return []
    rows = [{"key": answer.key, "text": answer.text, "note": answer.note, "leads": answer.to in tree.nodes} for answer in node.answers]
    if node.is_question:
        rows.append({"key": UNSURE, "text": _("Not sure"), "note": "", "leads": node.unsure_to in tree.nodes, "is_unsure": True})
    return rows


def _steps(tree: Tree, given: list[tuple[str, str]]) -> list[dict[str, Any]]:
    rows = []
    for node_key, answer_key in given:
        node = tree.nodes[node_key]
        answer = node.answer(answer_key)
        rows.append({"question": node.title, "answer": answer.text if answer else _("Not sure")})
    return rows


def _guide(page: DiagnosisPage, node: Any) -> GuidePage | None:
    if node is None or not node.guide_key:
        return None
    pages = list(GuidePage.objects.filter(translation_key=node.guide_key).select_related("locale"))
    return next((found for found in pages if found.locale_id == page.locale_id), pages[0] if pages else None)
