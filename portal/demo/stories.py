"""Plays a request of the demo through the desk's own actions, at moments of the past: opened, claimed, answered, resolved, reopened."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Contact, User
from core.business_time import add_business_seconds, next_opening
from core.calendars import schedule_for
from portal.demo import clock
from portal.demo.data import read
from portal.demo.ledger import Ledger
from products.models import ProblemNode, ProductModel
from tickets import actions
from tickets.models import Escalation, Ticket

LATE = 1 / 12


class Player:
    """The stage: agents, models, problems and the ledger, looked up once."""

    def __init__(self, users: dict[str, User], ledger: Ledger, chance: random.Random, now: datetime) -> None:
        self.users, self.ledger, self.chance, self.now = users, ledger, chance, now
        self.models = {model.number: model for model in ProductModel.objects.select_related("family")}
        self.problems = {node.key: node for node in ProblemNode.objects.all()}

    def agent(self, language: str) -> User:
        """Return who takes a request in `language`."""
        if language == "en":
            return self.users["english_agent"]
        return self.chance.choice([self.users["agent"], self.users["agent"], self.users["second_agent"]])

    def open(
        self, row: dict[str, Any], *, number: int, contact: Contact, ask: Sequence[str], language: str, at: datetime, agent: User
    ) -> Ticket:
        """Open the request as the customer, or as the agent for a phone call, with its ledger."""
        model = self.models[ask[0]]
        phone = row.get("channel") == "phone"
        session = None
        if row["searches"]:
            session = self.ledger.attempt(row, contact=contact, model=model, language=language, until=at, visitor=f"t{number:03d}")
        with clock.at(at):
            ticket = actions.open_ticket(
                contact=contact,
                subject=ask[1],
                description=ask[2],
                channel=row.get("channel", "web"),
                language=language,
                kind=row["kind"],
                model=model,
                problem=self.problems.get(row["problem"]),
                help_session=session,
                submit_key=f"demo-{number:03d}",
                impact=row.get("impact", 2),
                urgency=row.get("urgency", 3),
                by=agent if phone else contact.user,
                internal=phone,
                escalate=not phone,
                escalation_kind="chat" if row.get("channel") == "chat" else "self_service",
            )
        if session is not None:
            self.ledger.finish(session, outcome="escalated", at=at, reference=ticket.reference)
        return ticket

    def claim(self, ticket: Ticket, *, by: User, at: datetime) -> None:
        """Take the newest unclaimed escalation, if there is one; else the ticket itself."""
        unclaimed = Escalation.objects.filter(ticket=ticket, closed_at__isnull=True, claimed_by__isnull=True)
        waiting = unclaimed.order_by("-created_at", "-pk").first()
        with clock.at(at):
            if waiting is not None:
                actions.claim_escalation(waiting, by=by)
            else:
                actions.assign(ticket, to=by, by=by)

    def say(self, ticket: Ticket, turn: Sequence[str], *, by: User, language: str, at: datetime, wait: bool = True) -> None:
        """Add one turn of the conversation."""
        text = self.words(turn[1], ticket)
        with clock.at(at):
            if turn[0] == "c":
                actions.customer_reply(ticket, by=ticket.contact.user, body=text)
                return
            shelf = self.ledger.shelves.get((turn[2], language)) if len(turn) > 2 else None
            actions.reply_to_customer(ticket, by=by, body=text, articles=[shelf.article()] if shelf else [], wait=wait)

    def words(self, text: str, ticket: Ticket) -> str:
        """Fill the customer's name and model into a text."""
        name, model = ticket.contact.name, ticket.model.number if ticket.model else ""
        return text.replace("{name}", name.split()[0] if name.isascii() else name).replace("{model}", model)

    def working(self, ticket: Ticket, moment: datetime) -> datetime:
        """Return `moment`, or the next one at which the ticket's team works."""
        return next_opening(schedule_for(ticket.queue.calendar), moment)

    def first_look(self, ticket: Ticket, at: datetime) -> datetime:
        """Return when somebody takes the request: mostly well within the promise, one in twelve after it."""
        budget = ticket.targets.filter(metric="first_response").values_list("budget_seconds", flat=True).first() or 7200
        share = self.chance.uniform(1.1, 2.2) if self.chance.random() < LATE else self.chance.uniform(0.05, 0.7)
        return add_business_seconds(schedule_for(ticket.queue.calendar), at, max(60, int(budget * share)))

    def later(self, moment: datetime, low: int, high: int) -> datetime:
        """Return a moment `low` to `high` minutes after `moment`."""
        return moment + timedelta(minutes=self.chance.randint(low, high), seconds=self.chance.randint(0, 59))


def play_finished(
    player: Player, row: dict[str, Any], *, number: int, contact: Contact, ask: Sequence[str], at: datetime, ending: str
) -> None:
    """Play a request that has ended, from the first word to `ending`: confirmed, silent, resolved or reopened."""
    language = row.get("lang", "zh-hans")
    agent, phrases = player.agent(language), read("phrases")
    ticket = player.open(row, number=number, contact=contact, ask=ask, language=language, at=at, agent=agent)
    moment = player.first_look(ticket, at)
    player.claim(ticket, by=agent, at=moment)
    for note in row.get("notes", []):
        moment = player.later(moment, 1, 4)
        with clock.at(moment):
            actions.add_note(ticket, by=agent, body=note)
    for turn in row["turns"]:
        if turn[0] == "c":
            moment = player.later(moment, 15, 300)
        else:
            moment = player.working(ticket, player.later(moment, 2, 20 if turn is row["turns"][0] else 55))
        player.say(ticket, turn, by=agent, language=language, at=moment)
    moment = player.working(ticket, player.later(moment, 20, 200))
    with clock.at(moment):
        actions.resolve(ticket, by=agent, summary=player.chance.choice(phrases["endings"][language]))
    finish(player, ticket, moment=moment, ending=ending, language=language)


def finish(player: Player, ticket: Ticket, *, moment: datetime, ending: str, language: str) -> None:
    """Let the customer confirm, stay silent or reopen."""
    phrases = read("phrases")
    if ending == "resolved":
        return
    if ending == "silent":
        actions.close_silent(now=moment + timedelta(days=ticket.queue.close_after_days, minutes=5))
        return
    if ending == "reopened":
        moment = player.later(moment, 1500, 3800)
        with clock.at(moment):
            actions.reopen_ticket(ticket, by=ticket.contact.user, reason=phrases["still_wrong"][language])
        second = player.users["second_line"]
        moment = player.working(ticket, player.later(moment, 10, 90))
        player.claim(ticket, by=second, at=moment)
        moment = player.later(moment, 2, 15)
        player.say(ticket, ["a", phrases["second_look"][language]], by=second, language=language, at=moment)
        moment = player.working(ticket, player.later(moment, 900, 2000))
        with clock.at(moment):
            actions.resolve(ticket, by=second, summary=phrases["endings"][language][0])
    with clock.at(player.later(moment, 30, 900)):
        actions.confirm_resolution(ticket, by=ticket.contact.user)
