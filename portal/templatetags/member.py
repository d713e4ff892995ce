"""Template tags of the member area: its menu, the closing under way, devices in words."""

from typing import Any

from django import template

from accounts.devices import device_words, is_phone
from accounts.queries import closing_of
from portal import member_menu

register = template.Library()


@register.simple_tag
def my_menu_entries(view_name: str) -> list[dict[str, Any]]:
    """The entries of the menu (portal/member_menu.py)."""
    return member_menu.entries(view_name or "")


@register.simple_tag
def closing_under_way(user: Any) -> Any:
    """The member's closing that can still be taken back, or None."""
    return closing_of(user)


@register.filter
def device(user_agent: str) -> str:
    """A browser's name in words."""
    return device_words(user_agent)


@register.filter
def device_icon(user_agent: str) -> str:
    """The icon of a device."""
    return "mobile" if is_phone(user_agent) else "monitor"
