"""Error codes: the index by family and the card of one code."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_safe

from kb.models import ArticleVote
from kb.subjects import code_key
from portal import queries
from portal.safety import stop_notice
from portal.views.parts import crumbs_context, language, not_found, typed
from products.models import ErrorCode

SEVERITY_WORDS = {
    ErrorCode.Severity.INFO: gettext_lazy("Mostly easy to put right yourself"),
    ErrorCode.Severity.CAREFUL: gettext_lazy("Stop and check first"),
    ErrorCode.Severity.DANGER: gettext_lazy("Danger: stop using it"),
}


def code_url(code: ErrorCode) -> str:
    """Return the one address of a code's card."""
    return reverse("portal:code", args=[code.family.slug, code.code])


@require_safe
def codes(request: HttpRequest) -> HttpResponse:
    """Show every code by family; `?q=` takes any spelling and opens the only match."""
    shown = typed(request, "q", 40)
    found = queries.find_codes(shown) if shown else []
    if len(found) == 1:
        model = queries.model_in(shown)
        return redirect(code_url(found[0]) + (f"?{urlencode({'model': model.slug})}" if model is not None else ""))
    groups: dict[int, dict[str, Any]] = {}
    for code in found or queries.all_codes():
        groups.setdefault(code.family_id, {"family": code.family, "codes": []})["codes"].append(code)
    context = {"groups": list(groups.values()), "q": shown, "found": found, **crumbs_context(request, (_("Error codes"), ""))}
    return render(request, "portal/codes.html", context)


@require_safe
def code(request: HttpRequest, family_slug: str, code: str) -> HttpResponse:
    """Show the card of a code; another spelling of it leads to its one address."""
    row = queries.find_code(family_slug, code)
    if row is None:
        return not_found(
            request,
            title=_("We do not know this code"),
            text=_("Look at the display again: a letter first, then one or two digits. Or choose the product and read its list."),
        )
    if row.code != code or row.family.slug != family_slug:
        return redirect(code_url(row), permanent=True)
    models = queries.models_of_code(row)
    picked = typed(request, "model", 60).lower()
    guides = queries.guides_for(language(), code=row, limit=6)
    context = {
        "code": row,
        "family": row.family,
        "also": spellings(row.code, row.spellings[1:]),
        "stop": stop_notice(row.severity, row.hazard),
        "severity_words": SEVERITY_WORDS[ErrorCode.Severity(row.severity)],
        "danger": row.severity == ErrorCode.Severity.DANGER,
        "guides": guides,
        "models": models,
        "model": next((model for model in models if model.slug == picked), None),
        "others": queries.codes_of(row.family),
        "help_url": f"{reverse('portal:get_help')}?family={row.family.slug}&code={row.code}",
        "url_reading": reverse("kb:reading"),
        "announcements": queries.announcements_about(family=row.family, request=request),
        **vote_context(request, row),
        **crumbs_context(
            request,
            (_("Error codes"), reverse("portal:codes")),
            (row.family.name, f"{reverse('portal:codes')}#{row.family.slug}"),
            (row.code, ""),
        ),
    }
    return render(request, "portal/code.html", context)


def spellings(shown: str, others: Iterable[str] = ()) -> str:
    """Return other ways a display may show a code: those that are known, and e.g. `E-2, E02` for E2."""
    letters = shown.rstrip("0123456789")
    digits = shown[len(letters) :]
    ways = list(others)
    if letters and digits:
        ways += [f"{letters}-{digits}", f"{letters}{digits.zfill(2)}", f"{letters}-{digits.zfill(2)}"]
    return pgettext("between spellings", ", ").join(way for way in dict.fromkeys(ways) if way != shown)


def vote_context(request: HttpRequest, row: ErrorCode) -> dict[str, Any]:
    """Return the context of the vote box of a code card, as kb/_vote.html wants it."""
    voted = request.GET.get("voted", "")
    return {
        "vote_url": reverse("kb:vote"),
        "key": code_key(row),
        "state": {"yes": "done", "reason": "reason", "thanks": "done", "again": "again"}.get(voted, "ask"),
        "answer": "yes" if voted == "yes" else "no",
        "reasons": ArticleVote.Reason.choices,
        "query": typed(request, "q", 200),
        "help_query": f"family={row.family.slug}&code={row.code}",
    }
