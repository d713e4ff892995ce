"""The visitor's chat: before it starts, while it lasts, on another device. Out of hours the same form leaves a message."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chat.actions import start_conversation
from chat.models import Conversation
from core.errors import Conflict, DomainError, NotFound
from core.guard import limit
from core.visitors import visitor_key
from diagnosis.models import DiagnosisRun
from kb.models import HelpSession
from portal import diagnosis_run, doors, ledger, people, queries
from portal.chat_duty import Duty, duty
from portal.chat_visitor import (
    conversations_of,
    let_in_by_link,
    open_chat_of,
    own_conversation,
    own_page,
    own_unit,
    page_context,
    product_of_page,
)
from portal.forms_chat import ChatForm, RatingForm, TranscriptForm
from portal.views.get_help import about_product, initial_of, offered_for, open_request, run_named
from portal.views.parts import language, not_found, typed, unlisted
from tickets.models import Ticket

PAGE_SIZE = 20
START_RATE = "20/h"
LINK_RATE = "60/10m"


def in_panel(request: HttpRequest) -> bool:
    """Return whether the answer goes into the chat window of another page."""
    return (request.POST.get("panel") or request.GET.get("panel")) == "1"


def shell(request: HttpRequest) -> str:
    """Return the template around: a whole page, or only the window."""
    return "chat/_panel.html" if in_panel(request) else "chat/_page.html"


def go(request: HttpRequest, name: str, *args: Any, fragment: str = "") -> HttpResponse:
    """Go on to an address of the chat; inside the window it stays there."""
    return redirect(reverse(name, args=args) + ("?panel=1" if in_panel(request) else "") + fragment)


def closed_door(request: HttpRequest) -> HttpResponse:
    """Answer for a wrong, a foreign and a missing conversation alike."""
    text = _("It belongs to another browser, or the link is old. Start a new chat; we look the old one up for you.")
    if in_panel(request):
        return render(request, "chat/gone.html", {"text": text, "shell": shell(request)}, status=404)
    return not_found(request, title=_("We cannot open this chat here"), text=text)


@require_http_methods(["GET", "HEAD", "POST"])
@unlisted
def start(request: HttpRequest) -> HttpResponse:
    """Show the form before the chat, or the chat that is going on; on POST join the queue or leave a message."""
    member, now = people.contact_of(request.user), duty(request)
    leaving = not now.open or (request.POST if request.method == "POST" else request.GET).get("leave") == "1"
    run = run_named(request)
    if request.method != "POST":
        going_on = open_chat_of(request) if not leaving and request.GET.get("new") != "1" else None
        if going_on is not None and run is None:
            return go(request, "chat:conversation", going_on.key)
        page = own_page(typed(request, "from", 300))
        form = ChatForm(initial=initial_of(request, product_of_page(page)), request=request, member=member, leaving=leaving)
        return _form(request, form, now, leaving=leaving, page=page, going_on=going_on is not None)
    if run is not None and request.POST.get("into") and (going_on := open_chat_of(request)) is not None:
        return _pass_on(request, run, going_on)
    form = ChatForm(request.POST, request=request, member=member, leaving=leaving)
    page = own_page(request.POST.get("page", "")[:300])
    if not form.is_valid():
        return _form(request, form, now, leaving=leaving, page=page, status=422)
    if not request.POST.get("still") and run is None and (hits := offered_for(request, form, channel=HelpSession.Channel.CHAT)):
        return _form(request, form, now, leaving=leaving, page=page, hits=hits, asked=True)
    try:
        limit(request, "chat-start", START_RATE)
        return _leave(request, form, run) if leaving else _join(request, form, page, run)
    except DomainError as error:
        field = getattr(error, "field", "")
        form.add_error(field if field in form.fields else None, str(error.message))
        full = isinstance(error, Conflict) and error.code in {"closed", "queue_full"}
        return _form(request, form, now, leaving=leaving or full, page=page, status=error.status)


def _pass_on(request: HttpRequest, run: DiagnosisRun, going_on: Conversation) -> HttpResponse:
    """Let the chat that is going on have the answers of a diagnosis; ended in the meantime, it offers a new one."""
    try:
        limit(request, "chat-start", START_RATE)
        diagnosis_run.into_open_chat(request, run, going_on)
    except DomainError as refusal:
        messages.warning(request, str(refusal.message))
    return go(request, "chat:conversation", going_on.key)


def _join(request: HttpRequest, form: ChatForm, page: str, run: DiagnosisRun | None) -> HttpResponse:
    data = form.cleaned_data
    with transaction.atomic():
        contact = form.member
        if contact is None and (data["email"] or data["phone"]):
            contact = people.contact_for(request, name=data["name"], email=data["email"], phone=data["phone"], language=language())
        conversation = start_conversation(
            question=data["subject"],
            language=language(),
            contact=contact,
            visitor_key="" if form.member else visitor_key(request),  # a member's chat is the account's: signed out, it is closed
            visitor_name=data["name"],
            family=form.picked_family,
            model=form.picked_model,
            unit=diagnosis_run.own_unit_of(request, run) or own_unit(request.user, page=page, model=form.picked_model),
            product_text="" if form.picked_model else data["model"],
            page_url=page,
            help_session=None if request.POST.get("alone") else diagnosis_run.session_of(request, run),
            submit_key=form.key,
            by=request.user if request.user.is_authenticated else None,
        )
        diagnosis_run.into_chat(request, None if request.POST.get("alone") else run, conversation)
    return go(request, "chat:conversation", conversation.key)


def _leave(request: HttpRequest, form: ChatForm, run: DiagnosisRun | None) -> HttpResponse:
    ticket = open_request(request, form, [], channel=Ticket.Channel.CHAT, run=run)
    doors.grant(request, ticket)
    if in_panel(request):
        return render(request, "chat/left.html", {"ticket": ticket, "shell": shell(request)})
    return redirect("portal:help_detail", reference=ticket.reference)


def _form(
    request: HttpRequest,
    form: ChatForm,
    now: Duty,
    *,
    leaving: bool,
    page: str,
    hits: Any = (),
    asked: bool = False,
    going_on: bool = False,
    status: int = 200,
) -> HttpResponse:
    slug = form["product"].value() or ""
    picked = queries.models_by_slug([slug[:60]]) if slug else []
    context = {
        "form": form,
        "duty": now,
        "leaving": leaving,
        "page": page,
        "picked": picked[0] if picked else form.picked_model,
        "member": form.member,
        "hits": list(hits),
        "announcements": about_product(request, form, picked[0] if picked else form.picked_model),
        "asked": asked,
        "going_on": going_on,
        "has_trail": bool(ledger.trail(request)),
        "shell": shell(request),
        "panel": in_panel(request),
        **diagnosis_run.carried(run_named(request)),
    }
    return render(request, "chat/start.html", context, status=status)


@require_safe
@unlisted
def conversation(request: HttpRequest, key: str) -> HttpResponse:
    """Show a conversation to its visitor."""
    try:
        found = own_conversation(request, key)
    except NotFound:
        return closed_door(request)
    return show(request, found)


def show(request: HttpRequest, found: Conversation, *, status: int = 200, **extra: Any) -> HttpResponse:
    """Draw the page of a conversation; `extra` carries forms with errors."""
    context = {
        **page_context(request, found),
        "rating_form": RatingForm(),
        "transcript_form": TranscriptForm(initial={"email": found.contact.email if found.contact else ""}),
        "shell": shell(request),
        "panel": in_panel(request),
        **extra,
    }
    return render(request, "chat/conversation.html", context, status=status)


@login_required
@require_safe
@unlisted
def my_chats(request: HttpRequest) -> HttpResponse:
    """Show a member's chats, newest first."""
    page = Paginator(conversations_of(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "portal/my_chats.html", {"page_obj": page, "chats": page.object_list})


@require_safe
@unlisted
def resume(request: HttpRequest, token: str) -> HttpResponse:
    """Continue a conversation on this device; the address is clean afterwards."""
    try:
        limit(request, "chat-link", LINK_RATE)
        found = let_in_by_link(request, token[:120])
    except DomainError:
        return closed_door(request)
    return redirect("chat:conversation", key=found.key)
