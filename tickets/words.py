"""Steps, notices and reasons of the desk in words, in the language in force. Pure: works on what was loaded."""

from collections.abc import Mapping
from typing import Any

from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from kb.ledger_queries import brief_of
from kb.subjects import typed_code
from tickets.models import Escalation, SLAPause, SLATarget, Ticket

STEPS: Mapping[str, Any] = {
    "opened": gettext_lazy("%(who)s opened the request (%(channel)s); sorted to %(queue)s, priority “%(priority)s”"),
    "claimed": gettext_lazy("%(who)s claimed it"),
    "released": gettext_lazy("%(who)s gave it back to the queue"),
    "assigned": gettext_lazy("%(who)s gave it to %(new)s"),
    "status_changed": gettext_lazy("%(who)s set it from “%(old)s” to “%(new)s”"),
    "priority_changed": gettext_lazy("%(who)s changed the priority from “%(old)s” to “%(new)s”: %(reason)s"),
    "moved": gettext_lazy("%(who)s moved it from %(old)s to %(new)s: %(reason)s"),
    "escalated": gettext_lazy("%(who)s escalated it to %(queue)s: %(reason)s"),
    "replied": gettext_lazy("%(who)s replied"),
    "noted": gettext_lazy("%(who)s wrote a note"),
    "customer_replied": gettext_lazy("%(who)s answered"),
    "resolved": gettext_lazy("%(who)s marked it as solved"),
    "confirmed": gettext_lazy("%(who)s confirmed that it is solved"),
    "reopened": gettext_lazy("%(who)s reopened it, round %(round)s"),
    "joined": gettext_lazy("%(who)s joined it with %(into)s; it goes on there"),
    "took_in": gettext_lazy("%(who)s joined %(other)s with it"),
    "closed": gettext_lazy("Closed after silence"),
    "sla_warned": gettext_lazy("%(metric)s: %(percent)s%% of the time is used, due %(due)s"),
    "sla_breached": gettext_lazy("%(metric)s: the time is over, it was due %(due)s"),
    "customer_told": gettext_lazy("The customer was told by %(channel)s"),
    "contact_revealed": gettext_lazy("%(who)s looked at the full phone number or address"),
}
NOTICES: Mapping[str, Any] = {
    "opened": gettext_lazy("New request"),
    "taken_over": gettext_lazy("A colleague has taken it over"),
    "released": gettext_lazy("Back in the queue"),
    "assigned": gettext_lazy("Given to you"),
    "noted": gettext_lazy("New internal note"),
    "customer_replied": gettext_lazy("The customer answered"),
    "reopened": gettext_lazy("Reopened: not solved"),
    "moved": gettext_lazy("Moved to your team"),
    "escalated": gettext_lazy("Escalated to your team"),
    "sla_50": gettext_lazy("Half of the time is used"),
    "sla_80": gettext_lazy("80% of the time is used"),
    "sla_100": gettext_lazy("The time is over"),
    "registration": gettext_lazy("A registration to check"),
    "claim": gettext_lazy("A claim to decide"),
    "part_late": gettext_lazy("The part of a repair is late"),
}
ESCALATION_ICONS = {
    "self_service": "branch",
    "chat": "chat",
    "breach": "clock",
    "functional": "wrench",
    "hierarchical": "flag",
    "reopened": "refresh",
}
CHANNEL_ICONS = {"web": "globe", "phone": "phone", "chat": "chat", "mail": "mail", "import": "download"}


def step_words(entry: Any, names: Mapping[str, str]) -> str:
    """Return one line for a history row; an unknown verb is shown as it is.

    Args:
        entry: a HistoryEntry.
        names: keys of queues (`queue:…`) and priorities (`priority:…`) with their names.
    """
    template = STEPS.get(entry.verb)
    if template is None:
        return str(entry.verb)
    data = {key: value for key, value in entry.data.items() if not isinstance(value, (dict, list))}
    values = {"who": entry.actor_label or pgettext("history", "Customer"), "reason": "", "round": "", **data}
    kind = {"moved": "queue", "priority_changed": "priority"}.get(entry.verb, "")
    for field in ("old", "new"):
        if kind and field in data:
            values[field] = names.get(f"{kind}:{data[field]}", data[field])
        elif entry.verb == "status_changed" and field in data:
            values[field] = dict(Ticket.Status.choices).get(data[field], data[field])
    if "queue" in data:
        values["queue"] = names.get(f"queue:{data['queue']}", data["queue"])
    if "priority" in data:
        values["priority"] = names.get(f"priority:{data['priority']}", data["priority"])
    if "metric" in data:
        values["metric"] = dict(SLATarget.Metric.choices).get(data["metric"], data["metric"])
    values["due"] = _moment(data.get("due_at", ""))
    values["channel"] = _channel(entry.verb, str(data.get("channel", "")))
    return str(template) % _Missing(values)


class _Missing(dict):
    """Values of a sentence; what an old row lacks becomes a dash instead of an error."""

    def __missing__(self, key: str) -> str:
        return "–"


def _channel(verb: str, channel: str) -> str:
    if verb == "customer_told":
        return {"mail": _("e-mail"), "sms": _("SMS")}.get(channel, channel)
    return str(dict(Ticket.Channel.choices).get(channel, channel))


def _moment(text: str) -> str:
    moment = parse_datetime(text) if text else None
    return formats.date_format(timezone.localtime(moment), "m-d H:i") if moment else "–"


def notice_words(kind: str) -> str:
    """Return a notice's headline."""
    return str(NOTICES.get(kind, kind))


def why_words(escalation: Escalation) -> str:
    """Return why a row is in the queue, in one line: the kind, and what is special about it."""
    kind = str(escalation.get_kind_display())
    if escalation.kind == Escalation.Kind.BREACH:
        metric = dict(SLATarget.Metric.choices).get(escalation.reason, escalation.reason)
        return _("The clock ran out: %(metric)s") % {"metric": metric}
    if escalation.kind == Escalation.Kind.SELF_SERVICE:
        if escalation.ticket.channel == Ticket.Channel.PHONE:
            return _("Logged from a phone call")
        ticket = escalation.ticket
        brief = brief_of(ticket.help_session, product=product_of(ticket), code=code_of(ticket))
        return brief.line if brief else kind
    return _("%(why)s: %(reason)s") % {"why": kind, "reason": escalation.reason} if escalation.reason else kind


def product_of(ticket: Ticket) -> str:
    """Return the ticket's product as staff name it: the model's number, else the family, else what was typed."""
    if ticket.model:
        return ticket.model.number
    return ticket.family.name if ticket.family else ticket.product_text


def code_of(ticket: Ticket) -> str:
    """Return the error code the customer's own line names; empty where it names none."""
    return typed_code(ticket.subject)


def pause_reasons() -> list[tuple[str, str]]:
    """Return the reasons an agent may put a ticket on hold for."""
    return [(value, str(label)) for value, label in SLAPause.Reason.choices if value != SLAPause.Reason.CUSTOMER]
