"""Template tag of the quiet bot check (core/guard.py)."""

from typing import Any

from django import template

from core import guard

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
