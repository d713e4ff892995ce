"""Reading the deflection ledger: what an agent sees in ten seconds, and the figures of self-service."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from kb.models import HelpEvent, HelpSession


@dataclass(frozen=True)
class LedgerLine:
    """One line of the summary: what happened (kind), in words, with a remark, an address, when, and a tone for the eye."""

    kind: str
    text: str
    note: str = ""
    url: str = ""
    at: datetime | None = None
    tone: str = ""


def ledger_summary(session: HelpSession | None) -> list[LedgerLine]:
    """Return what a visitor tried, in order: searches, what was opened and how long it was read, votes, how it ended.

    Answers that were shown and not opened are one line. Two queries at most.
    """
    if session is None:
        return []
    events = list(session.events.all())
    reading = {event.document_key: event for event in events if event.kind == HelpEvent.Kind.READ}
    votes = {event.document_key: event for event in events if event.kind == HelpEvent.Kind.VOTED}
    opened = {event.document_key for event in events if event.kind == HelpEvent.Kind.OPENED}
    lines = []
    for event in events:
        if event.kind == HelpEvent.Kind.QUERY:
            lines.append(
                LedgerLine("query", event.query, note=_found_words(event), at=event.at, tone="care" if event.data.get("found") == 0 else "")
            )
        elif event.kind == HelpEvent.Kind.OPENED:
            lines.append(_opened_line(event, reading.get(event.document_key), votes.get(event.document_key)))
        elif event.kind == HelpEvent.Kind.DIAGNOSIS:
            lines.append(_diagnosis_line(event))
    unopened = [
        event.title or event.document_key for event in events if event.kind == HelpEvent.Kind.SHOWN and event.document_key not in opened
    ]
    if unopened:
        lines.append(LedgerLine("shown", _("Shown, not opened: %(titles)s") % {"titles": _listing(unopened)}))
    lines.append(LedgerLine("outcome", str(session.get_outcome_display()), at=session.outcome_at, tone=_tone(session.outcome)))
    return lines


def _found_words(event: HelpEvent) -> str:
    found = event.data.get("found")
    if found is None:
        return ""
    if found == 0:
        return _("nothing found")
    return ngettext("%(count)s answer", "%(count)s answers", found) % {"count": found}


def _opened_line(event: HelpEvent, read: HelpEvent | None, vote: HelpEvent | None) -> LedgerLine:
    notes = []
    if read is not None:
        notes.append(_reading_words(read))
    if vote is not None:
        notes.append(_("said it helped") if vote.data.get("helpful") else _("said it did not help"))
    tone = "" if vote is None else ("good" if vote.data.get("helpful") else "care")
    return LedgerLine("opened", event.title or event.document_key, note=" · ".join(notes), url=event.url, at=event.at, tone=tone)


# Where a diagnosis led (diagnosis.tree.OUTCOMES), in the words of staff.
DIAGNOSIS_ENDS = {
    "": _lazy("not finished"),
    "solved_guide": _lazy("led to a guide"),
    "needs_part": _lazy("a part is needed"),
    "needs_visit": _lazy("an engineer is needed"),
    "danger": _lazy("stopped: danger"),
    "ask_person": _lazy("sent to a person"),
}


def _diagnosis_line(event: HelpEvent) -> LedgerLine:
    outcome, solved, answers = event.data.get("outcome", ""), event.data.get("solved"), event.data.get("answers", 0)
    notes = [ngettext("%(count)s answer given", "%(count)s answers given", answers) % {"count": answers}]
    notes.append(str(DIAGNOSIS_ENDS.get(outcome, outcome)))
    if solved is not None:
        notes.append(_("said it helped") if solved else _("said it did not help"))
    tone = "care" if outcome == "danger" or solved is False else ("good" if solved else "")
    return LedgerLine("diagnosis", event.title or event.document_key, note=" · ".join(notes), url=event.url, at=event.at, tone=tone)


def _reading_words(read: HelpEvent) -> str:
    minutes, seconds = divmod(read.seconds, 60)
    words = (
        _("read for %(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": seconds}
        if minutes
        else _("read for %(seconds)s s") % {"seconds": seconds}
    )
    reached = read.data.get("reached")
    return _("%(time)s, up to “%(part)s”") % {"time": words, "part": reached} if reached else words


def _listing(titles: list[str]) -> str:
    shown = "; ".join(dict.fromkeys(titles[:3]))
    more = len(titles) - 3
    return _("%(titles)s and %(count)s more") % {"titles": shown, "count": more} if more > 0 else shown


def _tone(outcome: str) -> str:
    return {HelpSession.Outcome.SOLVED: "good", HelpSession.Outcome.FAILED: "care", HelpSession.Outcome.ESCALATED: "info"}.get(outcome, "")  # type: ignore[call-overload]


def deflection_figures(since: datetime, until: datetime) -> dict[str, Any]:
    """Return how attempts that began in [since, until) ended: a count an outcome, and the self-service rate.

    `rate` is solved ÷ (solved + escalated + failed), a number between 0 and 1, or None where nothing has ended.
    """
    sessions = HelpSession.objects.filter(started_at__gte=since, started_at__lt=until)
    counted = sessions.aggregate(**{value: Count("pk", filter=Q(outcome=value)) for value in HelpSession.Outcome.values})
    ended = counted["solved"] + counted["escalated"] + counted["failed"]
    return {**counted, "total": sum(counted.values()), "rate": counted["solved"] / ended if ended else None}
