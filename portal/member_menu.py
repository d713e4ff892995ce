"""The doors of the member area: an entry appears as soon as its page exists."""

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Door:
    """One entry.

    Attributes:
        names: URL names, the first that exists is taken.
        icon: of the sprite.
        label: words of the menu.
        inside: beginnings of URL names of the pages behind it, for marking the present one.
        note: one line for the home of the member area; empty keeps the entry out of there.
    """

    names: tuple[str, ...]
    icon: str
    label: Any
    inside: tuple[str, ...] = ()
    note: Any = ""


DOORS: tuple[Door, ...] = (
    Door(("portal:my",), "home", pgettext_lazy("member area", "Overview")),
    Door(
        ("portal:my_products",),
        "box",
        _("My products"),
        ("portal:my_products", "portal:unit", "portal:my_unit", "portal:my_product", "portal:registration"),
        _("Warranty, manuals, history of each machine"),
    ),
    Door(
        ("portal:my_repairs", "fieldservice:my_repairs"),
        "wrench",
        _("My repairs"),
        ("portal:my_repair", "fieldservice:my_repair"),
        _("Appointments, engineer, quote, sign-off"),
    ),
    Door(("portal:my_tickets",), "inbox", _("My requests"), ("portal:my_ticket",), _("What you asked us and our answers")),
    Door(
        ("portal:my_chats", "chat:mine", "chat:my_chats"),
        "chat",
        _("My chats"),
        ("portal:my_chat", "chat:mine", "chat:my_chat"),
        _("Conversations and transcripts"),
    ),
    Door(
        ("portal:my_settings",),
        "settings",
        _("My settings"),
        (
            "portal:my_settings",
            "portal:my_profile",
            "portal:my_address",
            "portal:my_notices",
            "portal:my_devices",
            "portal:my_data",
            "portal:my_close",
        ),
        _("Addresses, notifications, devices, your data"),
    ),
)


def _address(names: tuple[str, ...]) -> str:
    for name in names:
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return ""


def entries(view_name: str) -> list[dict[str, Any]]:
    """Return the entries whose page exists: address, icon, label, note, whether the present page lies behind it."""
    found = []
    for door in DOORS:
        url = _address(door.names)
        if url:
            current = view_name in door.names or bool(door.inside and view_name.startswith(door.inside))
            found.append({"name": door.names[0], "url": url, "icon": door.icon, "label": door.label, "note": door.note, "current": current})
    return found
