"""Guided diagnosis: the list, the start page of one, going on by a short code."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import DomainError
from core.guard import limit
from core.visitors import visitor_key
from diagnosis.actions import start_run
from diagnosis.models import DiagnosisPage
from diagnosis.queries import (
    about_query,
    current_version,
    diagnoses_listed,
    diagnosis_page,
    get_run_by_code,
    index_for,
    live_diagnoses,
    translations_of,
)
from portal import diagnosis_run, ledger, queries
from portal.forms_diagnosis import CodeForm
from portal.views.parts import crumbs_context, language, not_found, typed, unlisted

START_RATE = "40/h"
CODE_RATE = "15/10m"
ABOUT = ("unit", "model", "product", "family")


@require_safe
def diagnoses(request: HttpRequest) -> HttpResponse:
    """Show all diagnoses by product, or those of one family or model."""
    known = diagnosis_run.about(request, {name: typed(request, name, 60) for name in ABOUT})
    family, model = known["family"], known["model"]
    rows = list(diagnoses_listed(language(), family=family.slug if family else "").prefetch_related("product_models"))
    if model is not None:
        rows = [page for page in rows if not page.product_models.all() or model in page.product_models.all()]
    index = index_for(language())
    context = {
        "title": index.title if index else _("Find the cause"),
        "intro": index.intro if index else "",
        "groups": by_family(rows, only=family),
        "about": known,
        "query": about_query(**known),
        "families": queries.families().filter(diagnoses__in=live_diagnoses(language())).distinct(),
        "going_on": diagnosis_run.going_on(request),
        "code_form": CodeForm(),
        **crumbs_context(request, (index.title if index else _("Find the cause"), "")),
    }
    return render(request, "diagnosis/list.html", context)


def by_family(pages: list[DiagnosisPage], *, only: Any = None) -> list[dict[str, Any]]:
    """Return the diagnoses in groups: {family, pages}; one that is about several families stands in the first shown one."""
    order = {family.pk: family for family in queries.families()}
    groups: dict[int, list[DiagnosisPage]] = {pk: [] for pk in order}
    rest: list[DiagnosisPage] = []
    for page in pages:
        fitting = [family.pk for family in page.families.all() if family.pk in order and (only is None or family.pk == only.pk)]
        (groups[fitting[0]] if fitting else rest).append(page)
    found = [{"family": order[pk], "pages": rows} for pk, rows in groups.items() if rows]
    return [*found, {"family": None, "pages": rest}] if rest else found


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """Say what a diagnosis is about and what to mind; on POST begin and go to the first question."""
    page = diagnosis_page(slug[:80], language())
    version = current_version(page) if page is not None else None
    if page is None or version is None:
        title = _("We do not have this diagnosis any more")
        return not_found(request, title=title, text=_("Search for what your appliance does, or ask us."))
    source = request.POST if request.method == "POST" else request.GET
    known = diagnosis_run.about(request, {name: source.get(name, "")[:60].replace("\x00", "") for name in ABOUT})
    if request.method != "POST":
        return _start_page(request, page, known)
    try:
        limit(request, "diagnosis", START_RATE)
        run = start_run(
            version=version,
            language=language(),
            visitor_key=visitor_key(request),
            user=request.user,
            help_session=ledger.current(request),
            **known,
        )
    except DomainError as refusal:
        return _start_page(request, page, known, problem=str(refusal.message), status=refusal.status)
    return redirect("diagnosis:run", key=run.key)


def _start_page(request: HttpRequest, page: DiagnosisPage, known: dict[str, Any], *, problem: str = "", status: int = 200) -> HttpResponse:
    models = diagnosis_run.scope_models(page)
    fits = known["model"] is not None and (not models or known["model"].pk in {model.pk for model in models})
    version = current_version(page)
    request.language_urls = {  # type: ignore[attr-defined]
        other.locale.language_code: (other.url or "") + about_query(**known) for other in translations_of(page)
    }
    index = index_for(language())
    crumbs = ((index.title if index else _("Find the cause"), reverse("diagnosis:list")), (page.title, ""))
    context = {
        "page": page,
        "problems": [{"text": problem}] if problem else [],
        "has_errors": bool(problem),
        "picked": known["model"] if fits else None,
        "unit": known["unit"] if fits else None,
        "misfit": known["model"] if known["model"] is not None and not fits else None,
        "units": diagnosis_run.units_in_scope(request.user, models),
        "models": models,
        "questions": version.tree.longest() if version else 0,
        "going_on": diagnosis_run.going_on(request, page),
        **crumbs_context(request, *crumbs),
    }
    return render(request, "diagnosis/start.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@unlisted
def by_code(request: HttpRequest) -> HttpResponse:
    """Go on with a run on this device by its short code; the same answer for a wrong code and an old one."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            limit(request, "diagnosis-code", CODE_RATE)
            run = get_run_by_code(form.cleaned_data["code"])
        except DomainError as refusal:
            words = _("We know no such code. It is good for 7 days; look again at the other device.")
            form.add_error("code", words if refusal.status == 404 else str(refusal.message))
            return render(request, "diagnosis/code.html", {"form": form}, status=refusal.status if refusal.status == 429 else 422)
        diagnosis_run.remember(request, run)
        messages.info(request, _("You go on where you were."))
        return redirect("diagnosis:run", key=run.key)
    return render(request, "diagnosis/code.html", {"form": form}, status=422 if form.errors else 200)
