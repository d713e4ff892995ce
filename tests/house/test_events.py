"""The switchboard, the code that emits and docs/events.md tell the same story."""

import re

from django.utils.module_loading import import_string

from core import events
from tests.house.sources import ROOT, calls, first_text, name_of, product_modules, text

NAME = re.compile(r"[a-z_]+(\.[a-z_]+)+")


def emitted() -> dict[str, str]:
    """Return every event name emitted in the product with the module that does."""
    found = {}
    for path in product_modules():
        if name_of(path) == "core/events.py":
            continue
        for function, call in calls(path):
            if function == "emit":
                name = first_text(call)
                assert name, f"{name_of(path)}:{call.lineno}: an event's name must be a plain text, so that it can be found"
                found[name] = name_of(path)
    return found


def documented() -> set[str]:
    """Return the event names in the first column of the table of docs/events.md."""
    return set(re.findall(r"^\|\s*`([a-z_.]+)`", text(ROOT / "docs/events.md"), re.MULTILINE))


def test_every_emitted_event_is_in_the_switchboard() -> None:
    assert set(emitted()) - set(events.table()) == set()


def test_every_event_of_the_switchboard_is_emitted() -> None:
    assert set(events.table()) - set(emitted()) == set()


def test_every_event_is_documented_and_nothing_else() -> None:
    assert documented() == set(events.table())


def test_events_are_named_noun_and_participle() -> None:
    assert [name for name in events.table() if not NAME.fullmatch(name)] == []


def test_every_handler_exists() -> None:
    for subscription in events.table().values():
        for path in (*subscription.durable, *subscription.push):
            assert callable(import_string(path)), path


def test_every_sweep_of_the_clock_exists_and_is_documented() -> None:
    from portal.sweeps import PATHS

    for name, (path, seconds) in PATHS.items():
        assert callable(import_string(path)), path
        assert seconds is None or seconds > 0
        assert f"`{name}`" in text(ROOT / "docs/operations.md"), f"the sweep {name} is not in docs/operations.md"
