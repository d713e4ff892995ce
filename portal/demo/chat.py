"""Loads the demo's chats: what was said and settled in the last weeks, and who gave up waiting. None is open, nobody sits there."""

import random
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Contact, User
from chat import actions
from chat.actions.notes import add_note
from chat.actions.offers import take_chat
from chat.actions.presence import profile_of
from chat.models import AgentProfile, Conversation
from portal.demo import clock
from portal.demo.data import read
from portal.demo.ledger import Ledger
from products.models import ProductModel

PREFIX = "demo-chat-"
SEED = 20261101


def load_chats(users: dict[str, User]) -> int:
    """Play the chats once; return how many are new."""
    if Conversation.objects.filter(submit_key__startswith=PREFIX).exists():
        return 0
    _set_up_agents(users)
    rows = read("chats")
    now = timezone.now().replace(microsecond=0)
    with transaction.atomic(), clock.silence(), clock.one_schedule_each():
        stage = _Stage(users, random.Random(SEED), now)
        # The oldest first, as they happened.
        for number, row in sorted(enumerate(rows), key=lambda pair: -pair[1]["ago"]):
            stage.play(number, row)
    return len(rows)


def _set_up_agents(users: dict[str, User]) -> None:
    """Say which languages the agents speak; everything else is as for a new colleague."""
    for key, languages in (("agent", ["zh-hans"]), ("second_agent", ["zh-hans"]), ("english_agent", ["en", "zh-hans"])):
        profile_of(users[key])
        AgentProfile.objects.filter(user=users[key], languages=[]).update(languages=languages)


class _Stage:
    """People, machines and guides, looked up once; plays one chat after the other."""

    def __init__(self, users: dict[str, User], chance: random.Random, now: datetime) -> None:
        self.users, self.chance, self.now = users, chance, now
        self.models = {row.number: row for row in ProductModel.objects.select_related("family")}
        self.shelves = Ledger(chance).shelves
        self.moment = now

    def play(self, number: int, row: dict[str, Any]) -> None:
        """Play one chat from its question to where it stands."""
        self.moment = self.now - timedelta(minutes=row["ago"])
        member = self.users.get(row["who"])
        contact = Contact.objects.filter(user=member).first() if member else Contact.objects.filter(name=row["who"]).first()
        with clock.at(self.moment):
            chat = actions.start_conversation(
                question=row["question"],
                language=row.get("lang", "zh-hans"),
                contact=contact,
                visitor_key=f"demo-visitor-{number}",
                visitor_name=row.get("name", ""),
                model=self.models.get(row.get("model", "")),
                submit_key=f"{PREFIX}{number:02d}",
                by=member,
            )
        agent = self.users.get(row.get("agent", ""))
        if agent is not None:
            self._take(chat, agent)
        for turn in row["turns"]:
            self._say(chat, turn, agent=agent, member=member, language=row.get("lang", "zh-hans"))
        if row["state"] == "ended":
            self._end(chat, row, agent=agent, member=member, contact=contact)

    def _later(self, low: int, high: int) -> datetime:
        """Return a moment `low` to `high` seconds on, never after now."""
        self.moment = min(self.moment + timedelta(seconds=self.chance.randint(low, high)), self.now)
        return self.moment

    def _take(self, chat: Conversation, agent: User) -> None:
        with clock.at(self._later(15, 70)):
            take_chat(chat, by=agent)

    def _say(self, chat: Conversation, turn: list[str], *, agent: User | None, member: User | None, language: str) -> None:
        kind, text = turn
        with clock.at(self._later(12, 75)):
            if kind == "n":
                add_note(chat, by=agent, text=text, client_id=uuid.uuid4())
            elif kind == "v":
                actions.send_message(chat, sender="visitor", by=member, text=text, client_id=uuid.uuid4())
                if agent:
                    actions.note_receipt(chat, party="agent", kind="read", upto=10_000)
            elif kind == "a":
                actions.send_message(chat, sender="agent", by=agent, text=text, client_id=uuid.uuid4())
                actions.note_receipt(chat, party="visitor", kind="read", upto=10_000)
            elif shelf := self.shelves.get((text, language)):
                actions.send_message(chat, sender="agent", by=agent, kind="article", article=shelf.article(), client_id=uuid.uuid4())

    def _end(self, chat: Conversation, row: dict[str, Any], *, agent: User | None, member: User | None, contact: Contact | None) -> None:
        if row.get("ticket") and contact is not None:
            with clock.at(self._later(30, 120)):
                actions.make_ticket_of(chat, by=agent, note=row["ticket"])
        with clock.at(self._later(20, 150)):
            by = agent if row["end"] == "agent" else member if row["end"] == "visitor" else None
            actions.end_conversation(chat, party=row["end"], by=by, solved=row.get("solved", ""))
        if row.get("rating"):
            with clock.at(self._later(10, 90)):
                actions.rate_conversation(chat, rating=row["rating"], comment=row.get("comment", ""), by=member)
