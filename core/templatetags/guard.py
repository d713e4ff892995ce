"""Template tags of public forms: the quiet bot check (core/guard.py) and the visitor whose files they carry."""

from typing import Any

from django import template

from core import guard
from core.visitors import visitor_key

register = template.Library()


@register.inclusion_tag("components/bot_check.html")
def bot_check(form: Any) -> dict[str, Any]:
    """Draw the hidden parts of the check inside a form that uses BotCheckMixin; works for a form without it too."""
    return {
        "trap": guard.TRAP,
        "stamp_name": guard.STAMP,
        "stamp": getattr(form, "current_stamp", "") or guard.new_stamp(),
        "proof_name": guard.PROOF,
        "challenge": guard.new_challenge() if getattr(form, "proof_wanted", False) else "",
    }


@register.simple_tag(takes_context=True)
def keep_visitor(context: dict[str, Any]) -> str:
    """Give a guest's browser its key with the page; two files sent at once would each make one, and all but the last be lost.

    Draws nothing.
    """
    request = context.get("request")
    if request is not None and not request.user.is_authenticated:
        visitor_key(request)
    return ""
