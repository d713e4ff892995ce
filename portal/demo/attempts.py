"""Fills the ledger of the demo's ninety days: who helped themselves, who came back, who left; and the comparison without suggestions.

Contacts are the demo's own requests, chats and repairs: an attempt that came back leads to a case that can be opened.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from wagtail.models import Site

from chat.models import Conversation
from fieldservice.models import RepairOrder
from kb.holdout import held_back
from kb.models import HelpEvent, HelpSession, SelfServiceSettings
from portal.demo.data import guides, read, side
from portal.demo.ledger import Shelf, shelves
from products.models import ErrorCode, ProductModel
from tickets.models import Ticket

SEED = 20260407
DAYS, PERCENT, MINIMUM, SALT = 88, 10, 12, "demo"
PREFIX = "demo-a"
SOLVED, LEFT = 340, 230
# Of those who made contact, and of those who did not: the share without suggestions. Together a tenth.
HELD_OF_CONTACTS, HELD_OF_OTHERS = 0.2, 0.07
DAYS_LATER = (0.3, 0.8, 1.4, 2.2, 3.1, 4.5, 6.2, 6.8, 9.5, 13.2, 18.7, 25.1)  # the last four only where they had said “solved”
DOORS = ("help", "help", "help", "help", "help", "chat", "chat", "chat", "repair", "diagnosis")
Kind, Outcome, Group = HelpEvent.Kind, HelpSession.Outcome, HelpSession.Group


@dataclass(frozen=True)
class Answer:
    """What people typed and the guide that answers it."""

    words: str
    language: str
    shelf: Shelf
    steps: tuple[str, ...]
    models: tuple[ProductModel, ...]
    code: ErrorCode | None
    weight: int


@dataclass
class Batch:
    """Sessions and their events, written together at the end."""

    sessions: list[HelpSession] = field(default_factory=list)
    events: list[HelpEvent] = field(default_factory=list)

    def write(self) -> int:
        """Write everything; return how many attempts there are."""
        HelpSession.objects.bulk_create(self.sessions)
        HelpEvent.objects.bulk_create(self.events)
        return len(self.sessions)


def load_attempts() -> int:
    """Write the attempts once; return how many are new."""
    if HelpSession.objects.filter(key__startswith=PREFIX).exists():
        return 0
    chosen = {"holdout_percent": min(settings.DEMO_HOLDOUT, 50), "holdout_minimum": MINIMUM, "holdout_salt": SALT}
    SelfServiceSettings.objects.update_or_create(site=Site.objects.get(is_default_site=True), defaults=chosen)
    with transaction.atomic():
        writer = _Writer(random.Random(SEED), timezone.now().replace(microsecond=0))
        writer.finish_known()
        writer.of_contacts()
        for number in range(SOLVED + LEFT):
            writer.without_contact(Outcome.SOLVED if number < SOLVED else Outcome.UNKNOWN)
        return writer.batch.write()


class _Writer:
    """Chance, answers and the batch; writes one attempt after the other."""

    def __init__(self, chance: random.Random, now: datetime) -> None:
        self.chance, self.now, self.batch = chance, now, Batch()
        self.answers = list(_answers())
        self.by_family: dict[tuple[int, str], list[Answer]] = {}
        for answer in self.answers:
            if answer.models:
                self.by_family.setdefault((answer.models[0].family_id, answer.language), []).append(answer)
        self.weights = [answer.weight for answer in self.answers]
        self.keys = {True: self._keys(held=True), False: self._keys(held=False)}

    def _keys(self, *, held: bool) -> Iterator[str]:
        """Yield keys of visitors whom the draw puts into a group."""
        number = 0
        while True:
            number += 1
            key = f"{PREFIX}-{number:05d}"
            if held_back(key, percent=PERCENT, salt=SALT) is held:
                yield key

    def finish_known(self) -> None:
        """Give the requests' own attempts their door, group and contact."""
        asked = HelpSession.objects.filter(outcome=Outcome.ESCALATED, contact_at__isnull=True, tickets__isnull=False)
        known = list(asked.distinct().order_by("pk"))
        channels = dict(Ticket.objects.filter(help_session__in=known).values_list("help_session", "channel"))
        for session in known:
            session.contact_at, session.contact_days = session.outcome_at, 0
            session.contact_channel = channels.get(session.pk, "")
            if self.chance.random() < 0.65:
                session.channel = "chat" if session.contact_channel == "chat" else "help"
                session.offered_at = session.started_at + timedelta(seconds=40)
                held = self.chance.random() < HELD_OF_CONTACTS
                session.group, session.visitor_key = (Group.HELD if held else Group.SHOWN), next(self.keys[held])
        fields = ["contact_at", "contact_days", "contact_channel", "channel", "offered_at", "group", "visitor_key"]
        HelpSession.objects.bulk_update(known, fields)
        self._place_events(known)

    def _place_events(self, sessions: list[HelpSession]) -> None:
        """Put what these attempts were shown to their door, and readers to a step."""
        doors = {row.pk: row for row in sessions if row.offered_at}
        steps = {(answer.shelf.key, answer.language): answer.steps for answer in self.answers}
        events = list(
            HelpEvent.objects.filter(session__in=sessions, kind__in=[Kind.SHOWN, Kind.QUERY, Kind.READ]).select_related("session")
        )
        for event in events:
            door = doors.get(event.session_id)
            if door is not None and event.kind != Kind.READ:
                event.place = door.channel
                event.kind = Kind.HELD if door.group == Group.HELD and event.kind == Kind.SHOWN else event.kind
            titles = steps.get((event.document_key, event.session.language), ()) if event.kind == Kind.READ else ()
            if titles:
                event.step = self._stop(len(titles), done=False)
                event.data = {"reached": titles[event.step - 1]}
        HelpEvent.objects.bulk_update(events, ["place", "kind", "step", "data"], batch_size=200)

    def of_contacts(self) -> None:
        """Write what came before requests, chats and repairs: solved and came back, or left and then asked."""
        own = {"help_session__isnull": True}
        cases: list[tuple[Any, str]] = [(row, row.channel) for row in Ticket.objects.filter(**own).select_related("contact__user", "model")]
        cases += [(row, "chat") for row in Conversation.objects.filter(**own).select_related("contact__user", "model")]
        cases += [(row, "repair") for row in RepairOrder.objects.filter(**own, ticket=None).select_related("contact__user", "model")]
        again = Ticket.objects.filter(help_session__isnull=False, channel="web").select_related("contact__user", "model").order_by("pk")
        cases += [(row, row.channel) for row in again[::6]]
        for case, channel in cases:
            picks = self.by_family.get((case.family_id, case.language))
            roll = self.chance.random()
            if not picks or roll > 0.82:
                continue
            failed = roll < 0.5 or case.help_session_id is not None
            passed = timedelta(days=self.chance.choice(DAYS_LATER[: None if failed else -4]))
            session = self._begin(self.chance.choice(picks), case.created_at - passed, contact=True, model=case.model)
            session.contact, session.user = case.contact, case.contact.user if case.contact else None
            self._end(session, Outcome.FAILED if failed else Outcome.ESCALATED)
            session.contact_reference, session.contact_channel = case.reference, channel
            session.contact_at, session.contact_days = case.created_at, (case.created_at - session.outcome_at).days
            data = {"reference": case.reference, "days": session.contact_days}
            self.batch.events.append(HelpEvent(session=session, kind=Kind.CONTACT, at=case.created_at, data=data))

    def without_contact(self, outcome: str) -> None:
        """Write an attempt that no contact followed; more of them lately, as more people know the portal."""
        answer = self.chance.choices(self.answers, self.weights)[0]
        day = timezone.localtime(self.now - timedelta(days=1.1 + DAYS * self.chance.random() ** 1.7))
        hour = self.chance.choices(range(7, 23), [2, 4, 6, 7, 7, 6, 5, 5, 5, 5, 5, 7, 9, 10, 8, 4])[0]
        at = day.replace(hour=hour, minute=self.chance.randint(0, 59), second=self.chance.randint(0, 59))
        self._end(self._begin(answer, at, contact=False, model=None), outcome)

    def _begin(self, answer: Answer, at: datetime, *, contact: bool, model: ProductModel | None) -> HelpSession:
        door = self.chance.choice(DOORS) if self.chance.random() < 0.62 else ""
        held = bool(door) and self.chance.random() < (HELD_OF_CONTACTS if contact else HELD_OF_OTHERS)
        model = model or (self.chance.choice(answer.models) if answer.models and self.chance.random() < 0.8 else None)
        number = len(self.batch.sessions)
        session = HelpSession(
            key=f"{PREFIX}-{number:04d}",
            visitor_key=next(self.keys[held]),
            language=answer.language,
            channel=door or "web",
            family=model.family if model else (answer.models[0].family if answer.models else None),
            model=model,
            code=answer.code if answer.code and answer.code.code in answer.words else None,
            offered_at=at + timedelta(seconds=20) if door else None,
            group=(Group.HELD if held else Group.SHOWN) if door else Group.NONE,
            started_at=at,
        )
        self.batch.sessions.append(session)
        session.last_at = self._look(session, answer, held=held, place=door or "web")
        session.solved_by_key = answer.shelf.key
        return session

    def _look(self, session: HelpSession, answer: Answer, *, held: bool, place: str) -> datetime:
        """Write what was asked, shown or held back, opened and read; return the moment of the last."""
        moment, document = session.started_at, answer.shelf.document()
        events = [(Kind.QUERY, {"query": answer.words, "place": place, "data": {"found": self.chance.randint(1, 3)}})]
        events.append((Kind.HELD if held else Kind.SHOWN, {"query": answer.words, "place": place, **document}))
        others = self.by_family.get((session.family_id, answer.language), []) if session.family_id else []
        for other in {row.shelf.key: row for row in others if row.shelf.key != answer.shelf.key}.values():
            if self.chance.random() < 0.4:
                events.append((Kind.HELD if held else Kind.SHOWN, {"query": answer.words, "place": place, **other.shelf.document()}))
        for kind, fields in events:
            moment += timedelta(seconds=self.chance.randint(2, 12))
            self.batch.events.append(HelpEvent(session=session, kind=kind, at=moment, **fields))
        return moment

    def _end(self, session: HelpSession, outcome: str) -> None:
        """Let the visitor read (more often where it was shown and solved) and end the attempt."""
        answer = next(row for row in self.answers if row.shelf.key == session.solved_by_key and row.language == session.language)
        claimed = outcome in {Outcome.SOLVED, Outcome.FAILED}
        read = claimed or self.chance.random() < (0.3 if session.group == Group.HELD else 0.6)
        moment, document = session.last_at, answer.shelf.document()
        if read:
            moment += timedelta(seconds=self.chance.randint(5, 20))
            self.batch.events.append(HelpEvent(session=session, kind=Kind.OPENED, at=moment, **document))
            step = self._stop(len(answer.steps), done=claimed)
            seconds = self.chance.randint(25, 60) * max(step, 1)
            moment += timedelta(seconds=seconds)
            data = {"reached": answer.steps[step - 1]} if step else {}
            self.batch.events.append(
                HelpEvent(session=session, kind=Kind.READ, at=moment, seconds=seconds, step=step, data=data, **document)
            )
            if not claimed and self.chance.random() < 0.25:
                self.batch.events.append(HelpEvent(session=session, kind=Kind.VOTED, at=moment, data={"helpful": False}, **document))
        if claimed:
            self.batch.events.append(HelpEvent(session=session, kind=Kind.SOLVED, at=moment, **document))
        session.outcome, session.outcome_at, session.last_at = outcome, moment, moment
        session.solved_by_key = answer.shelf.key if claimed else ""

    def _stop(self, steps: int, *, done: bool) -> int:
        """Return the furthest step: mostly the last for who solved it, the middle ones for who gave up."""
        if not steps:
            return 0
        if done:
            return steps if self.chance.random() < 0.8 else self.chance.randint(1, steps)
        return min(steps, max(1, round(self.chance.gauss(steps * 0.55, 0.9))))


def _answers() -> Iterator[Answer]:
    """Yield the questions of the demo with their guides."""
    known, places = {row["slug"]: row for row in guides()}, shelves()
    models = {model.number: model for model in ProductModel.objects.select_related("family")}
    codes = {(code.family.slug, code.code): code for code in ErrorCode.objects.select_related("family")}
    for words, language, slug, times in read("activity")["answered"]:
        guide, shelf = known.get(slug), places.get((slug, language))
        if guide is None or shelf is None:
            continue
        steps = [step["title"][side(language)] for block in guide["body"] for step in block.get("steps", []) if isinstance(step, dict)]
        named = [codes[pair] for code in guide.get("codes", []) if (pair := (guide.get("family", ""), code)) in codes]
        fits = tuple(models[number] for number in guide.get("models", []) if number in models)
        yield Answer(words, language, shelf, tuple(steps), fits, named[0] if named else None, times)
