"""What the stories of the desk start from: a Monday morning, a desk that is set up, one open ticket."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from tests.factories.tickets import open_ticket, setup_desk
from tickets.models import Ticket

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
def ticket(desk) -> Ticket:
    """A ticket that a guest has just opened on the help form."""
    return open_ticket()
