"""Plays what is open now: requests whose promises run out at chosen moments around the present."""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import Contact
from core.business_time import Schedule, add_business_seconds
from core.calendars import schedule_for
from portal.demo import clock
from portal.demo.data import read
from portal.demo.stories import Player
from tickets import actions
from tickets.actions.opening import queue_for_family
from tickets.models import Escalation, Priority, SLAPolicy, Ticket

GAP = timedelta(minutes=9)
REOPENED_AFTER = timedelta(days=4)


def play_open(player: Player, row: dict[str, Any], *, number: int, contact: Contact) -> Ticket:
    """Play one open request so that its nearest promise ends `row["due"]` working minutes from now."""
    language = row.get("lang", "zh-hans")
    agent = player.agent(language)
    last = _last_word(player, row)
    turns = row["turns"]
    before = REOPENED_AFTER if row.get("reopened") else timedelta()
    opened = last - before - GAP * (2 * len(turns) + (2 if turns else 0))
    ask = [row["model"], row["subject"], row["text"]]
    ticket = player.open(row, number=number, contact=contact, ask=ask, language=language, at=opened, agent=agent)
    if turns:
        player.claim(ticket, by=agent, at=opened + GAP)
    for place, turn in enumerate(turns):
        moment = last - before - GAP * 2 * (len(turns) - 1 - place)
        if row.get("reopened") and place == len(turns) - 1:
            _reopen(ticket, player, turn, agent, resolved=moment - GAP, moment=last)
        else:
            player.say(ticket, turn, by=agent, language=language, at=moment)
    if turns:
        last += timedelta(seconds=40)
    _escalate(player, row, ticket, agent, last)
    for note in row["notes"]:
        last = min(last + timedelta(minutes=2), player.now)
        with clock.at(last):
            actions.add_note(ticket, by=agent, body=note)
    if row.get("paused") == "parts":
        with clock.at(min(last + timedelta(minutes=1), player.now)):
            actions.change_status(ticket, to="on_hold", by=agent, reason="parts", note=row["notes"][-1])
    if row.get("claimed"):
        player.claim(ticket, by=player.users[row["claimed"]], at=min(last + timedelta(minutes=3), player.now))
    return ticket


def _last_word(player: Player, row: dict[str, Any]) -> datetime:
    """Return when the customer's last word, or the request itself, must have come for the promise to end as wanted."""
    queue = queue_for_family(player.models[row["model"]].family)
    schedule = schedule_for(queue.calendar)
    if row["turns"] and row["turns"][-1][0] == "a":
        return player.now - timedelta(hours=14)
    priority = _priority(row)
    policy = SLAPolicy.objects.filter(priority=priority, is_active=True).order_by("order").first()
    minutes = _budget(policy, row) if policy else 0
    return min(clock.start_for(schedule, _due(schedule, player.now, row["due"]), minutes * 60), player.now - timedelta(minutes=3))


def _budget(policy: SLAPolicy, row: dict[str, Any]) -> int:
    """Return the minutes of the promise that runs out first: a logged call has been answered already."""
    if row["turns"]:
        return policy.next_response_minutes
    return policy.resolution_minutes if row.get("channel") == "phone" else policy.first_response_minutes


def _priority(row: dict[str, Any]) -> Priority:
    total = row.get("impact", 2) + row.get("urgency", 3)
    rows = list(Priority.objects.order_by("rank"))
    return next((priority for priority in rows if total <= priority.up_to), rows[-1])


def _due(schedule: Schedule, now: datetime, minutes: int) -> datetime:
    """Return the moment `minutes` of working time from now; before now where they are negative."""
    if minutes >= 0:
        return add_business_seconds(schedule, now, minutes * 60)
    return clock.start_for(schedule, now, -minutes * 60)


def _reopen(ticket: Ticket, player: Player, turn: list[str], agent: Any, *, resolved: datetime, moment: datetime) -> None:
    with clock.at(resolved):
        actions.resolve(ticket, by=agent, summary=read("phrases")["endings"][ticket.language][1])
    with clock.at(moment):
        actions.reopen_ticket(ticket, by=ticket.contact.user, reason=player.words(turn[1], ticket))


def _escalate(player: Player, row: dict[str, Any], ticket: Ticket, agent: Any, moment: datetime) -> None:
    kind = row.get("escalation", "")
    if kind in {"functional", "hierarchical"}:
        first = Escalation.objects.filter(ticket=ticket, closed_at__isnull=True, claimed_by__isnull=True).exists()
        if first:
            player.claim(ticket, by=agent, at=moment)
        with clock.at(min(moment + timedelta(minutes=1), player.now)):
            actions.escalate(ticket, kind=kind, by=agent, reason=row["reason"])
    elif row["reason"]:
        Escalation.objects.filter(ticket=ticket, closed_at__isnull=True).update(reason=row["reason"])
