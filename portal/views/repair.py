"""The customer's page of a repair: what happens next, the quote, the visit, the timeline, writing. By link, by code or signed in."""

import secrets
from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError
from core.guard import limit
from core.visitors import known_visitor_key
from fieldservice import states
from fieldservice.actions import approve_quote, cancel_repair, close_repair, decline_quote, move_repair, move_visit, write_message
from fieldservice.models import RepairOrder
from fieldservice.queries import repair_view, repairs_of
from portal import doors
from portal.forms import ReplyForm
from portal.repair_forms import CommentForm, ReasonForm, VisitForm
from portal.repair_origin import acting
from portal.repair_page import promise, timeline
from portal.views import cases
from portal.views.get_help import as_row, take_files
from portal.views.parts import crumbs_context, not_found, unlisted

STEP_RATE = "30/h"
PAGE_SIZE = 20


def closed_door(request: HttpRequest) -> HttpResponse:
    """Answer for a wrong, a foreign and a missing number alike."""
    return not_found(
        request,
        title=_("We cannot open this repair here"),
        text=_("Open the link in our message once more, or look it up with its number and the phone or e-mail you gave us."),
    )


@require_safe
@unlisted
def repair_detail(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a repair to its customer; a link with its secret lets this browser in and leaves the address clean."""
    return cases.by_link(request, reference, find=doors.customer_repair, show=show, closed=closed_door)


@require_safe
@unlisted
def my_repair(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a member's own repair, or one of a machine of their household."""
    return cases.by_account(request, reference, find=doors.member_repair, show=show, closed=closed_door)


@require_safe
@unlisted
def my_repairs(request: HttpRequest) -> HttpResponse:
    """Show the member's repairs, newest first; a guest gets sign-in and the look-up by number."""
    if not request.user.is_authenticated:
        return render(request, "portal/my_guest.html")
    page = Paginator(repairs_of(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "portal/my_repairs.html", {"page_obj": page, "repairs": page.object_list})


def show(request: HttpRequest, order: RepairOrder, *, status: int = 200, **extra: Any) -> HttpResponse:
    """Draw the page of a repair; `extra` carries forms with errors."""
    who = acting(request, order)
    own = who["guest"] or (who["by"] is not None and order.contact.user_id == getattr(who["by"], "pk", 0))
    view = repair_view(order, roles=frozenset({states.CUSTOMER}) if own else frozenset())
    above = (_("My repairs"), reverse("portal:my_repairs")) if request.user.is_authenticated else (_("Track"), reverse("portal:track"))
    context = {
        "order": order,
        "view": view,
        "own": own,
        "promise": promise(view),
        "timeline": timeline(view),
        "reply_form": ReplyForm(),
        "visit_form": VisitForm() if view.may_move_visit else None,
        "cancel_form": ReasonForm(prefix="cancel"),
        "back_form": ReasonForm(prefix="back"),
        "client_key": secrets.token_urlsafe(18),
        "uploaded": [],
        "upload_url": reverse("site:upload"),
        **crumbs_context(request, above, (order.reference, "")),
        **extra,
    }
    return render(request, "portal/repair.html", context, status=status)


def _step(request: HttpRequest, reference: str, work: Callable[[RepairOrder], HttpResponse | None]) -> HttpResponse:
    """Let the customer do one thing; a refusal is said on the page, which shows the repair as it is now."""
    order = doors.customer_repair(request, reference)
    if order is None:
        return closed_door(request)
    try:
        limit(request, "repair-step", STEP_RATE, by="visitor")
        answer = work(order)
    except DomainError as error:
        fresh = doors.customer_repair(request, reference) or order
        return show(request, fresh, status=error.status, problem=str(error.message))
    return answer if answer is not None else redirect(doors.page_of(order, request.user))


@require_POST
@unlisted
def answer(request: HttpRequest, reference: str) -> HttpResponse:
    """The customer agrees to the quote or declines it."""

    def work(order: RepairOrder) -> HttpResponse | None:
        form = CommentForm(request.POST)
        if not form.is_valid():
            return show(request, order, status=422, problem=_("Choose whether you agree or decline."))
        data = form.cleaned_data
        verb = approve_quote if data["answer"] == "approve" else decline_quote
        verb(order, number=data["number"], comment=data["comment"], **acting(request, order))
        return None

    return _step(request, reference, work)


@require_POST
@unlisted
def visit(request: HttpRequest, reference: str) -> HttpResponse:
    """The customer moves the visit."""

    def work(order: RepairOrder) -> HttpResponse | None:
        form = VisitForm(request.POST)
        if not form.is_valid():
            return show(request, order, status=422, visit_form=form, has_errors=True, summary_form=form, open_form="visit")
        move_visit(order, slot=form.cleaned_data["slot"], version=form.cleaned_data["version"], **acting(request, order))
        return None

    return _step(request, reference, work)


@require_POST
@unlisted
def cancel(request: HttpRequest, reference: str) -> HttpResponse:
    """The customer cancels the repair."""

    def work(order: RepairOrder) -> HttpResponse | None:
        form = ReasonForm(request.POST, prefix="cancel")
        if not form.is_valid():
            return show(request, order, status=422, cancel_form=form, has_errors=True, summary_form=form, open_form="cancel")
        cancel_repair(order, reason=form.cleaned_data["reason"], **acting(request, order))
        return None

    return _step(request, reference, work)


@require_POST
@unlisted
def confirm(request: HttpRequest, reference: str) -> HttpResponse:
    """The customer says that the machine works."""

    def work(order: RepairOrder) -> None:
        close_repair(order, **acting(request, order))

    return _step(request, reference, work)


@require_POST
@unlisted
def back(request: HttpRequest, reference: str) -> HttpResponse:
    """The customer says that the fault is back."""

    def work(order: RepairOrder) -> HttpResponse | None:
        form = ReasonForm(request.POST, prefix="back")
        if not form.is_valid():
            return show(request, order, status=422, back_form=form, has_errors=True, summary_form=form, open_form="back")
        move_repair(order, move="come_back", reason=form.cleaned_data["reason"], **acting(request, order))
        return None

    return _step(request, reference, work)


@require_POST
@unlisted
def write(request: HttpRequest, reference: str) -> HttpResponse:
    """Add the customer's words with their files."""

    def work(order: RepairOrder) -> HttpResponse | None:
        form = ReplyForm(request.POST)
        uploaded, refused = take_files(request)
        key = request.POST.get("client_key", "")[:40]
        again = {"reply_form": form, "uploaded": [as_row(item) for item in uploaded], "refused_texts": refused, "client_key": key}
        if not form.is_valid() or refused:
            summary = [{"target": "files_group", "text": text} for text in refused]
            return show(request, order, status=422, refused=summary, has_errors=True, summary_form=form, **again)
        try:
            write_message(
                order,
                body=form.cleaned_data["body"],
                attachments=[item.reference for item in uploaded],
                visitor_key=known_visitor_key(request),
                client_key=key,
                **acting(request, order),
            )
        except DomainError as error:
            return show(request, order, status=error.status, problem=str(error.message), has_errors=True, **again)
        return redirect(doors.page_of(order, request.user) + "#thread-end")

    return _step(request, reference, work)
