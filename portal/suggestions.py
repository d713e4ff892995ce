"""The one way to suggestions before a contact: help form, request, chat, repair and diagnosis ask here, and the ledger hears the same.

At most three answers, none rather than a bad one (search/panel.py). A share of visitors may see none for comparison (docs/deflection.md);
error codes and announcements are shown to everybody.
"""

import logging
from typing import Any

from django.http import HttpRequest

from core.visitors import visitor_key
from kb.holdout import held_back
from kb.models import HelpSession
from kb.settings import self_service_settings
from portal import ledger
from portal.views.parts import language

logger = logging.getLogger(__name__)
MOST = 3
NEVER_HELD = frozenset({"code", "announcement"})
Channel, Group = HelpSession.Channel, HelpSession.Group


def offer(
    request: HttpRequest,
    question: str,
    *,
    channel: str,
    product: str = "",
    about: tuple[Any, Any] = (None, None),
    typed: bool = True,
) -> list[Any]:
    """Return the answers to put before this visitor, and write into the ledger what was shown or held back.

    Args:
        question: what was typed.
        channel: the door they stand at, a HelpSession.Channel.
        product: a model's number or a family's address, to narrow the search.
        about: (family, model) where they are known.
        typed: False where the words are ours (the symptom of a diagnosis): then nobody is said to have searched for them.
    Returns at most three search hits; none when search is down, has nothing good, or the visitor is in the comparison group.
    """
    hits = answers_to(question, product)
    if not hits:
        return []
    group = group_of(request)
    shown = [hit for hit in hits if hit.kind in NEVER_HELD] if group == Group.HELD else hits
    held = [hit for hit in hits if hit not in shown]
    ledger.offered(request, query=question if typed else "", channel=channel, group=group, shown=shown, held=held, product=about)
    return shown


def answers_to(question: str, product: str = "") -> list[Any]:
    """Return at most three answers to a question; none when search is down or has nothing good."""
    if not question:
        return []
    try:
        from search.queries import suggest_for_panel

        return list(suggest_for_panel(question, language=language(), product=product or None))[:MOST]
    except Exception:
        logger.exception("no suggestions")
        return []


def group_of(request: HttpRequest) -> str:
    """Return which group of the comparison this visitor is in; none while it is switched off, and staff never take part."""
    chosen = self_service_settings()
    if chosen.holdout_percent <= 0 or getattr(request.user, "is_staff", False):
        return str(Group.NONE)
    held = held_back(visitor_key(request), percent=chosen.holdout_percent, salt=chosen.holdout_salt)
    return str(Group.HELD if held else Group.SHOWN)
