"""Reason codes of the engine in words that a customer understands, in the language in force."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from warranty.coverage import Reason


def day_words(value: Any) -> str:
    """Return a day as people of the language write it; takes a date or its ISO form."""
    if isinstance(value, str) and value:
        value = date.fromisoformat(value)
    if not isinstance(value, date):
        return ""
    return formats.date_format(value, "DATE_FORMAT")


def period_words(months: int | None) -> str:
    """Return a number of months as people say it: `3 years`, `18 months`; empty for none."""
    if not months:
        return ""
    if months % 12 == 0:
        years = months // 12
        return ngettext("%(count)s year", "%(count)s years", years) % {"count": years}
    return ngettext("%(count)s month", "%(count)s months", months) % {"count": months}


def _term(values: Mapping[str, Any]) -> str:
    use = {"commercial": pgettext("use", "commercial"), "home": pgettext("use", "household")}.get(values.get("use") or "", "")
    if use:
        return _("The term “%(label)s” holds (%(use)s use).") % {"label": values.get("label", ""), "use": use}
    return _("The term “%(label)s” holds.") % {"label": values.get("label", "")}


def _begins(kind: str, values: Mapping[str, Any]) -> str:
    """Say from when it counts, and what was missing where that is not the day the term names (`rule`; older snapshots have none)."""
    rule, days = values.get("rule", ""), values.get("days") or 0
    facts = {"day": day_words(values.get("day")), "start": day_words(values.get("start")), "days": days}
    if kind == "shipment" and rule == "shipment":
        if not days:
            return _("It counts from the day it left the factory, %(day)s.") % facts
        return _("It counts from %(start)s, %(days)s days after it left the factory on %(day)s.") % facts
    from_made = _("It counts from %(start)s, %(days)s days after it was made on %(day)s; when it left the factory is not on record.")
    sentences = {
        "purchase": {
            "installation": _("It counts from the purchase on %(day)s, because no day of installation is on record."),
            "activation": _("It counts from the purchase on %(day)s, because no first use online is on record."),
            "": _("It counts from the purchase on %(day)s."),
        },
        "installation": {
            "activation": _("It counts from the installation on %(day)s, because no first use online is on record."),
            "": _("It counts from the installation on %(day)s."),
        },
        "activation": {"": _("It counts from the first use online on %(day)s.")},
        "shipment": {
            "": _("It counts from %(start)s, %(days)s days after it left the factory on %(day)s, because no purchase date is on record.")
        },
        "production": {
            "shipment": from_made,
            "": _("It counts from %(start)s, %(days)s days after it was made on %(day)s, because no purchase date is on record."),
        },
    }[kind]
    return sentences.get(rule, sentences[""]) % facts


def _extended(values: Mapping[str, Any]) -> str:
    added = [period_words(values.get("months"))]
    if values.get("days"):
        added.append(ngettext("%(count)s day", "%(count)s days", values["days"]) % {"count": values["days"]})
    much = " + ".join(piece for piece in added if piece)
    goodwill = values.get("kind") == "goodwill"
    if not much:
        until = {"day": day_words(values.get("until"))}
        return _("As goodwill we lengthened it until %(day)s.") % until if goodwill else _("Your plan lengthens it until %(day)s.") % until
    return _("As goodwill we added %(much)s.") % {"much": much} if goodwill else _("Your plan adds %(much)s.") % {"much": much}


def reason_words(reason: Reason | Mapping[str, Any]) -> str:
    """Return one reason as a sentence; takes the engine's Reason or its JSON form from a snapshot."""
    code = reason.code if isinstance(reason, Reason) else reason["code"]
    values: Mapping[str, Any] = reason.values if isinstance(reason, Reason) else reason.get("values", {})
    until = {"day": day_words(values.get("until"))}
    on = {"day": day_words(values.get("on"))}
    sentences = {
        "term": lambda: _term(values),
        "no_term": lambda: _("No warranty term speaks of this."),
        "excluded": lambda: _("The terms say that this is not covered."),
        "no_evidence": lambda: _("No purchase date is on record. With a receipt we can tell."),
        "months": lambda: _("It lasts %(period)s.") % {"period": period_words(values.get("months"))},
        "fixed_end": lambda: _("It lasts until %(day)s, whenever it was bought.") % until,
        "replaced": lambda: _("It came in exchange for another unit on %(day)s.") % on,
        "restarted": lambda: _("It came in exchange on %(day)s, and the period began anew.") % on,
        "inherits": lambda: _("It has the rest of the other unit's warranty, until %(day)s.") % until,
        "at_least": lambda: _("After an exchange it lasts at least %(days)s days, until %(day)s.") % {"days": values.get("days"), **until},
        "extended": lambda: _extended(values),
        "covered": lambda: _("Covered through %(day)s, that day included.") % until,
        "ended": lambda: _("It ended on %(day)s.") % until,
        "not_started": lambda: _("It begins on %(day)s.") % {"day": day_words(values.get("start"))},
        "under_review": lambda: _("The purchase date is still being checked; until then we take your word for it."),
        "ambiguous": lambda: _("Two of our terms contradict each other here. We are settling it; ask us and we decide in your favour."),
    }
    if code.startswith("from_"):
        return _begins(code.removeprefix("from_"), values)
    return sentences[code]() if code in sentences else ""
