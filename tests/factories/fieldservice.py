"""Repairs for tests: booked by the product's own action, brought to any state along the table, outlets."""

from typing import Any

import factory

from accounts.models import Contact
from core.calendars import default_calendar
from fieldservice import actions, states
from fieldservice.models import RepairOrder, ServiceOutlet
from fieldservice.queries import free_slots
from tests.factories.accounts import ContactFactory
from tickets.defaults import load_defaults

ADDRESS = {"province": "上海市", "city": "上海市", "district": "徐汇区", "detail": "漕溪北路 88 号 3 幢 1201 室"}
# The shortest way to each state: (move, facts).
PART = {"part": "排水泵 DP-30", "expected_on": "later"}
ROUTES: dict[str, tuple[tuple[str, dict[str, Any]], ...]] = {
    states.RECEIVED: (),
    states.CHECKED: (("check", {"finding": "排水泵不转"}),),
    states.QUOTED: (("quote", {}),),
    states.APPROVED: (("quote", {}), ("approve", {})),
    states.DECLINED: (("quote", {}), ("decline", {})),
    states.WAITING: (("wait_for_part", PART),),
    states.SCHEDULED: (("schedule", {"slot": "next", "engineer": "陈力"}),),
    states.TRAVELLING: (("schedule", {"slot": "next"}), ("start_travel", {})),
    states.REPAIRED: (("check", {"finding": "堵塞"}), ("finish", {"result": "换了排水泵"})),
    states.TESTED: (("check", {"finding": "堵塞"}), ("finish", {"result": "换了排水泵"}), ("test", {"result": "跑了一次全程"})),
    states.RETURNED: (("check", {"finding": "堵塞"}), ("finish", {"result": "换了排水泵"}), ("return", {})),
    states.CLOSED: (("check", {"finding": "堵塞"}), ("finish", {"result": "换了排水泵"}), ("return", {}), ("close", {})),
    states.CANCELLED: (("cancel", {"reason": "自己修好了"}),),
}
LINES = [("排水泵 DP-30", 22000), ("人工 1 小时", 8000), ("保修承担的人工", -8000)]


def book(*, contact: Contact | None = None, **fields: Any) -> RepairOrder:
    """Book a repair as the public form does; everything has a default."""
    if default_calendar() is None:
        load_defaults()
    slots = [slot.key for slot in free_slots()]
    fields = {"fault": "不排水，显示 E2", "address": ADDRESS, "wishes": slots[:2]} | fields
    return actions.book_repair(contact=contact or ContactFactory(), **fields)


def bring(order: RepairOrder, state: str, *, by: Any) -> RepairOrder:
    """Bring a booked repair to a state, by the staff member `by`."""
    for move, facts in ROUTES[state]:
        step(order, move, by=by, **facts)
        order.refresh_from_db()
    assert order.state == state
    return order


def step(order: RepairOrder, move: str, *, by: Any, **facts: Any) -> None:
    """Make one move with its facts: `slot="next"` is the first one on offer, `expected_on="later"` a day to come."""
    from datetime import timedelta

    from django.utils import timezone

    if facts.get("slot") == "next":
        facts["slot"] = free_slots()[0].key
    if facts.get("expected_on") == "later":
        facts["expected_on"] = timezone.localdate() + timedelta(days=3)
    if move == "quote":
        actions.quote_repair(order, by=by, lines=LINES)
    elif move == "approve":
        actions.approve_quote(order, number=order.quotes.first().number, by=by, comment="电话里说的")
    elif move == "decline":
        actions.decline_quote(order, number=order.quotes.first().number, by=by, comment="电话里说的")
    else:
        actions.move_repair(order, move=move, by=by, **facts)


class OutletFactory(factory.django.DjangoModelFactory):
    """An outlet."""

    class Meta:
        model = ServiceOutlet

    key = factory.Sequence(lambda n: f"outlet-{n}")
    name_zh_hans = "徐汇服务网点"
    name_en = "Xuhui service outlet"
