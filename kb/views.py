"""Votes and reading times of visitors."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import Conflict, DomainError, LimitReached, NotFound
from core.guard import limit
from core.visitors import known_visitor_key, visitor_key
from kb import actions, ledger, queries
from kb.forms import ReadingForm, VoteForm
from kb.models import ArticleVote
from kb.subjects import is_key

VOTES_BY_ADDRESS = "60/d"
READINGS_BY_ADDRESS = "600/h"


@require_POST
def vote(request: HttpRequest) -> HttpResponse:
    """Take a vote or the reason of a no: the box itself for htmx, else back to the page."""
    form = VoteForm({**request.POST.dict(), "subject": request.GET.get("subject") or request.POST.get("subject", "")})
    language = get_language() or settings.LANGUAGE_CODE
    found = queries.subject_of(form.data["subject"], language) if is_key(form.data["subject"]) else None
    if found is None:
        raise_not_found()
    if not form.is_valid():
        return _answer(
            request, form, "reason" if request.POST.get("stage") else "ask", error=_("Please check what you entered."), status=422
        )
    data = form.cleaned_data
    try:
        if data["stage"] == "reason":
            actions.explain_vote(
                subject_key=data["subject"], visitor_key=visitor_key(request), reason=data["reason"], comment=data["comment"]
            )
            return _answer(request, form, "done", answer="no")
        limit(request, "vote", VOTES_BY_ADDRESS)
        title, page, _url = found  # type: ignore[misc]
        actions.vote(
            subject_key=data["subject"],
            helpful=data["vote"] == "yes",
            visitor_key=visitor_key(request),
            user=request.user,
            title=title,
            language=language,
            page=page,
            query=data["q"],
            referrer=request.headers.get("Referer", ""),
        )
    except (Conflict, NotFound):
        return _answer(request, form, "again")
    except LimitReached as refusal:
        return _answer(request, form, "ask", error=refusal.message, status=refusal.status)
    except DomainError as refusal:
        return _answer(request, form, "reason", error=refusal.message, status=422)
    return _answer(request, form, "done" if data["vote"] == "yes" else "reason", answer=data["vote"])


def raise_not_found() -> None:
    """Raise the 404 of a key that names nothing public."""
    from django.http import Http404

    raise Http404


def _answer(request: HttpRequest, form: VoteForm, state: str, *, answer: str = "", error: Any = "", status: int = 200) -> HttpResponse:
    back = request.POST.get("next", "")
    if not back.startswith("/") or not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = reverse("portal:home")
    back = back.split("?", 1)[0].split("#", 1)[0]
    if request.headers.get("HX-Request") or error:
        context = {
            "vote_url": reverse("kb:vote"),
            "key": form.data["subject"],
            "state": state,
            "answer": answer,
            "reasons": ArticleVote.Reason.choices,
            "reason": request.POST.get("reason", ""),
            "comment": request.POST.get("comment", "")[:1000],
            "query": request.POST.get("q", "")[:200],
            "error": error,
            "help_query": form.cleaned_data.get("help", "") if form.is_valid() else "",
            "back": back,
        }
        if request.headers.get("HX-Request"):
            return render(request, "kb/_vote.html", context)
        return render(request, "kb/vote.html", context, status=status)
    word = {"done": "yes" if answer == "yes" else "thanks", "reason": "reason", "again": "again"}[state]
    return redirect(f"{back}?voted={word}#vote")


@require_POST
def reading(request: HttpRequest) -> HttpResponse:
    """Take the sign that a page is being read; answers 204 whatever happens, since nobody waits for it."""
    form = ReadingForm(request.POST)
    if not form.is_valid() or not is_key(form.cleaned_data["key"]):
        return HttpResponse(status=204)
    data = form.cleaned_data
    language = get_language() or settings.LANGUAGE_CODE
    found = queries.subject_of(data["key"], language)
    try:
        limit(request, "reading", READINGS_BY_ADDRESS)
    except LimitReached:
        return HttpResponse(status=204)
    if found is not None:
        title, _page, url = found
        _open(request, language, data, title, url)
    return HttpResponse(status=204)


def _open(request: HttpRequest, language: str, data: dict[str, Any], title: str, url: str) -> None:
    session = ledger.reading_session(
        visitor_key=known_visitor_key(request) or visitor_key(request),
        user=request.user,
        language=language,
        key=data["key"],
        seconds=data["seconds"],
    )
    if data["query"] and session is not None and session.outcome == session.Outcome.OPEN:
        actions.record_query(session, data["query"])
    actions.record_opened(session, key=data["key"], title=title, url=url)
    actions.record_read(
        session, key=data["key"], seconds=data["seconds"], title=title, url=url, reached=data["reached"], step=data["step"] or 0
    )
