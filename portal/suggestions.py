"""The one way to suggestions before a contact: help form, request, chat, repair and diagnosis ask here, and the ledger hears the same.

At most three answers, none rather than a bad one (search/panel.py). A share of visitors may see none for comparison (docs/deflection.md);
error codes and announcements are shown to everybody.
"""

import logging
from collections.abc import Collection
from functools import partial
from typing import Any

from django.http import HttpRequest

from core.visitors import visitor_key
from kb.holdout import held_back
from kb.models import HelpSession
from kb.settings import self_service_settings
from portal import ledger
from portal.views.parts import language
from search.markets import Market, everywhere, market_of

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
    unit: Any = None,
    typed: bool = True,
    without: Collection[str] = (),
) -> list[Any]:
    """Return the answers to put before this visitor, and write into the ledger what was shown or held back.

    Args:
        question: what was typed.
        channel: the door they stand at, a HelpSession.Channel.
        product: a model's number or a family's address, to narrow the search.
        about: (family, model) where they are known.
        unit: their own machine, where it is known.
        without: keys of what the page shows already.
        typed: False where the words are ours (the symptom of a diagnosis): then nobody is said to have searched for them.
    Returns at most three search hits; none when search is down, has nothing good, or the visitor is in the comparison group.
    """
    hits = [hit for hit in answers_to(question, product, market=partial(market_of, request)) if hit.key not in without]
    if not hits:
        return []
    group = group_of(request)
    shown = [hit for hit in hits if hit.kind in NEVER_HELD] if group == Group.HELD else hits
    held = [hit for hit in hits if hit not in shown]
    ledger.offered(request, query=question if typed else "", channel=channel, group=group, shown=shown, held=held, product=about, unit=unit)
    return shown


def answers_to(question: str, product: str = "", *, market: Market = everywhere) -> list[Any]:
    """Return at most three answers to a question; none when search is down or has nothing good.

    `market`: tells where the visitor is; what is for another market or region is left out.
    """
    if not question:
        return []
    try:
        from search.queries import suggest_for_panel

        return list(suggest_for_panel(question, language=language(), product=product or None, market=market))[:MOST]
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
