"""What the console's pages are drawn from: the list on the left, one chat with its card, the forms as typed."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from chat.actions.presence import profile_of
from chat.console import forms
from chat.models import Conversation
from chat.permissions import answers_chats, supervises_chat, writes_in
from chat.queries import console
from chat.queries.crew import capacity_of, loads, place_of
from chat.queries.settings import chat_settings
from kb.ledger_queries import brief_of, ledger_summary
from tickets.models import Queue
from tickets.queries import filled_replies as replies_filled_in
from tickets.views.base import show

REVEALED = "chat_revealed"


def list_context(request: HttpRequest, *, current: Conversation | None = None) -> dict[str, Any]:
    """Return the left side: state and load, offers with their time, own chats, the queue, what has just ended."""
    profile = profile_of(request.user)
    now = timezone.now()
    mine = console.my_chats(request.user)
    waiting = list(enumerate(console.the_queue(), 1))
    return {
        "profile": profile,
        "can_answer": answers_chats(request.user),
        "supervises": supervises_chat(request.user),
        "load": loads([profile.user_id])[profile.user_id],
        "capacity": capacity_of(profile, chat_settings()),
        "away_words": dict(forms.AWAY_REASONS).get(profile.away_reason, profile.away_reason),
        "away_reasons": forms.AWAY_REASONS,
        "offers": console.my_offers(request.user, now=now),
        "mine": mine,
        "unread": sum(chat.unread for chat in mine if current is None or chat.pk != current.pk),
        "waiting": len(waiting),
        "queue": [(place, chat) for place, chat in waiting if chat.offered_to_id != request.user.pk],
        "ended": console.just_ended(request.user, now=now),
        "current": current,
        "now": now,
    }


def card_context(request: HttpRequest, chat: Conversation) -> dict[str, Any]:
    """Return the right side: who, what machine, what was tried, earlier contacts, the router's decisions."""
    return {
        "chat": chat,
        "revealed": chat.reference in request.session.get(REVEALED, []),
        "ledger": ledger_summary(chat.help_session),
        "brief": brief_of(chat.help_session, product=chat.model.number if chat.model else ""),
        "earlier": console.earlier_of(chat),
        "decisions": console.decisions_of(chat),
    }


def filled_replies(request: HttpRequest, chat: Conversation) -> list[dict[str, Any]]:
    """Return the canned replies in the visitor's language with their placeholders filled in."""
    customer = chat.visitor_name or (chat.contact.name if chat.contact else "")
    return replies_filled_in(request.user, chat, customer=customer)


def chat_context(request: HttpRequest, chat: Conversation, **extra: Any) -> dict[str, Any]:
    """Return everything the page of one chat shows; `extra` carries forms with errors."""
    canned = filled_replies(request, chat)
    wanted = request.GET.get("canned", "")
    chosen = next(({"body": reply["body"], "canned": reply["pk"]} for reply in canned if str(reply["pk"]) == wanted), {})
    may_write = writes_in(request.user, chat)
    return {
        **list_context(request, current=chat),
        **card_context(request, chat),
        "days": console.stream_of(chat),
        "viewers": console.viewers_of(chat, but=request.user),
        "place": place_of(chat),
        "offer_here": console.open_offer_of(chat),
        "may_write": may_write,
        "may_move": chat.status == Conversation.Status.ACTIVE and (may_write or supervises_chat(request.user)),
        "canned": canned,
        "client_key": str(uuid.uuid4()),
        "reply_form": forms.ChatReplyForm(initial=chosen),
        "note_form": forms.ChatNoteForm(),
        "transfer_form": forms.TransferForm(colleagues=console.colleagues_for(chat), teams=Queue.objects.all()),
        "end_form": forms.EndForm(),
        "ticket_form": forms.ChatTicketForm(initial={"subject": chat.question[:160]}),
        **extra,
    }


def show_chat(request: HttpRequest, chat: Conversation, *, status: int = 200, **extra: Any) -> HttpResponse:
    """Draw the page of one chat."""
    return show(request, "chat/console/chat.html", chat_context(request, chat, **extra), status=status)
