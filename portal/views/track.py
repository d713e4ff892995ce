"""Track a request or a repair without an account: number and address, then a code; wrong and right ones are answered alike."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chat.models import Conversation
from core.errors import DomainError
from core.guard import limit
from core.masking import masked_address
from core.tasks import enqueue
from portal import doors, tracking
from portal.chat_visitor import let_in
from portal.forms import CodeForm, TrackForm
from portal.views.parts import crumbs_context, language, unlisted

PENDING = "tracking"
ASK_RATE = "12/h"
ASK_RATE_ADDRESS = "5/h"
TRY_RATE_REFERENCE = "15/h"


@require_http_methods(["GET", "HEAD", "POST"])
@unlisted
def track(request: HttpRequest) -> HttpResponse:
    """Ask for number and address; then say that a code is on its way, whether it is or not."""
    form = TrackForm(
        request.POST if request.method == "POST" else None, request=request, initial={"reference": request.GET.get("number", "")[:40]}
    )
    if request.method == "POST" and form.is_valid():
        reference, address = form.cleaned_data["reference"], form.cleaned_data["address"]
        try:
            limit(request, "track-ask", ASK_RATE)
            limit(request, "track-address", ASK_RATE_ADDRESS, key=f"{reference}|{address}")
        except DomainError as error:
            form.add_error(None, str(error.message))
            return _page(request, form, status=error.status)
        _ask(request, reference, address)
        return redirect("portal:track_code")
    return _page(request, form, status=422 if form.errors else 200)


def _page(request: HttpRequest, form: TrackForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, **crumbs_context(request, (_("Track a request, repair or chat"), ""))}
    return render(request, "portal/track.html", context, status=status)


def _ask(request: HttpRequest, reference: str, address: str) -> None:
    now, nonce = timezone.now(), secrets.token_urlsafe(16)
    request.session[PENDING] = {"reference": reference, "address": address, "nonce": nonce, "asked_at": now.isoformat(), "tries": 0}
    enqueue(
        "portal.tasks.send_tracking_code", reference=reference, address=address, nonce=nonce, asked_at=now.isoformat(), language=language()
    )


def _pending(request: HttpRequest) -> dict[str, Any] | None:
    asked: dict[str, Any] | None = request.session.get(PENDING)
    if not asked:
        return None
    until = datetime.fromisoformat(asked["asked_at"]) + timedelta(seconds=tracking.CODE_SECONDS)
    return asked if until > timezone.now() else None


@require_http_methods(["GET", "HEAD", "POST"])
@unlisted
def code(request: HttpRequest) -> HttpResponse:
    """Take the code; after five wrong ones it must be asked for anew."""
    asked = _pending(request)
    if asked is None:
        request.session.pop(PENDING, None)
        return redirect("portal:track")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            limit(request, "track-try", TRY_RATE_REFERENCE, key=asked["reference"])
        except DomainError as error:
            form.add_error(None, str(error.message))
            return _code_page(request, form, asked, status=error.status)
        case = tracking.is_right(form.cleaned_data["code"], nonce=asked["nonce"], reference=asked["reference"], address=asked["address"])
        if case is not None:
            del request.session[PENDING]
            request.session.cycle_key()
            if isinstance(case, Conversation):
                let_in(request, case)
                return redirect("chat:conversation", key=case.key)
            doors.grant(request, case)
            return redirect(doors.page_of(case))
        return _wrong(request, form, asked)
    return _code_page(request, form, asked, status=422 if form.errors else 200)


def _wrong(request: HttpRequest, form: CodeForm, asked: dict[str, Any]) -> HttpResponse:
    asked["tries"] += 1
    left = tracking.MOST_TRIES - asked["tries"]
    if left <= 0:
        del request.session[PENDING]
        fresh = TrackForm(request=request, initial={"reference": asked["reference"], "address": asked["address"]})
        context = {"form": fresh, "locked": True, **crumbs_context(request, (_("Track a request, repair or chat"), ""))}
        return render(request, "portal/track.html", context, status=429)
    request.session[PENDING] = asked
    form.add_error("code", _("This code does not open anything. Check number and code in our newest message."))
    return _code_page(request, form, asked, status=422)


def _code_page(request: HttpRequest, form: CodeForm, asked: dict[str, Any], *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "reference": asked["reference"],
        "address": masked_address(asked["address"]),
        "minutes": tracking.CODE_SECONDS // 60,
        **crumbs_context(request, (_("Track a request, repair or chat"), "")),
    }
    return render(request, "portal/track_code.html", context, status=status)
