"""What the stories of repairs start from: a Monday morning, a set-up desk, a booked repair."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from fieldservice.models import RepairOrder
from tests.factories.fieldservice import book
from tests.factories.tickets import setup_desk

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    """Return a moment in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def monday(db) -> Iterator[Any]:
    """It is Monday, 14 September 2026, 9:30 in Shanghai; the clock stands until a test moves it."""
    with time_machine.travel(at("2026-09-14 09:30"), tick=False) as traveller:
        yield traveller


@pytest.fixture
def desk(monday) -> Any:
    """A desk with its defaults, on that Monday."""
    setup_desk()
    return monday


@pytest.fixture
def order(desk, customer) -> RepairOrder:
    """A repair that a member has just booked."""
    return book(contact=customer.contacts.get(), by=customer)


@pytest.fixture
def guest_order(desk) -> RepairOrder:
    """A repair that a guest has just booked."""
    return book()
