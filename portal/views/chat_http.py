"""A chat without a socket: what comes after a number, a message, a file. The same numbers, the same acknowledgement."""

import json
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chat import actions
from chat.entry import GRANTS, Entry, enter, note_visitor_seen
from chat.frames import MAX_FRAME, ack_frame, message_frame
from chat.models import ChatMessage, Conversation
from chat.queries.doors import full_conversations
from chat.queries.messages import frames_after
from chat.queries.state import state_frame
from core.errors import DomainError, InvalidInput, InvalidUpload
from core.files import accept_upload
from core.guard import limit
from core.visitors import known_visitor_key
from portal.views.chat import closed_door, go, show
from portal.views.parts import unlisted

SEND_RATE = "240/m"
FILE_RATE = "60/h"


def caller(request: HttpRequest, key: str, *, as_visitor: bool = False) -> Entry:
    """Return who calls: staff of live chat unless they say `as=visitor`, else the conversation's visitor. Raises NotFound.

    `as_visitor`: what is asked here belongs to the visitor alone, whoever else may read along.
    """
    return enter(
        key=key,
        user=request.user,
        cookies=request.COOKIES,
        session={GRANTS: request.session.get(GRANTS, {})},
        as_visitor=as_visitor or request.GET.get("as") == "visitor",
    )


def wants_json(request: HttpRequest) -> bool:
    """Return whether a script asks; a form without one gets a page."""
    return request.content_type == "application/json" or "application/json" in request.headers.get("Accept", "")


def refusal(error: DomainError, client_id: Any = None) -> JsonResponse:
    """Return a refusal as the socket would put it."""
    body = {"type": "error", "code": error.code, "text": str(error.message), "client_id": str(client_id) if client_id else None}
    return JsonResponse(body, status=error.status)


@require_http_methods(["GET", "HEAD", "POST"])
@unlisted
def messages(request: HttpRequest, key: str) -> HttpResponse:
    """GET: what comes after a number, with the state. POST: keep one message and acknowledge it; from a form, show the page again."""
    if request.method == "POST" and not wants_json(request):
        return _from_form(request, key)
    client_id = None
    try:
        entry = caller(request, key)
        if request.method != "POST":
            return _after(request, entry)
        limit(request, "chat-send", SEND_RATE, by="visitor")
        frame = _body(request)
        client_id = frame.get("client_id")
        sent = actions.send_message(
            Conversation(pk=entry.conversation_id),
            sender="agent" if entry.is_staff else "visitor",
            by=entry.user,
            client_id=client_id,
            kind=str(frame.get("kind", "text")),
            text=frame.get("text", ""),
            article=frame.get("article") if isinstance(frame.get("article"), dict) else None,
            attachment=str(frame.get("attachment", "")),
            visitor_key=entry.visitor_key,
        )
    except DomainError as error:
        return refusal(error, client_id)
    return JsonResponse(ack_frame(sent.message), status=201 if sent.created else 200)


def _after(request: HttpRequest, entry: Entry) -> JsonResponse:
    after = request.GET.get("after", "0")
    conversation = full_conversations().get(pk=entry.conversation_id)
    if not entry.is_staff:
        note_visitor_seen(conversation.pk)
    number = min(int(after), 2**31 - 1) if after.isascii() and after.isdigit() else 0
    return JsonResponse({"messages": frames_after(conversation, number), "state": state_frame(conversation)})


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        found = json.loads(request.body) if len(request.body) <= MAX_FRAME else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise InvalidInput(code="bad_frame")
    return found


def _from_form(request: HttpRequest, key: str) -> HttpResponse:
    """Keep what the form without a script sends: a text, a file, or both."""
    try:
        entry = caller(request, key, as_visitor=True)
    except DomainError:
        return closed_door(request)
    conversation, text = full_conversations().get(pk=entry.conversation_id), request.POST.get("text", "")
    try:
        limit(request, "chat-send", SEND_RATE, by="visitor")
        if sent := request.FILES.get("file"):
            _keep_file(request, entry, sent, client_id=uuid.uuid4())
        if text.strip() or not sent:
            client_id = request.POST.get("client_id") or uuid.uuid4()
            actions.send_message(conversation, sender="visitor", by=entry.user, client_id=client_id, text=text)
    except DomainError as error:
        return show(request, conversation, status=error.status, problem=str(error.message), typed=text)
    return go(request, "chat:conversation", key, fragment="#chat-end")


@require_POST
@unlisted
def files(request: HttpRequest, key: str) -> JsonResponse:
    """Take one file and say it in the conversation; the same `client_id` again is one message."""
    client_id = request.POST.get("client_id")
    try:
        entry = caller(request, key)
        limit(request, "chat-file", FILE_RATE, by="visitor")
        sent = request.FILES.get("file")
        if sent is None:
            raise InvalidUpload(_("No file arrived. Choose it again."), code="missing")
        message = _keep_file(request, entry, sent, client_id=client_id)
    except DomainError as error:
        return refusal(error, client_id)
    return JsonResponse({**ack_frame(message), "message": message_frame(message)}, status=201)


def _keep_file(request: HttpRequest, entry: Entry, sent: Any, *, client_id: Any) -> ChatMessage:
    """Check the file and bind it to a message; a repeated one is not stored again."""
    conversation = Conversation(pk=entry.conversation_id)
    sender = "agent" if entry.is_staff else "visitor"
    number = actions.as_client_id(client_id)
    if ChatMessage.objects.filter(conversation=conversation, client_id=number, sender=sender).exists():
        return actions.send_message(conversation, sender=sender, by=entry.user, client_id=number, kind="file").message
    visitor = entry.visitor_key or known_visitor_key(request) or f"chat:{conversation.pk}"
    draft = accept_upload(sent, by=entry.user, visitor_key=visitor)
    return actions.send_message(
        conversation,
        sender=sender,
        by=entry.user,
        client_id=number,
        kind="file",
        text=request.POST.get("caption", ""),
        attachment=draft.reference,
        visitor_key=visitor,
    ).message
