"""Sets the demo's desk up: the hotline's calendar, canned replies, and the requests of the last ninety days."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Contact, User
from core.models import BusinessCalendar, CalendarPeriod
from portal.demo import clock
from portal.demo.activity import load_activity
from portal.demo.data import pair, read
from portal.demo.ledger import Ledger
from portal.demo.people import join_queues
from portal.demo.queue import play_open
from portal.demo.stories import Player, play_finished
from tickets import actions
from tickets.models import CannedReply, DeskNotice, Queue, Ticket

HOTLINE = "hotline"
OPENS, CLOSES = time(8), time(22)
DAYS = 90
YOUNGEST = timedelta(days=3)
SEED = 20260318
ENDINGS = ("confirmed",) * 13 + ("silent",) * 4 + ("reopened",) * 2
Case = tuple[dict[str, Any], Sequence[str]]


def load_calendar() -> BusinessCalendar:
    """Return the hotline's calendar (every day 8 to 22); teams that answer first follow it from the beginning of the demo."""
    calendar, created = BusinessCalendar.objects.get_or_create(
        key=HOTLINE, defaults={"name_zh_hans": "热线时间", "name_en": "Hotline hours", "holiday_country": "", "is_default": False}
    )
    if created:
        CalendarPeriod.objects.bulk_create(CalendarPeriod(calendar=calendar, weekday=day, opens=OPENS, closes=CLOSES) for day in range(7))
        Queue.objects.filter(tier=1, is_default=False).update(calendar=calendar)
    return calendar


def load_canned_replies() -> None:
    """Create the canned replies that are not there yet; those of a family belong to its queue where it has one of its own."""
    for row in read("canned_replies"):
        if CannedReply.objects.filter(shortcut=row["shortcut"]).exists():
            continue
        families = row.get("families", [])
        queue = Queue.objects.filter(families__slug=families[0], tier=1).first() if len(families) == 1 else None
        CannedReply.objects.create(shortcut=row["shortcut"], queue=queue, **pair(row["title"], "title"), **pair(row["body"], "body"))


def load_history(users: dict[str, User]) -> int:
    """Play the requests of the last ninety days, once; return how many there are."""
    if Ticket.objects.filter(submit_key__startswith="demo-").exists():
        return 0
    now = timezone.now().replace(microsecond=0)
    chance = random.Random(SEED)
    with transaction.atomic(), clock.silence(), clock.one_schedule_each():
        ledger = Ledger(chance)
        player = Player(users, ledger, chance, now)
        number = _play_past(player, chance, now)
        join_queues(users)  # not before: news of weeks ago would only fill their lists
        number = _play_present(player, number)
        load_activity(ledger, chance, now)
        actions.run_sla_clock(now=now)
        old = Q(created_at__lt=now - timedelta(hours=4)) | Q(kind__in=("sla_50", "sla_80"))
        DeskNotice.objects.filter(old).update(seen_at=F("created_at"))
    return number


def _play_past(player: Player, chance: random.Random, now: datetime) -> int:
    cases = _cases(chance)
    contacts = _Contacts(chance)
    number = 0
    for number, (row, ask) in enumerate(cases, start=1):
        at = _moment(chance, now, share=number / len(cases))
        ending = chance.choice(ENDINGS)
        if at > now - timedelta(days=10):
            ending = "resolved" if chance.random() < 0.5 else "confirmed"
        play_finished(player, row, number=number, contact=contacts.next(row.get("lang", "zh-hans")), ask=ask, at=at, ending=ending)
    return number


def _cases(chance: random.Random) -> list[Case]:
    cases = [(row, ask) for row in read("tickets") for ask in row["asks"]]
    chance.shuffle(cases)
    return cases


def _moment(chance: random.Random, now: datetime, *, share: float) -> datetime:
    """Return a moment between 8 and 22 o'clock, older for the first requests."""
    span = timedelta(days=DAYS) - YOUNGEST
    day = timezone.localtime(now - timedelta(days=DAYS) + span * share)
    return day.replace(hour=chance.randint(8, 20), minute=chance.randint(0, 59), second=chance.randint(0, 59))


class _Contacts:
    """Deals out customers by language, so that some come back."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        everyone = list(Contact.objects.select_related("user").order_by("pk"))
        self.by_language = {code: [row for row in everyone if row.language == code] for code in ("zh-hans", "en")}
        self.turn: dict[str, Iterator[Contact]] = {}

    def next(self, language: str) -> Contact:
        """Return the next customer of a language; after a round the order is new."""
        while True:
            contact = next(self.turn.get(language, iter(())), None)
            if contact is not None:
                return contact
            self.turn[language] = iter(self.chance.sample(self.by_language[language], k=len(self.by_language[language])))


def _play_present(player: Player, number: int) -> int:
    for row in read("queue"):
        number += 1
        user = player.users.get(row["who"])
        contact = Contact.objects.filter(user=user).first() if user else Contact.objects.filter(name=row["who"]).first()
        if contact is not None:
            play_open(player, row, number=number, contact=contact)
    return number
