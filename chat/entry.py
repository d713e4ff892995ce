"""Who stands at a conversation's socket and what they may do there; asked again whenever it matters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core import signing
from django.utils import timezone

from accounts.queries import is_session_open
from chat.models import Conversation
from chat.permissions import still_active, works_chat
from chat.queries.doors import get_conversation_for, get_conversation_of_visitor
from core.visitors import COOKIE

GRANTS = "chat_grants"  # session: conversation key → mark (chat.queries.doors.grant_mark)
SEEN_EVERY = timedelta(seconds=15)


@dataclass(frozen=True)
class Entry:
    """A socket's place: `party` is visitor or staff; `user` the signed-in person, if any; `session_key` of the session it rests on."""

    conversation_id: int
    party: str
    user: Any = None
    visitor_key: str = ""
    session_key: str = ""

    @property
    def is_staff(self) -> bool:
        """Whether the socket belongs to a colleague: the agent, a supervisor who listens, somebody who looks."""
        return self.party == "staff"


def visitor_key_of(cookies: Mapping[str, str]) -> str:
    """Return the browser's key of its signed cookie; a forged one counts as none."""
    try:
        return signing.Signer(salt="hearth.visitor").unsign(cookies.get(COOKIE, ""))
    except signing.BadSignature:
        return ""


def enter(*, key: str, user: Any, cookies: Mapping[str, str], session: Any, secret: str = "", as_visitor: bool = False) -> Entry:
    """Return the place of a caller at a conversation.

    Args:
        key: of the conversation.
        user: the signed-in person or anonymous.
        cookies, session: of the browser.
        secret: of a resume link, for a client without cookies.
        as_visitor: staff who chat as a customer in their own browser say so.
    Raises:
        NotFound, the same for a missing conversation and a foreign one.
    """
    known = user if getattr(user, "is_authenticated", False) and user.is_active else None
    if known is not None and not as_visitor and works_chat(known):
        return Entry(get_conversation_for(known, key).pk, "staff", known, session_key=_key_of(session))
    browser = visitor_key_of(cookies)
    mark = (session.get(GRANTS) or {}).get(key, "") if session is not None else ""
    found = get_conversation_of_visitor(key, user=known, visitor_key=browser, mark=mark, secret=secret)
    rests = known is not None or bool(mark)
    return Entry(found.pk, "visitor", known, browser, _key_of(session) if rests else "")


def _key_of(session: Any) -> str:
    return getattr(session, "session_key", None) or ""


def why_out(entry: Entry) -> str:
    """Return why the caller may not stay, as a code of `chat.words.REFUSALS`; empty while they may. Asks the database.

    `signed_out`: the session is over. `not_allowed`: the conversation is gone, the account shut, or staff are staff no more.
    """
    if entry.session_key and not is_session_open(entry.session_key):
        return "signed_out"
    if not Conversation.objects.filter(pk=entry.conversation_id).exists():
        return "not_allowed"
    if not entry.is_staff:
        return "" if still_active(entry.user.pk if entry.user else None) else "not_allowed"
    return "" if works_chat(get_user_model()._default_manager.filter(pk=entry.user.pk).first()) else "not_allowed"


def note_visitor_seen(conversation_id: int) -> None:
    """Note that the visitor's page is open, at most every 15 seconds."""
    now = timezone.now()
    Conversation.objects.filter(pk=conversation_id).exclude(visitor_seen_at__gt=now - SEEN_EVERY).update(visitor_seen_at=now)
