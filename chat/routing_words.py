"""The router's decisions in words, in the language in force: why a chat went to whom, and what spoke against the others."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from chat import routing_rules as rules
from chat.models import RoutingDecision

REASONS = {
    rules.GONE: gettext_lazy("has no console open"),
    rules.AWAY: gettext_lazy("is away"),
    rules.OTHER_PERSON: gettext_lazy("the chat was handed to somebody else"),
    rules.OTHER_TEAM: gettext_lazy("is not in the team"),
    rules.LANGUAGE: gettext_lazy("does not take this language"),
    rules.SKILL: gettext_lazy("does not take this product"),
    rules.PASSED: gettext_lazy("has let this chat pass"),
    rules.FULL: gettext_lazy("has no room"),
}
DROPPED = {
    rules.DROPPED[rules.OTHER_PERSON]: gettext_lazy("The person it was handed to is not there, so everybody is asked."),
    rules.DROPPED[rules.OTHER_TEAM]: gettext_lazy("Nobody of the team is there, so everybody is asked."),
    rules.DROPPED[rules.LANGUAGE]: gettext_lazy("Nobody there takes this language, so everybody is asked."),
    rules.DROPPED[rules.SKILL]: gettext_lazy("Nobody there takes this product, so everybody is asked."),
    rules.AGAIN: gettext_lazy("Everybody who would do has let it pass, so they are asked again."),
}
TRIGGERS = {
    "started": gettext_lazy("a visitor came"),
    "ended": gettext_lazy("a chat ended"),
    "passed": gettext_lazy("an offer was not accepted"),
    "requeued": gettext_lazy("the chat came back"),
    "agent": gettext_lazy("an agent came or went"),
    "transferred": gettext_lazy("it was handed on"),
    "sweep": gettext_lazy("the regular check"),
}


def decision_words(decision: RoutingDecision) -> dict[str, Any]:
    """Return a decision for reading: {at, headline, trigger, remarks [text], candidates [{name, text, load, chosen}]}."""
    data = decision.data or {}
    candidates = [
        {
            "name": row.get("name", ""),
            "load": f"{row.get('load', 0)}/{row.get('capacity', 0)}",
            "chosen": row.get("agent") == decision.chosen_id,
            "text": against(row.get("reasons", ())),
        }
        for row in data.get("candidates", ())
    ]
    return {
        "at": decision.at,
        "headline": headline(decision),
        "trigger": str(TRIGGERS.get(decision.trigger, decision.trigger)),
        "remarks": [str(DROPPED[code]) for code in data.get("dropped", ()) if code in DROPPED],
        "candidates": sorted(candidates, key=lambda row: (not row["chosen"], bool(row["text"]), row["name"])),
    }


def headline(decision: RoutingDecision) -> str:
    """Return a decision in one sentence."""
    data = decision.data or {}
    why = data.get("why")
    if why == "handed_on":
        return _("Handed on to a team; its last agent is not asked while others are there.")
    if decision.chosen_id:
        return _("Offered to %(name)s: fits, has room, and is the least loaded who has waited longest.") % {"name": _chosen_name(decision)}
    if why == rules.ALL_FULL:
        return _("Nobody who fits has room now; it is offered as soon as somebody has.")
    return _("Nobody takes chats now.")


def _chosen_name(decision: RoutingDecision) -> str:
    rows = (decision.data or {}).get("candidates", ())
    return next((row.get("name", "") for row in rows if row.get("agent") == decision.chosen_id), "")


def against(reasons: Any) -> str:
    """Return what speaks against an agent as one line; empty where nothing does."""
    return pgettext("between two in a list", ", ").join(str(REASONS.get(code, code)) for code in reasons)
