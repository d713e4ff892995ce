"""The socket of one conversation, for its visitor and for staff. Rows are written first; what is pushed carries its number.

Down the socket go messages in order and without gaps: a number that does not follow the last one sent makes the consumer fetch what
lies between. Frames and codes: docs/chat.md.
"""

import json
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import parse_qs

from channels.consumer import get_handler_name
from channels.db import DatabaseSyncToAsync
from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils import translation

from accounts.realtime import CHECK_EVERY, access_group
from chat import actions
from chat.entry import Entry, enter, note_visitor_seen, why_out
from chat.frames import FORBIDDEN, MAX_FRAME, NOT_FOUND, SIGNED_OUT, TOO_FAST, ack_frame, error_frame
from chat.models import Conversation
from chat.queries.doors import full_conversations
from chat.queries.messages import PAGE, frames_after
from chat.queries.state import state_frame
from chat.realtime import QUEUE_GROUP, conversation_group, staff_group
from chat.throttle import Bucket
from chat.words import REFUSALS
from core.channel_layer import LISTENING
from core.errors import DomainError, NotAllowed, NotFound

logger = logging.getLogger(__name__)
Result = TypeVar("Result")
# Writes of many sockets wait side by side for the database, not behind each other.
_threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="chat")
TYPING_EVERY = 1.0  # seconds
OUT_CODES = {"signed_out": SIGNED_OUT, "not_allowed": FORBIDDEN}


async def in_thread(work: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:
    """Run database work in a thread of the sockets' own."""
    result: Result = await DatabaseSyncToAsync(work, thread_sensitive=False, executor=_threads)(*args, **kwargs)
    return result


class ChatConsumer(AsyncWebsocketConsumer):
    """One open page of one conversation."""

    entry: Entry | None = None
    sent_upto = 0
    typing_at = 0.0
    shown: tuple[Any, ...] = ()
    agent_id: int | None = None
    asked_at = 0.0

    async def connect(self) -> None:
        """Let the visitor and staff in and send what they have not got; everybody else is closed with words."""
        await self.accept()
        query = parse_qs(self.scope.get("query_string", b"").decode("latin-1"))
        self.language = query.get("lang", [""])[0] or "zh-hans"
        self.bucket = Bucket()
        self.joined: set[str] = set()
        try:
            entry = await in_thread(
                enter,
                key=self.scope["url_route"]["kwargs"]["key"],
                user=self.scope.get("user"),
                cookies=self.scope.get("cookies", {}),
                session=self.scope.get("session"),
                secret=query.get("token", [""])[0],
                as_visitor=query.get("as", [""])[0] == "visitor",
            )
        except NotFound:
            await self.refuse("not_found", code=NOT_FOUND)
            return
        self.entry, self.asked_at = entry, time.monotonic()
        await self.join(conversation_group(entry.conversation_id))
        if entry.user is not None:
            await self.join(access_group(entry.user.pk))
        if entry.is_staff:
            await self.join(staff_group(entry.conversation_id))
        LISTENING.add(self.channel_name)
        self.sent_upto = _number(query.get("after", ["0"])[0])
        await self.send_state()
        await self.catch_up()
        await self.tell_presence(here=True)

    async def disconnect(self, code: int) -> None:
        """Leave the groups."""
        LISTENING.discard(self.channel_name)
        for group in list(self.joined):
            await self.part(group)
        await self.tell_presence(here=False)

    async def join(self, group: str) -> None:
        """Join a group once."""
        if group not in self.joined:
            self.joined.add(group)
            await self.channel_layer.group_add(group, self.channel_name)

    async def part(self, group: str) -> None:
        """Leave a group that was joined."""
        if group in self.joined:
            self.joined.discard(group)
            try:
                await self.channel_layer.group_discard(group, self.channel_name)
            except Exception as error:
                logger.info("the layer is away, %s is left with its connection: %s", group, error)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Hand an event to its handler; without the thread that channels asks first to close old connections: `in_thread` does it."""
        handler = getattr(self, get_handler_name(message), None)
        if handler is None:
            raise ValueError(f"no handler for {message['type']}")
        await handler(message)

    # --- up ---------------------------------------------------------------------------------------------------------
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Take one frame: not too many, well-formed, of a known kind, by somebody who is still allowed to."""
        if self.entry is None:
            return
        frame = _parsed(text_data)
        client_id = frame.get("client_id") if isinstance(frame, dict) else None
        if not self.bucket.take(time.monotonic()):
            await self.send_error("too_fast", client_id=client_id, retry_after=self.bucket.wait())
            if self.bucket.is_flood:
                await self.close(code=TOO_FAST, reason="too many frames")
            return
        if not isinstance(frame, dict):
            await self.send_error("bad_frame")
            return
        handler = self.handlers.get(str(frame.get("type")))
        if handler is None:
            await self.send_error("unknown_type", client_id=client_id)
            return
        try:
            await handler(self, frame)
        except DomainError as error:
            await self.send_frame(error_frame(error.code, _in(self.language, error.message), client_id=client_id))
            if isinstance(error, NotAllowed):
                await self.may_stay(again=True)
        except Exception:
            # Whatever fell, the sender must know that nothing was kept, so that it is sent again.
            logger.exception("a frame of conversation %s failed", self.entry.conversation_id)
            await self.send_error("server", client_id=client_id)

    async def on_message(self, frame: dict[str, Any]) -> None:
        """Keep a message and acknowledge it with its number."""
        entry = self.entry
        assert entry is not None
        sent = await in_thread(
            actions.send_message,
            Conversation(pk=entry.conversation_id),
            sender="agent" if entry.is_staff else "visitor",
            by=entry.user,
            client_id=frame.get("client_id"),
            kind=str(frame.get("kind", "text")),
            text=frame.get("text", ""),
            article=frame.get("article") if isinstance(frame.get("article"), dict) else None,
            attachment=str(frame.get("attachment", "")),
            visitor_key=entry.visitor_key,
        )
        await self.send_frame(ack_frame(sent.message))

    async def on_sync(self, frame: dict[str, Any]) -> None:
        """Send everything after a number: after a gap, and as a sign of life every now and then."""
        if await self.may_stay():
            self.sent_upto = _number(frame.get("after"))
            await self.catch_up(always=True)

    async def on_typing(self, frame: dict[str, Any]) -> None:
        """Pass on that somebody types; may be lost."""
        entry, now = self.entry, time.monotonic()
        assert entry is not None
        if now - self.typing_at < TYPING_EVERY or (entry.is_staff and entry.user.pk != self.agent_id):
            return
        self.typing_at = now
        typing = {"type": "typing", "party": "agent" if entry.is_staff else "visitor", "name": str(entry.user) if entry.is_staff else ""}
        group = conversation_group(entry.conversation_id)
        await self.push(group, {"type": "chat.frame", "frame": typing, "but": self.channel_name})

    async def on_receipt(self, frame: dict[str, Any]) -> None:
        """Note how far this side has received or read; those who only listen leave no trace."""
        entry = self.entry
        assert entry is not None
        if entry.is_staff and entry.user.pk != self.agent_id:
            return
        party = "agent" if entry.is_staff else "visitor"
        await in_thread(
            actions.note_receipt,
            Conversation(pk=entry.conversation_id),
            party=party,
            kind=str(frame.get("kind")),
            upto=frame.get("upto"),
        )

    handlers = {"message.send": on_message, "sync": on_sync, "typing": on_typing, "receipt": on_receipt}

    # --- down -------------------------------------------------------------------------------------------------------
    async def may_stay(self, *, again: bool = False) -> bool:
        """Return whether one may still be here; whoever may not is told why and closed.

        The database is asked when a right is known to have changed (`again`), and otherwise once in CHECK_EVERY seconds before
        something is said: a right that was taken without a word is found out, too.
        """
        entry, now = self.entry, time.monotonic()
        if entry is None:
            return False
        if not again and (now - self.asked_at < CHECK_EVERY or (entry.user is None and not entry.session_key)):
            return True
        self.asked_at = now
        why = await in_thread(why_out, entry)
        if why and self.entry is not None:
            await self.refuse(why, code=OUT_CODES[why])
        return not why

    async def access_changed(self, event: dict[str, Any]) -> None:
        """A session has ended, an account was shut, a right was taken: look whether it was this one."""
        await self.may_stay(again=True)

    async def chat_message(self, event: dict[str, Any]) -> None:
        """Pass a message on in its order; what was missed before it comes first."""
        frame = event["frame"]
        if not await self.may_stay():
            return
        if frame["seq"] == self.sent_upto + 1:
            self.sent_upto = frame["seq"]
            await self.send_frame(frame)
        elif frame["seq"] > self.sent_upto:
            await self.catch_up()

    async def chat_frame(self, event: dict[str, Any]) -> None:
        """Pass a frame on as it is."""
        if event.get("but") != self.channel_name and await self.may_stay():
            await self.send_frame(event["frame"])

    async def chat_state(self, event: dict[str, Any]) -> None:
        """The state may have changed: look, and look whether one may still be here."""
        if await self.may_stay(again=True):
            await self.send_state()

    async def layer_reconnected(self, event: dict[str, Any]) -> None:
        """Pushes were lost while Redis was away: fetch what they said."""
        await self.catch_up(always=True)

    async def catch_up(self, *, always: bool = False) -> None:
        """Send what lies after the last number that was sent, in order; with `always` also the state, when it changed."""
        if self.entry is None:
            return
        while frames := await in_thread(_fresh_frames, self.entry, self.sent_upto):
            for frame in frames:
                self.sent_upto = frame["seq"]
                await self.send_frame(frame)
            if len(frames) < PAGE:
                break
        if always:
            await self.send_state(only_changed=True)
            await self.send_frame({"type": "synced", "last_seq": self.sent_upto})

    async def send_state(self, *, only_changed: bool = False) -> None:
        """Send the `state` frame; follow the queue while waiting."""
        if self.entry is None:
            return
        frame, self.agent_id = await in_thread(_state, self.entry)
        shown = (frame["status"], frame["agent"], frame["place"], frame["minutes"], frame["ended"], frame["rating"], frame["ticket"])
        if not only_changed or shown != self.shown:
            self.shown = shown
            await self.send_frame(frame)
        waiting = frame["status"] == Conversation.Status.WAITING and not self.entry.is_staff
        await (self.join if waiting else self.part)(QUEUE_GROUP)

    async def tell_presence(self, *, here: bool) -> None:
        """Tell the staff at this conversation that the visitor's page opened or closed; may be lost."""
        if self.entry is None or self.entry.is_staff:
            return
        frame = {"type": "presence", "party": "visitor", "here": here}
        await self.push(staff_group(self.entry.conversation_id), {"type": "chat.frame", "frame": frame})

    async def push(self, group: str, event: dict[str, Any]) -> None:
        """Send what may be lost: while the layer is away it is."""
        try:
            await self.channel_layer.group_send(group, event)
        except Exception as error:
            logger.info("a push to %s is lost: %s", group, error)

    async def send_frame(self, frame: dict[str, Any]) -> None:
        """Send one frame as JSON."""
        try:
            await self.send(text_data=json.dumps(frame, ensure_ascii=False, separators=(",", ":")))
        except OSError:
            logger.debug("the other end is gone already; what it missed it asks for when it comes back")

    async def send_error(self, code: str, *, client_id: Any = None, **extra: Any) -> None:
        """Send a refusal with its sentence."""
        await self.send_frame(error_frame(code, _in(self.language, REFUSALS[code]), client_id=client_id, **extra))

    async def refuse(self, why: str, *, code: int) -> None:
        """Say why and close."""
        self.entry = None
        await self.send_error(why)
        await self.close(code=code, reason=why)


def _number(value: Any) -> int:
    try:
        return max(0, min(int(value), 2**31 - 1))
    except (TypeError, ValueError):
        return 0


def _parsed(text: str | None) -> Any:
    if not text or len(text) > MAX_FRAME:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _in(language: str, text: Any) -> str:
    with translation.override("en" if language.startswith("en") else "zh-hans"):
        return str(text)


def _fresh_frames(entry: Entry, after: int) -> list[dict[str, Any]]:
    if not entry.is_staff:
        note_visitor_seen(entry.conversation_id)
    return frames_after(Conversation(pk=entry.conversation_id), after)


def _state(entry: Entry) -> tuple[dict[str, Any], int | None]:
    conversation = full_conversations().get(pk=entry.conversation_id)
    return state_frame(conversation), conversation.agent_id
