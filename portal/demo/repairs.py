"""Loads the demo's outlets and plays sixty repairs of the last ninety days through the product's own actions, in every state."""

import random
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Contact, User
from fieldservice import actions, promises, states
from fieldservice.models import RepairOrder, ServiceOutlet, repair_settings
from fieldservice.slots import Slot, is_worked, offered
from portal.demo import clock
from portal.demo.data import pair, read, side
from products.models import ErrorCode, ProductModel, Unit

DAYS = 88
SEED = 20260905
PREFIX = "demo-repair-"


def load_outlets() -> None:
    """Create the outlets that are not there yet."""
    for order, row in enumerate(read("outlets")):
        texts = {key: value for name in ("name", "address", "area", "hours") for key, value in pair(row[name], name).items()}
        ServiceOutlet.objects.get_or_create(
            key=row["key"], defaults={**texts, "divisions": row["divisions"], "phone": row["phone"], "order": order}
        )


def load_repairs(users: dict[str, User]) -> int:
    """Play the repairs once; return how many are new."""
    load_outlets()
    if RepairOrder.objects.filter(submit_key__startswith=PREFIX).exists():
        return 0
    content = read("repairs")
    endings = [state for state, number in content["endings"].items() for _number in range(number)]
    endings.sort(key=lambda state: state not in states.FINAL)
    now = timezone.now().replace(microsecond=0)
    with transaction.atomic(), clock.silence(), clock.one_schedule_each():
        stage = Stage(users, random.Random(SEED), now)
        for number, ending in enumerate(endings):
            stage.play(number, ending)
    return len(endings)


class Stage:
    """Models, people and the calendar of visits, looked up once; plays one repair after the other."""

    def __init__(self, users: dict[str, User], chance: random.Random, now: datetime) -> None:
        self.users, self.chance, self.now = users, chance, now
        self.content = read("repairs")
        self.models = {row.number: row for row in ProductModel.objects.select_related("family")}
        self.outlets = {row.key: row for row in ServiceOutlet.objects.all()}
        self.units = list(Unit.objects.select_related("owner", "owner__user", "model", "model__family").filter(owner__isnull=False))
        self.contacts = list(Contact.objects.filter(user__isnull=True).order_by("pk"))
        self.schedule = promises.schedule(repair_settings())
        self.moment = now
        self.visit: Slot
        self.finished = sum(number for state, number in self.content["endings"].items() if state in states.FINAL)

    def play(self, number: int, ending: str) -> None:
        """Book a repair at a moment of the past and bring it to its ending."""
        fault = self.content["faults"][number % len(self.content["faults"])]
        way = self.chance.choice(WAYS[ending])
        self.visit = self._visit(ending, number)
        self.moment = self._beginning(way, ending, number)
        order = self._book(number, fault)
        language = side(order.language)
        agent = self.users["english_agent"] if language else self.chance.choice([self.users["agent"], self.users["second_agent"]])
        story = Story(self, order, fault, language, agent)
        story.go(way)
        if number % 7 == 3 and ending not in states.FINAL:
            story.talk(number)

    def _visit(self, ending: str, number: int) -> Slot:
        """Return when the engineer comes: lately for a repair in hand, weeks ago for a finished one, soon for an arranged one."""
        if ending in states.FINAL:
            return self._worked_before(self._past(number))
        if ending == states.SCHEDULED:
            return self.chance.choice(offered(self.schedule, now=self.now, days=4, lead_hours=12))
        back = self.chance.randint(2, 5) if ending == states.RETURNED else 0
        return self._worked_before(self.now - timedelta(days=back, hours=1 if ending == states.TRAVELLING else 3))

    def _past(self, number: int) -> datetime:
        """Return a moment for the finished ones, which come first: from three months ago to last week."""
        return self.now - timedelta(days=DAYS) * (1 - number / self.finished) - timedelta(days=7)

    def _worked_before(self, moment: datetime) -> Slot:
        days = [timezone.localdate(moment) - timedelta(days=number) for number in range(14)]
        slots = [Slot(day, part) for day in days for part in ("afternoon", "morning")]
        return next(slot for slot in slots if is_worked(slot, self.schedule) and slot.begins(self.schedule) <= moment)

    def _beginning(self, way: tuple[str, ...], ending: str, number: int) -> datetime:
        """Return when it is booked: so long before the visit, or before now, as its way takes."""
        before = sum(max(HOURS.get(step, (1, 5))) for step in way if step not in {"start_travel", "finish", "test", "return", "close"})
        if "schedule" in way:
            anchor = self.visit.begins(self.schedule) if ending != states.SCHEDULED else self.now
            return self._office(anchor - timedelta(hours=before + 24 + 13 * len(way)))
        if ending in states.FINAL:
            return self._office(self._past(number) - timedelta(hours=before))
        return self._office(self.now - timedelta(hours=before + self.chance.randint(2, 20)))

    def _book(self, number: int, fault: dict[str, Any]) -> RepairOrder:
        model = self.models[fault["model"]]
        unit = next((row for row in self.units if row.model_id == model.pk), None)
        own = number % 3 == 0 and unit is not None
        contact = unit.owner if own and unit and unit.owner else self.contacts[(number * 5) % len(self.contacts)]
        place = self._place(contact, number)
        city, district, detail = self.content["streets"][place]
        text = fault["fault"][side(contact.language)]
        with clock.at(self.moment):
            wishes = [slot.key for slot in self.slots()[:3]]
            order = actions.book_repair(
                contact=contact,
                fault=text,
                address={"province": self.content["provinces"][place], "city": city, "district": district, "detail": detail},
                wishes=wishes,
                language=contact.language,
                unit=unit if own else None,
                model=model,
                serial_text=""
                if own
                else f"HY{self.chance.randint(22, 25)} {self.chance.randint(1000, 9999)} {self.chance.randint(10, 99)} {number:04d}",
                code=ErrorCode.objects.filter(family=model.family, code=fault.get("code", "-")).first(),
                submit_key=f"{PREFIX}{number:03d}",
                by=contact.user,
            )
        order.outlet = self.outlets[self.content["outlets"][place]]
        order.save(update_fields=["outlet"])
        return order

    def _place(self, contact: Contact, number: int) -> int:
        """Return where the customer lives: their own district or city where the demo has a street there."""
        for part in (1, 0):
            for place, street in enumerate(self.content["streets"]):
                if street[part][:2] in contact.region:
                    return place
        return number % len(self.content["streets"])

    def slots(self) -> list[Slot]:
        """Return the times on offer at the moment of the story."""
        settings = repair_settings()
        return offered(self.schedule, now=self.moment, days=settings.offered_days, lead_hours=settings.lead_hours)

    def _office(self, moment: datetime) -> datetime:
        local = timezone.localtime(moment)
        moved = local.replace(hour=self.chance.randint(9, 17), minute=self.chance.randint(0, 59), second=self.chance.randint(0, 59))
        return min(moved, self.now - timedelta(minutes=self.chance.randint(20, 90)))

    def later(self, low: float, high: float) -> None:
        """Let some hours pass, never beyond the present."""
        self.moment = min(
            self.moment + timedelta(hours=self.chance.uniform(low, high)), self.now - timedelta(minutes=self.chance.randint(2, 15))
        )


# The way to each ending: what happens on it, in order.
CHARGED = ("check", "quote", "approve")
VISIT = ("schedule", "start_travel", "finish", "test", "return")
WAYS: dict[str, tuple[tuple[str, ...], ...]] = {
    states.RECEIVED: ((),),
    states.CHECKED: (("check",),),
    states.QUOTED: (("check", "quote"),),
    states.APPROVED: (CHARGED,),
    states.DECLINED: (("check", "quote", "decline"),),
    states.WAITING: (("check", "wait_for_part"), (*CHARGED, "wait_for_part")),
    states.SCHEDULED: (("schedule",), ("check", "schedule"), ("schedule", "move_visit")),
    states.TRAVELLING: (("check", "schedule", "start_travel"),),
    states.REPAIRED: (("schedule", "start_travel", "finish"),),
    states.TESTED: (("schedule", "start_travel", "finish", "test"),),
    states.RETURNED: (VISIT, (*CHARGED, *VISIT)),
    states.CLOSED: ((*VISIT, "close"), (*CHARGED, *VISIT, "close"), ("check", "wait_for_part", *VISIT, "close")),
    states.CANCELLED: (("cancel",), ("schedule", "cancel")),
}  # fmt: skip


class Story:
    """One repair on its way to an ending."""

    def __init__(self, stage: Stage, order: RepairOrder, fault: dict[str, Any], language: int, agent: User) -> None:
        self.stage, self.order, self.fault, self.language, self.agent = stage, order, fault, language, agent

    def go(self, way: tuple[str, ...]) -> None:
        """Take the steps of a way, each at its time."""
        for step in way:
            self.stage.later(*HOURS.get(step, (1, 5)))
            if step in {"schedule", "cancel"} and "schedule" in way:
                self.stage.moment = min(self.stage.moment, self.stage.visit.begins(self.stage.schedule) - timedelta(hours=8))
            if step == "start_travel":
                arrival = self.stage.visit.begins(self.stage.schedule) + timedelta(minutes=self.stage.chance.randint(5, 50))
                self.stage.moment = min(arrival, self.stage.now - timedelta(minutes=self.stage.chance.randint(5, 30)))
            with clock.at(self.stage.moment):
                self._step(step)
            self.order.refresh_from_db()

    def _words(self, name: str) -> str:
        return str(self.fault[name][self.language])

    def _step(self, step: str) -> None:
        own: dict[str, Any] = {"by": self.order.contact.user} if self.order.contact.user else {"guest": True}
        if step == "quote":
            lines = [(texts[self.language], yuan * 100) for texts, yuan in self.fault["lines"]]
            actions.quote_repair(self.order, by=self.agent, lines=lines, explanation=self._words("finding"))
        elif step == "approve":
            actions.approve_quote(self.order, number=1, **own)
        elif step == "decline":
            actions.decline_quote(self.order, number=1, comment=self.stage.content["reasons"]["decline"][self.language], **own)
        elif step == "cancel":
            actions.cancel_repair(self.order, reason=self.stage.content["reasons"]["cancel"][self.language], **own)
        elif step == "close":
            actions.close_repair(self.order, **own)
        elif step == "move_visit":
            actions.move_visit(self.order, slot=self.stage.slots()[-1].key, **own)
        else:
            actions.move_repair(self.order, move=step, by=self.agent, **self._facts(step))

    def _facts(self, step: str) -> dict[str, Any]:
        if step == "check":
            return {"finding": self._words("finding")}
        if step in {"finish", "test"}:
            return {"result": self._words("result")}
        if step == "wait_for_part":
            return {"part": self._words("part"), "expected_on": timezone.localdate() + timedelta(days=self.stage.chance.randint(2, 6))}
        if step == "schedule":
            engineer = self.stage.chance.choice(self.stage.content["engineers"])
            return {"slot": self.stage.visit.key, "engineer": engineer}
        return {}

    def talk(self, number: int) -> None:
        """Let customer and agent exchange a line, and leave a note."""
        asked, answered = self.stage.content["questions"][number % 2]
        own: dict[str, Any] = {"by": self.order.contact.user} if self.order.contact.user else {"guest": True}
        self.stage.later(0.2, 1)
        with clock.at(self.stage.moment):
            actions.write_message(self.order, body=asked[self.language], **own)
            actions.add_note(self.order, by=self.agent, body=self.stage.content["notes"][number % 2])
        if number % 2:
            self.stage.later(0.2, 1)
            with clock.at(self.stage.moment):
                actions.answer_message(self.order, by=self.agent, body=answered[self.language])


HOURS = {
    "start_travel": (20, 30),
    "finish": (0.6, 2),
    "test": (0.3, 0.6),
    "return": (0.1, 0.4),
    "close": (10, 40),
    "approve": (2, 20),
    "schedule": (1, 4),
}
