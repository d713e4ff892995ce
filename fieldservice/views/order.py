"""One repair for staff: what is offered now with exactly its inputs, the quote, the words, the history."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError, InvalidUpload
from core.files import attachments_of
from core.history import record
from fieldservice import actions, states
from fieldservice.forms import MessageForm, MoveForm, NoteForm, OutletForm, QuoteForm
from fieldservice.models import RepairOrder, repair_settings
from fieldservice.permissions import roles_on
from fieldservice.queries import earlier_repairs, free_slots, get_repair_for
from fieldservice.queries import repair_view as view_of
from fieldservice.views.base import repair_view
from kb.ledger_queries import brief_of, ledger_summary
from tickets.views.base import new_key, show, take_files
from tickets.views.uploads import as_rows

REVEALED = "desk_revealed"
ICONS = {
    "cancel": "close",
    "call_off": "close",
    "schedule": "calendar",
    "move_visit": "calendar",
    "start_travel": "truck",
    "wait_for_part": "box",
    "finish": "check",
}


def show_repair(request: HttpRequest, order: RepairOrder, *, status: int = 200, **extra: Any) -> HttpResponse:
    """Draw the page; `extra` carries forms with errors, by name."""
    roles = roles_on(request.user, order) - {states.CUSTOMER}
    view = view_of(order, roles=roles, public=False)
    slots = free_slots(staff=True) if any("slot" in move.requires for move in view.moves) else []
    bound: dict[str, Any] = extra.pop("move_forms", {})
    moves = [
        {"move": move, "form": bound.get(move.key) or MoveForm(move=move, order=order, slots=slots), "icon": ICONS.get(move.key, "right")}
        for move in view.moves
        if move.key != "quote"
    ]
    context = {
        "order": order,
        "view": view,
        "moves": moves,
        "may_quote": "quote" in view.may,
        "quotes": list(order.quotes.prefetch_related("lines")),
        "notes": list(order.notes.select_related("author")),
        "ticket_files": list(attachments_of(order.ticket)) if order.ticket else [],
        "earlier": earlier_repairs(order),
        "ledger": ledger_summary(order.help_session),
        "brief": brief_of(
            order.help_session, product=order.model.number if order.model else "", code=order.code.code if order.code else ""
        ),
        "revealed": order.reference in request.session.get(REVEALED, []),
        "quote_form": QuoteForm(order=order, old=view.quote, days=repair_settings().quote_days),
        "message_form": MessageForm(),
        "note_form": NoteForm(),
        "outlet_form": OutletForm(initial={"outlet": order.outlet.key if order.outlet else None}),
        "client_key": new_key(),
        **extra,
    }
    return show(request, "fieldservice/detail.html", context, status=status)


@require_safe
@repair_view
def detail(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a repair."""
    return show_repair(request, get_repair_for(request.user, reference))


def _step(
    request: HttpRequest, reference: str, form: Any, work: Callable[[RepairOrder, dict[str, Any]], Any], done: str, **extra: Any
) -> HttpResponse:
    """Run one step: an invalid form or a refusal draws the page as it is now, with the form as typed."""
    order = get_repair_for(request.user, reference)
    status = 400
    if form.is_valid():
        try:
            work(order, form.cleaned_data)
        except DomainError as error:
            field = getattr(error, "field", "")
            form.add_error(field if field in form.fields else None, str(error.message))
            status = error.status
        else:
            messages.success(request, done)
            return redirect("repairs:detail", reference=order.reference)
    fresh = get_repair_for(request.user, reference)
    key = extra.get("open_form", "")
    if status != 400 and key in states.MOVES and not states.may(key, fresh.state, states.STAFF):
        # The form is not on the page any more: what was typed into it is, so that it can be taken over.
        extra["typed_words"] = [text for text in form.cleaned_data.values() if isinstance(text, str) and text.strip()]
    return show_repair(request, fresh, status=status, form=form, **extra)


@require_POST
@repair_view
def move(request: HttpRequest, reference: str, key: str) -> HttpResponse:
    """Make one move of the table."""
    wanted = states.MOVES.get(key)
    if wanted is None or key == "quote":
        raise Http404
    order = get_repair_for(request.user, reference)
    form = MoveForm(request.POST, move=wanted, order=order)

    def work(order: RepairOrder, data: dict[str, Any]) -> None:
        _make(order, key, by=request.user, version=data["version"], facts=form.facts)

    done = _("%(reference)s: %(step)s.") % {"reference": order.reference, "step": wanted.label}
    return _step(request, reference, form, work, done, move_forms={key: form}, open_form=key)


def _make(order: RepairOrder, key: str, *, by: Any, version: int | None, facts: dict[str, Any]) -> None:
    if key == "withdraw_quote":
        actions.withdraw_quote(order, by=by, reason=facts.get("reason", ""), version=version)
    elif key in {"approve", "decline"}:
        quote = order.quotes.first()
        verb = actions.approve_quote if key == "approve" else actions.decline_quote
        verb(order, number=quote.number if quote else 0, by=by, comment=facts.get("comment", ""))
    else:
        actions.move_repair(order, move=key, by=by, version=version, **facts)


@require_POST
@repair_view
def quote(request: HttpRequest, reference: str) -> HttpResponse:
    """Send a quote."""
    form = QuoteForm(request.POST, order=get_repair_for(request.user, reference))

    def work(order: RepairOrder, data: dict[str, Any]) -> None:
        actions.quote_repair(
            order, by=request.user, lines=form.lines(), explanation=data["explanation"], days=data["days"], version=data["version"]
        )

    return _step(request, reference, form, work, _("Quote sent to the customer."), quote_form=form, open_form="quote")


@require_POST
@repair_view
def message(request: HttpRequest, reference: str) -> HttpResponse:
    """Write to the customer."""
    form = MessageForm(request.POST)
    kept, refused = take_files(request)

    def work(order: RepairOrder, data: dict[str, Any]) -> None:
        if refused:
            raise InvalidUpload(refused[0])
        files = [row.reference for row in kept]
        actions.answer_message(order, by=request.user, body=data["body"], attachments=files, client_key=data["client_key"])

    return _step(request, reference, form, work, _("Sent to the customer."), message_form=form, uploaded=as_rows(kept), refused=refused)


@require_POST
@repair_view
def note(request: HttpRequest, reference: str) -> HttpResponse:
    """Leave a note for colleagues."""
    form = NoteForm(request.POST)

    def work(order: RepairOrder, data: dict[str, Any]) -> None:
        actions.add_note(order, by=request.user, body=data["note"])

    return _step(request, reference, form, work, _("Note saved."), note_form=form)


@require_POST
@repair_view
def outlet(request: HttpRequest, reference: str) -> HttpResponse:
    """Say which outlet takes it."""
    form = OutletForm(request.POST)

    def work(order: RepairOrder, data: dict[str, Any]) -> None:
        actions.assign_outlet(order, by=request.user, outlet=data["outlet"])

    return _step(request, reference, form, work, _("Outlet set."), outlet_form=form, open_form="outlet")


@require_POST
@repair_view
def looked_at(request: HttpRequest, reference: str) -> HttpResponse:
    """Say that what needed a look was looked at."""
    actions.mark_looked_at(get_repair_for(request.user, reference), by=request.user)
    return redirect("repairs:detail", reference=reference)


@require_POST
@repair_view
def reveal(request: HttpRequest, reference: str) -> HttpResponse:
    """Show phone, address and mail in full for this session; the look is recorded."""
    order = get_repair_for(request.user, reference)
    shown = request.session.get(REVEALED, [])
    if order.reference not in shown:
        record(order, "revealed", by=request.user)
        request.session[REVEALED] = [*shown[-50:], order.reference]
    return redirect("repairs:detail", reference=order.reference)
