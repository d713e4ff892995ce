"""The visitor's side of a chat in a browser: which conversations it may open, which page it came from, what its page shows."""

from typing import Any

from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from chat.entry import GRANTS
from chat.models import ChatMessage, Conversation
from chat.queries.doors import full_conversations, get_conversation_of_visitor, grant_mark
from chat.queries.messages import messages_after
from chat.queries.state import state_frame
from core.errors import NotFound
from core.models import Attachment
from core.visitors import known_visitor_key
from portal import queries
from portal.people import contact_of
from portal.queries import announcements_about
from products.models import ProductModel, Unit
from warranty.queries import units_of

MOST_GRANTS = 20
MOST_SHOWN = 500


def own_conversation(request: HttpRequest, key: str) -> Conversation:
    """Return the conversation this browser or member may open. Raises NotFound, the same for missing and foreign."""
    mark = request.session.get(GRANTS, {}).get(key, "")
    return get_conversation_of_visitor(key, user=request.user, visitor_key=known_visitor_key(request), mark=mark)


def let_in_by_link(request: HttpRequest, token: str) -> Conversation:
    """Let this browser in by a resume link, `key.secret`. Raises NotFound."""
    key, _dot, secret = token.partition(".")
    conversation = get_conversation_of_visitor(key, secret=secret)
    let_in(request, conversation)
    return conversation


def let_in(request: HttpRequest, conversation: Conversation) -> None:
    """Let this browser open the conversation until the session ends or the conversation's secret changes."""
    key = conversation.key
    kept = {other: mark for other, mark in request.session.get(GRANTS, {}).items() if other != key}
    request.session[GRANTS] = {**dict(list(kept.items())[-(MOST_GRANTS - 1) :]), key: grant_mark(conversation)}


def resume_link(conversation: Conversation) -> str:
    """Return the path of the link that continues a conversation on another device."""
    return reverse("chat:resume", args=[f"{conversation.key}.{conversation.secret}"])


def open_chat_of(request: HttpRequest) -> Conversation | None:
    """Return the conversation this visitor has not ended yet, the newest; None where there is none."""
    from chat.actions.starting import open_conversations

    visitor, contact = known_visitor_key(request), contact_of(request.user)
    if not visitor and contact is None:
        return None
    return open_conversations(visitor_key=visitor, contact=contact).order_by("-created_at").first()


def conversations_of(user: Any) -> Any:
    """Return a member's chats, newest first, with what a list names."""
    return full_conversations().filter(contact__user=user).order_by("-created_at")


def may_open_chat_file(request: HttpRequest, attachment: Attachment) -> bool:
    """Door of files in a chat: its visitor and the staff of live chat."""
    from chat.permissions import works_chat

    message = ChatMessage.objects.select_related("conversation").filter(pk=attachment.subject_id).first()
    if message is None:
        return False
    if works_chat(request.user):
        return True
    try:
        own_conversation(request, message.conversation.key)
    except NotFound:
        return False
    return not attachment.internal


def product_of_page(path: str) -> dict[str, str]:
    """Return {product} or {family, code} of one of our pages about a machine, so that the form need not ask again."""
    try:
        match = resolve(path)
    except Resolver404:
        return {}
    if match.view_name == "portal:model":
        model = queries.model_for(match.kwargs["family_slug"], match.kwargs["model_slug"])
        return {"product": model.slug} if model else {}
    if match.view_name in {"portal:family", "portal:code"}:
        return {"family": match.kwargs["family_slug"], **({"code": match.kwargs["code"]} if "code" in match.kwargs else {})}
    return {}


def own_unit(user: Any, *, page: str, model: ProductModel | None) -> Unit | None:
    """Return the member's machine a chat is about: the one whose page they come from, else the only one they have of the model."""
    try:
        match = resolve(page)
    except Resolver404:
        match = None
    mine = units_of(user)
    if match is not None and match.view_name == "portal:unit":
        found = mine.filter(code=match.kwargs["code"][:16]).first()
        if found is not None and (model is None or found.model_id == model.pk):
            return found
    same = list(mine.filter(model=model)[:2]) if model is not None else []
    return same[0] if len(same) == 1 else None


def own_page(path: str) -> str:
    """Return a path of this site without its query, or an empty string for anything else."""
    plain = path.partition("?")[0].partition("#")[0]
    return plain[:300] if plain.startswith("/") and not plain.startswith("//") and "\\" not in plain else ""


def page_context(request: HttpRequest, conversation: Conversation) -> dict[str, Any]:
    """Return what the page of a conversation shows: messages, state, the words its script uses."""
    state = state_frame(conversation)
    return {
        "conversation": conversation,
        "announcements": announcements_of(conversation, request),
        "rows": messages_after(conversation, max(0, conversation.last_seq - MOST_SHOWN)),
        "state": state,
        "status_words": status_words(state),
        "words": script_words(),
        "resume": resume_link(conversation),
        "needs_contact": conversation.contact_id is None and contact_of(request.user) is None,
    }


def announcements_of(conversation: Conversation, request: HttpRequest | None = None) -> list[Any]:
    """Return the announcements about the machine that a conversation is about."""
    if conversation.status == Conversation.Status.ENDED or not (conversation.model_id or conversation.family_id):
        return []
    return announcements_about(model=conversation.model, family=None if conversation.model_id else conversation.family, request=request)


def status_words(state: dict[str, Any]) -> str:
    """Return the line under the title of a conversation."""
    if state["status"] == Conversation.Status.ENDED:
        return pgettext("chat", "Ended")
    if state["agent"]:
        return pgettext("chat", "Online")
    return pgettext("chat", "In the queue")


def script_words() -> dict[str, str]:
    """Return the sentences the chat's script puts together; `{…}` is filled in the browser."""
    return {
        "signedOut": _("You are signed out. What you have written is kept; sign in again to go on."),
        "signIn": pgettext("chat", "Sign in again"),
        "you": pgettext("chat", "You"),
        "sending": pgettext("chat", "Sending"),
        "unsent": _("Not sent yet, goes out when you are connected"),
        "sent": pgettext("chat", "Sent"),
        "delivered": pgettext("chat", "Delivered"),
        "read": pgettext("chat", "Read"),
        "failed": _("Not taken: {why}"),
        "again": pgettext("chat", "Send again"),
        "drop": pgettext("chat", "Discard"),
        "newMessages": pgettext("chat", "New messages"),
        "news": pgettext("notice of the browser", "{name}: {text}"),
        "today": pgettext("chat", "Today"),
        "yesterday": pgettext("chat", "Yesterday"),
        "place": _("You are number {place} in the queue"),
        "placeNext": _("You are next"),
        "minute": _("about a minute"),
        "minutes": _("about {minutes} minutes"),
        "inQueue": pgettext("chat", "In the queue"),
        "online": pgettext("chat", "Online"),
        "ended": pgettext("chat", "Ended"),
        "noLine": pgettext("chat", "No connection"),
        "sure": pgettext("chat", "End this chat? Nothing more can be written in it then."),
        "sureUnsent": pgettext("chat", "Something is not sent yet. End this chat all the same?"),
        "typing": _("{name} is typing"),
        "somebody": _("Our colleague"),
        "lost": _("The connection is lost. Trying again, attempt {number}"),
        "polling": _("Slow connection: messages come every few seconds"),
        "back": _("Connected again"),
        "tooBig": _("This file is too big. Pictures and PDF up to 10 MB, videos up to 25 MB."),
        "uploading": _("Sending {name}, {percent}%"),
        "file": pgettext("chat", "File"),
        "title": _("Live chat"),
    }
