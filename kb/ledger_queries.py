"""Reading the deflection ledger: what an agent sees in ten seconds, and the figures of self-service."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext, pgettext

from kb.models import HelpEvent, HelpSession
from kb.subjects import typed_code

Kind = HelpEvent.Kind


@dataclass(frozen=True)
class LedgerLine:
    """One line of the summary: what happened (kind), in words, with a remark, an address, when, a tone for the eye and an icon.

    `text` is the bare thing (the words searched, the title), `words` the whole sentence.
    """

    kind: str
    text: str
    note: str = ""
    url: str = ""
    at: datetime | None = None
    tone: str = ""
    icon: str = "flag"
    words: str = ""

    def __post_init__(self) -> None:
        if not self.words:
            object.__setattr__(self, "words", self.text)


@dataclass
class Trail:
    """The events of one attempt, sorted so that a renderer finds what belongs to its own."""

    events: list[HelpEvent]
    reading: dict[str, HelpEvent] = field(default_factory=dict)
    votes: dict[str, HelpEvent] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.reading = {event.document_key: event for event in self.events if event.kind == Kind.READ}
        self.votes = {event.document_key: event for event in self.events if event.kind == Kind.VOTED}
        self.opened = {event.document_key for event in self.events if event.kind == Kind.OPENED}


Renderer = Callable[[HelpEvent, Trail], LedgerLine | None]
Source = Callable[[HelpSession], list[LedgerLine]]


def ledger_summary(session: HelpSession | None) -> list[LedgerLine]:
    """Return what a visitor tried, in order: searches, what was opened and how long it was read, votes, diagnoses, how it ended.

    Answers that were shown and not opened are one line. Each kind of event has its renderer in RENDERERS; what other rooms know about the
    attempt comes from SOURCES.
    """
    if session is None:
        return []
    trail = Trail(list(session.events.all()))
    lines = [line for event in trail.events if (renderer := RENDERERS.get(event.kind)) and (line := renderer(event, trail))]
    for source in SOURCES:
        lines += source(session)
    lines += _not_opened(trail)
    ended = str(session.get_outcome_display())
    lines.append(LedgerLine("outcome", ended, at=session.outcome_at, tone=_tone(session.outcome), note=_came_back(session)))
    return lines


# --- One renderer a kind of event --------------------------------------------------------------------------------------


def _query_line(event: HelpEvent, trail: Trail) -> LedgerLine:
    words = _("searched “%(words)s”") % {"words": event.query}
    tone = "care" if event.data.get("found") == 0 else ""
    return LedgerLine("query", event.query, note=_found_words(event), at=event.at, tone=tone, icon="search", words=words)


def _opened_line(event: HelpEvent, trail: Trail) -> LedgerLine:
    read, vote = trail.reading.get(event.document_key), trail.votes.get(event.document_key)
    notes = []
    if read is not None:
        notes.append(_reading_words(read))
    if vote is not None:
        notes.append(_vote_words(bool(vote.data.get("helpful"))))
    tone = "" if vote is None else ("good" if vote.data.get("helpful") else "care")
    title = event.title or event.document_key
    return LedgerLine("opened", title, note=" · ".join(notes), url=event.url, at=event.at, tone=tone, icon="book")


def _voted_line(event: HelpEvent, trail: Trail) -> LedgerLine | None:
    """Votes on what was opened stand there; others get a line of their own."""
    if event.document_key in trail.opened:
        return None
    helpful = bool(event.data.get("helpful"))
    title = event.title or event.document_key
    tone, icon = ("good", "check") if helpful else ("care", "close")
    return LedgerLine("voted", title, note=_vote_words(helpful), at=event.at, tone=tone, icon=icon)


# Where a diagnosis led (diagnosis.tree.OUTCOMES), in the words of staff.
DIAGNOSIS_ENDS = {
    "": _lazy("not finished"),
    "solved_guide": _lazy("led to a guide"),
    "needs_part": _lazy("a part is needed"),
    "needs_visit": _lazy("an engineer is needed"),
    "danger": _lazy("stopped: danger"),
    "ask_person": _lazy("sent to a person"),
}


def _diagnosis_line(event: HelpEvent, trail: Trail) -> LedgerLine:
    outcome, solved, answers = event.data.get("outcome", ""), event.data.get("solved"), event.data.get("answers", 0)
    notes = [ngettext("%(count)s answer given", "%(count)s answers given", answers) % {"count": answers}]
    notes.append(str(DIAGNOSIS_ENDS.get(outcome, outcome)))
    if solved is not None:
        notes.append(_vote_words(solved))
    tone = "care" if outcome == "danger" or solved is False else ("good" if solved else "")
    title = event.title or event.document_key
    words = _("went through “%(title)s”") % {"title": title}
    return LedgerLine("diagnosis", title, note=" · ".join(notes), url=event.url, at=event.at, tone=tone, icon="branch", words=words)


def _contact_line(event: HelpEvent, trail: Trail) -> LedgerLine:
    days, reference = event.data.get("days", 0), event.data.get("reference", "")
    words = (
        ngettext("made contact after %(days)s day", "made contact after %(days)s days", days) % {"days": days}
        if days
        else _("made contact the same day")
    )
    return LedgerLine("contact", reference, note=reference, at=event.at, tone="care", icon="chat", words=words)


#: Kind of event → what the summary says about it; kinds without an entry say nothing by themselves. Rooms above add theirs.
RENDERERS: dict[str, Renderer] = {
    Kind.QUERY: _query_line,
    Kind.OPENED: _opened_line,
    Kind.VOTED: _voted_line,
    Kind.DIAGNOSIS: _diagnosis_line,
    Kind.CONTACT: _contact_line,
}
#: Functions that add lines about an attempt from rooms above (the answers of a diagnosis).
SOURCES: list[Source] = []


def add_source(source: Source) -> None:
    """Let a room above add its lines to every summary; called once, from its `AppConfig.ready`."""
    if source not in SOURCES:
        SOURCES.append(source)


def _not_opened(trail: Trail) -> list[LedgerLine]:
    lines = []
    for kind, words in ((Kind.SHOWN, _("Shown, not opened: %(titles)s")), (Kind.HELD, _("Held back for comparison: %(titles)s"))):
        unread = [event for event in trail.events if event.kind == kind and event.document_key not in trail.opened]
        titles = [event.title or event.document_key for event in unread]
        if titles:
            lines.append(LedgerLine(str(kind), words % {"titles": _listing(titles)}, icon="eye"))
    return lines


def _found_words(event: HelpEvent) -> str:
    found = event.data.get("found")
    if found is None:
        return ""
    if found == 0:
        return _("nothing found")
    return ngettext("%(count)s answer", "%(count)s answers", found) % {"count": found}


def _vote_words(helpful: bool) -> str:
    return _("said it helped") if helpful else _("said it did not help")


def _reading_words(read: HelpEvent) -> str:
    minutes, seconds = divmod(read.seconds, 60)
    words = (
        _("read for %(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": seconds}
        if minutes
        else _("read for %(seconds)s s") % {"seconds": seconds}
    )
    reached = read.data.get("reached")
    if read.step and reached:
        return _("%(time)s, up to step %(step)s “%(part)s”") % {"time": words, "step": read.step, "part": reached}
    return _("%(time)s, up to “%(part)s”") % {"time": words, "part": reached} if reached else words


def _listing(titles: list[str]) -> str:
    shown = "; ".join(dict.fromkeys(titles[:3]))
    more = len(titles) - 3
    return _("%(titles)s and %(count)s more") % {"titles": shown, "count": more} if more > 0 else shown


def _came_back(session: HelpSession) -> str:
    return session.contact_reference if session.outcome == HelpSession.Outcome.FAILED else ""


def _tone(outcome: str) -> str:
    return {HelpSession.Outcome.SOLVED: "good", HelpSession.Outcome.FAILED: "care", HelpSession.Outcome.ESCALATED: "info"}.get(outcome, "")  # type: ignore[call-overload]


# --- The first line: product, code, what was tried, where they gave up -------------------------------------------------


@dataclass(frozen=True)
class Brief:
    """An attempt in one breath; every part may be empty."""

    product: str = ""
    code: str = ""
    tried: str = ""
    gave_up: str = ""

    @property
    def line(self) -> str:
        """Return all parts in order, with dots between them."""
        return " · ".join(part for part in (self.product, self.code, self.tried, self.gave_up) if part)

    def __bool__(self) -> bool:
        return bool(self.tried or self.gave_up or self.code)


def brief_of(session: HelpSession | None, *, product: str = "", code: str = "") -> Brief:
    """Return an attempt in one breath (events, model, family and code loaded beforehand cost nothing more).

    Args:
        product, code: what the case itself knows, before what the attempt knows.
    """
    if session is None:
        return Brief(product=product, code=code)
    trail = Trail(list(session.events.all()))
    known = session.model.number if session.model_id else (session.family.name if session.family_id else "")
    return Brief(
        product=product or known,
        code=code or (session.code.code if session.code_id else _typed(trail)),
        tried=tried_words(trail),
        gave_up=gave_up_words(trail),
    )


def _typed(trail: Trail) -> str:
    return next((code for event in trail.events if event.kind == Kind.QUERY and (code := typed_code(event.query))), "")


def tried_words(trail: Trail) -> str:
    """Return in a few words what was tried: the diagnosis, the last two searches and how much was opened; at most two of these."""
    queries = list(dict.fromkeys(event.query for event in trail.events if event.kind == Kind.QUERY and event.query))[-2:]
    parts = [_("“%(query)s”") % {"query": query} for query in queries]
    searched = _("searched %(queries)s") % {"queries": pgettext("between two in a list", ", ").join(parts)} if queries else ""
    opened = len(trail.opened)
    read = ngettext("opened %(count)s answer", "opened %(count)s answers", opened) % {"count": opened} if opened else ""
    checked = next((event for event in reversed(trail.events) if event.kind == Kind.DIAGNOSIS), None)
    diagnosis = _("went through “%(title)s”") % {"title": checked.title} if checked else ""
    said = [words for words in (diagnosis, searched, read) if words]
    return _("%(one)s, %(two)s") % {"one": said[0], "two": said[1]} if len(said) > 1 else "".join(said)


def gave_up_words(trail: Trail) -> str:
    """Return where the attempt stopped: the last step of the last guide, the end of a diagnosis, a no, or nothing worth opening."""
    last = next((event for event in reversed(trail.events) if event.kind in {Kind.READ, Kind.DIAGNOSIS, Kind.OPENED, Kind.VOTED}), None)
    if last is None:
        shown = sum(1 for event in trail.events if event.kind == Kind.SHOWN)
        words = ngettext("opened none of %(count)s answer shown", "opened none of %(count)s answers shown", shown)
        return words % {"count": shown} if shown else ""
    if last.kind == Kind.DIAGNOSIS:
        return _("diagnosis: %(end)s") % {"end": DIAGNOSIS_ENDS.get(last.data.get("outcome", ""), "")}
    read, vote = trail.reading.get(last.document_key), trail.votes.get(last.document_key)
    title = last.title or last.document_key
    if read is not None and read.step:
        return _("stopped at step %(step)s of “%(title)s”") % {"step": read.step, "title": title}
    if vote is not None and not vote.data.get("helpful"):
        return pgettext("attempt", "“%(title)s” did not help") % {"title": title}
    return _("last read “%(title)s”") % {"title": title}


def deflection_figures(since: datetime, until: datetime) -> dict[str, Any]:
    """Return how attempts that began in [since, until) ended: a count an outcome, and the self-service rate.

    `rate` is solved ÷ (solved + escalated + failed), a number between 0 and 1, or None where nothing has ended.
    """
    sessions = HelpSession.objects.filter(started_at__gte=since, started_at__lt=until)
    counted = sessions.aggregate(**{value: Count("pk", filter=Q(outcome=value)) for value in HelpSession.Outcome.values})
    ended = counted["solved"] + counted["escalated"] + counted["failed"]
    return {**counted, "total": sum(counted.values()), "rate": counted["solved"] / ended if ended else None}
