"""Get help: one form; answers under the question first; then a request with a number. Search and ledger never stand in the way."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import files
from core.brand import brand_of
from core.errors import DomainError
from core.guard import limit
from core.models import Attachment
from core.text import plain_text
from core.visitors import known_visitor_key, visitor_key
from diagnosis.models import DiagnosisRun
from fieldservice.coverage import unit_for
from kb.models import HelpSession
from portal import diagnosis_run, doors, hours, ledger, people, queries
from portal.chat_duty import duty_at_a_glance
from portal.forms import SUBJECT_LENGTH, HelpForm
from portal.suggestions import offer
from portal.views.parts import language, typed, unlisted
from tickets.actions import open_ticket
from tickets.models import Ticket

SEND_RATE = "20/h"
PANEL_RATE = "240/10m"
PANELS = frozenset(HelpSession.Channel.values) - {HelpSession.Channel.WEB}


@require_http_methods(["GET", "HEAD", "POST"])
@unlisted
def get_help(request: HttpRequest) -> HttpResponse:
    """Show the form; on POST offer answers once, then open the request and show its number."""
    member = people.contact_of(request.user)
    run = run_named(request)
    if request.method != "POST":
        return _page(request, HelpForm(initial=initial_of(request), request=request, member=member), run=run)
    form = HelpForm(request.POST, request=request, member=member)
    uploaded, refused = take_files(request)
    if not form.is_valid() or refused:
        return _page(request, form, uploaded=uploaded, refused=refused, run=run, status=422)
    # A diagnosis has shown its answers already.
    if not request.POST.get("still") and run is None and (hits := offered_for(request, form, channel=HelpSession.Channel.HELP)):
        return _page(request, form, uploaded=uploaded, hits=hits, asked=True)
    try:
        limit(request, "help", SEND_RATE)
        ticket = open_request(request, form, uploaded, run=run)
    except DomainError as error:
        field = getattr(error, "field", "")
        form.add_error(field if field in form.fields else None, str(error.message))
        return _page(request, form, uploaded=uploaded, run=run, status=error.status)
    doors.grant(request, ticket)
    return redirect("portal:help_detail", reference=ticket.reference)


def run_named(request: HttpRequest) -> DiagnosisRun | None:
    """Return the run of a diagnosis that a form or its address names, or None."""
    source = request.POST if request.method == "POST" else request.GET
    return diagnosis_run.run_of(source.get("run", "")[:40].replace("\x00", ""))


def initial_of(request: HttpRequest, known: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what the address already knows: product, family, code, subject, a run; `known` is what the page before was about."""
    run = run_named(request)
    if run is not None:
        known = {**(known or {}), **{name: value for name, value in diagnosis_run.initial_of_run(run).items() if value}}
    given = {name: typed(request, name, 200) or (known or {}).get(name, "") for name in ("product", "family", "code", "subject", "q")}
    product = queries.models_by_slug([given["product"][:60]]) if given["product"] else []
    family = product[0].family.slug if product else given["family"][:60]
    subject = given["subject"] or given["q"]
    code = queries.find_code(family, given["code"]) if family and given["code"] else None
    if code is not None and not subject:
        subject = _("%(code)s: %(title)s") % {"code": code.code, "title": code.title}
    found = {"product": product[0].slug if product else "", "family": family, "subject": subject[:SUBJECT_LENGTH]}
    return {**found, "description": run.note} if run is not None else found


def take_files(request: HttpRequest) -> tuple[list[Attachment], list[str]]:
    """Return the files that are with the form (sent before or now) and the refusals of those that were not taken."""
    visitor = visitor_key(request) if request.FILES else known_visitor_key(request)
    kept = files.own_drafts(request.POST.getlist("attachments")[: files.MAX_FILES * 2], by=request.user, visitor_key=visitor)
    refused: list[str] = []
    for sent in request.FILES.getlist("files"):
        if len(kept) >= files.MAX_FILES:
            refused.append(str(files.TOO_MANY % {"count": files.MAX_FILES}))
            break
        try:
            limit(request, "upload", "40/h")
            kept.append(files.accept_upload(sent, by=request.user, visitor_key=visitor))
        except DomainError as error:
            name = files.safe_name(sent.name or "", (sent.name or "").rpartition(".")[2].lower()[:8] or "file")
            refused.append(_("%(name)s: %(problem)s") % {"name": name, "problem": error.message})
    return kept[: files.MAX_FILES], refused


def offered_for(request: HttpRequest, form: Any, *, channel: str) -> list[Any]:
    """Return the answers to offer for a filled-in form, at most three; none is the rule rather than a bad one."""
    about = (form.picked_family, form.picked_model)
    return offer(request, form.cleaned_data["subject"], channel=channel, product=form.picked_product, about=about)


@transaction.atomic
def open_request(
    request: HttpRequest,
    form: HelpForm,
    uploaded: Iterable[Attachment],
    *,
    channel: str = Ticket.Channel.WEB,
    run: DiagnosisRun | None = None,
) -> Ticket:
    """Open the request with its contact, consent and the answers of a diagnosis: all of it, or nothing."""
    data = form.cleaned_data
    contact = people.contact_for(request, name=data["name"], email=data["email"], phone=data["phone"], language=language())
    session = diagnosis_run.session_of(request, run)
    ticket = open_ticket(
        contact=contact,
        subject=data["subject"],
        description=data.get("description") or data["subject"],
        channel=channel,
        language=language(),
        family=form.picked_family,
        model=form.picked_model,
        product_text="" if form.picked_model else data["model"],
        unit=diagnosis_run.own_unit_of(request, run),
        help_session=None if request.POST.get("alone") else session,
        attachments=[item.reference for item in uploaded],
        visitor_key=known_visitor_key(request),
        submit_key=form.key,
        by=request.user if request.user.is_authenticated else None,
    )
    diagnosis_run.pass_on(request, run, ticket)
    ledger.escalated(session, reference=ticket.reference, contact=contact)
    return ticket


def _page(
    request: HttpRequest,
    form: HelpForm,
    *,
    uploaded: Iterable[Attachment] = (),
    refused: Iterable[str] = (),
    hits: Iterable[Any] = (),
    asked: bool = False,
    run: DiagnosisRun | None = None,
    status: int = 200,
) -> HttpResponse:
    slug = form["product"].value() or ""
    picked = queries.models_by_slug([slug[:60]]) if slug else []
    context = {
        "form": form,
        "picked": picked[0] if picked else form.picked_model,
        "families": form.families,
        "uploaded": [as_row(item) for item in uploaded],
        "refused": [{"target": "files_group", "text": text} for text in refused],
        "refused_texts": list(refused),
        "has_errors": bool(form.errors or refused),
        "hits": list(hits),
        "asked": asked,
        "member": form.member,
        "trail": ledger.trail(request),
        "hours": hours.service_hours(brand_of(request)),
        "upload_url": reverse("site:upload"),
        "announcements": about_product(request, form, picked[0] if picked else form.picked_model),
    }
    context |= {"chat": duty_at_a_glance(request), **diagnosis_run.carried(run)}
    return render(request, "portal/get_help.html", context, status=status)


def about_product(request: HttpRequest, form: Any, model: Any) -> list[Any]:
    """Return the announcements about the product that a form of help names."""
    slug = str(form["family"].value() or "")
    family = form.picked_family if form.is_bound and form.is_valid() else queries.family_by_slug(slug) if slug else None
    if model is None and family is None:
        return []
    return queries.announcements_about(model=model, family=None if model else family, request=request)


def as_row(item: Attachment) -> dict[str, str]:
    """Return a file as the upload component shows it."""
    thumb = reverse("site:private_media", args=[item.reference]) if item.kind == Attachment.Kind.IMAGE else ""
    return {"reference": item.reference, "name": item.original_name, "size_text": filesizeformat(item.size), "thumb": thumb}


@require_safe
@unlisted
def help_suggestions(request: HttpRequest) -> HttpResponse:
    """Answer with at most three suggestions under the question; empty when there is nothing good, never an error."""
    question = typed(request, "subject", SUBJECT_LENGTH) or typed(request, "fault", SUBJECT_LENGTH)
    unit = unit_for(request.user, typed(request, "unit", 16)) if request.GET.get("unit") else None
    product = unit.model.slug if unit else typed(request, "product", 60) or typed(request, "family", 60)
    channel = typed(request, "channel", 12)
    found = queries.models_by_slug([product]) if product else []
    try:
        limit(request, "help-panel", PANEL_RATE)
        hits = offer(
            request,
            question,
            channel=channel if channel in PANELS else HelpSession.Channel.HELP,
            product=found[0].number if found else product,
            about=(None, found[0] if found else None),
            unit=unit,
        )
    except DomainError:
        hits = []
    about = {"about_model": found[0] if found else None, "about_unit": unit}
    return render(request, "portal/_help_answers.html", {"hits": hits, "seen": ledger.read_urls(request), **about})


@require_POST
@unlisted
def help_solved(request: HttpRequest) -> HttpResponse:
    """Note that an answer solved it, and say goodbye kindly."""
    key = plain_text(request.POST.get("solved_by", "")[:120], lines=False)
    ledger.solved(request, key=key)
    return render(request, "portal/solved.html", {"guides": queries.popular_guides(language(), limit=3)})
