"""A person's data across all rooms: the table of parts, the copy as a ZIP, the emptying of a closed account.

A part is a module with three functions, and a fourth where something may stand in the way of closing:

    export(user) -> dict[str, list[dict]]           JSON-able rows by name; one file of the ZIP each
    files(user) -> list[core.models.Attachment]     what the person sent
    anonymise(user, *, now) -> dict[str, int]       counts; keeps what law makes us keep; a second run changes nothing
    open_cases(user) -> list[dict]                  optional: {reference, title, url, blocks}; `blocks` stops the closing
"""

from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from types import ModuleType
from typing import Any

from django.db import transaction

from core.models import Attachment

# In the order of emptying: who looks a person up through another part's rows comes before it, accounts last.
PARTS: dict[str, str] = {
    "search": "search.privacy",
    "repairs": "fieldservice.privacy",
    "chats": "chat.privacy",
    "requests": "tickets.privacy",
    "diagnoses": "diagnosis.privacy",
    "self_help": "kb.privacy",
    "warranty": "warranty.privacy",
    "machines": "products.privacy",
    "account": "accounts.privacy",
}


def parts() -> Iterator[tuple[str, ModuleType]]:
    """Yield (name, module) of every part."""
    for name, path in PARTS.items():
        yield name, import_module(path)


def export_rows(user: Any) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Return part → name of the list → rows, with everything the portal knows of a person."""
    return {name: part.export(user) for name, part in parts()}


def export_files(user: Any) -> list[Attachment]:
    """Return every file the person sent, once."""
    found = {item.pk: item for _name, part in parts() for item in part.files(user)}
    return [found[key] for key in sorted(found)]


def open_cases(user: Any) -> list[dict[str, Any]]:
    """Return what of the person's is still under way in any part; those with `blocks` stop the closing."""
    return [case for _name, part in parts() if hasattr(part, "open_cases") for case in part.open_cases(user)]


@transaction.atomic
def anonymise(user: Any, *, now: datetime) -> dict[str, dict[str, int]]:
    """Empty a person's data in every part, all or nothing. Returns part → counts."""
    return {name: part.anonymise(user, now=now) for name, part in parts()}
