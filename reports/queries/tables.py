"""Attempts in tables: by part of the period, product, language, channel, question, article and step."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.db.models import Avg, Count, Max, Q
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.i18n import language_suffix
from kb.models import HelpEvent, HelpSession
from reports.filters import Filters
from reports.queries.attempts import NOTHING, Kind, Outcome, attempts
from reports.tables import Column, Row, Table, added

MOST_ROWS = 500
OUTCOMES = (Outcome.SOLVED, Outcome.FAILED, Outcome.ESCALATED, Outcome.UNKNOWN, Outcome.OPEN)
OUTCOME_COLUMNS = [
    Column("attempts", pgettext_lazy("report", "Attempts"), params={}),
    Column("solved", pgettext_lazy("report", "Solved"), params={"outcome": "solved"}),
    Column("failed", pgettext_lazy("report", "Came back"), params={"outcome": "failed"}),
    Column("escalated", pgettext_lazy("report", "Needed a person"), params={"outcome": "escalated"}),
    Column("unknown", pgettext_lazy("report", "No word"), params={"outcome": "unknown"}),
    Column("open", pgettext_lazy("report", "Still open"), params={"outcome": "open"}),
    Column("rate", pgettext_lazy("report", "Self-service rate"), "percent"),
]
SUMMED = ("attempts", *(str(outcome) for outcome in OUTCOMES))
LANGUAGE_NAMES = {"zh-hans": "简体中文", "en": "English"}


def _counts() -> dict[str, Any]:
    return {"attempts": Count("pk"), **{str(outcome): Count("pk", filter=Q(outcome=outcome)) for outcome in OUTCOMES}}


def with_rate(values: dict[str, Any]) -> dict[str, Any]:
    """Add the self-service rate to counts of outcomes."""
    ended = values["solved"] + values["failed"] + values["escalated"]
    return {**values, "rate": values["solved"] / ended if ended else None}


def _outcome_table(key: str, title: Any, note: Any, first: Column, rows: list[Row]) -> Table:
    return Table(key, title, note, [first, *OUTCOME_COLUMNS], rows, with_rate(added(rows, SUMMED)), bar="attempts")


def by_time(filters: Filters) -> Table:
    """Return how the attempts of each day or week ended."""
    zone = filters.period.zone
    found = attempts(filters).order_by().annotate(day=TruncDate("started_at", tzinfo=zone)).values("day").annotate(**_counts())
    days: dict[date, dict[str, Any]] = {row["day"]: dict(row) for row in found}
    rows = []
    for part in filters.period.parts():
        mine = [row for day, row in days.items() if part.first <= day <= part.last]
        values = {key: sum(counts[key] for counts in mine) for key in SUMMED}
        label = part.first.isoformat() if part.days == 1 else f"{part.first:%Y-%m-%d} – {part.last:%m-%d}"
        when = {"days": "", "from": part.first.isoformat(), "to": part.last.isoformat()}
        rows.append(Row(with_rate({"name": label, "short": f"{part.first:%m-%d}", **values}), when))
    first = Column("name", pgettext_lazy("report", "Days"), "text")
    return _outcome_table("time", gettext_lazy("How attempts ended"), gettext_lazy("By the day an attempt began."), first, rows)


def by_product(filters: Filters) -> Table:
    """Return how attempts ended, by model; what names only a family, or nothing, has rows of its own."""
    keys = ("family__slug", "family__name_zh_hans", "family__name_en", "model__slug", "model__number")
    found = attempts(filters).order_by().values(*keys).annotate(**_counts()).order_by("-attempts", "model__number", "family__slug")
    rows = []
    for row in found:
        family, chinese, english, model, number = (row.pop(key) for key in keys)
        name = english if language_suffix() == "en" else chinese
        label = f"{number} {name}" if number else name or _("Not named")
        rows.append(Row(with_rate({"name": label, **row}), {"of_family": family or NOTHING, "model": model or NOTHING}))
    first = Column("name", pgettext_lazy("report", "Product"), "text")
    note = gettext_lazy("The machine an attempt was about, as far as it is known.")
    return _outcome_table("product", gettext_lazy("By product"), note, first, rows)


def by_language(filters: Filters) -> Table:
    """Return how attempts ended, by language."""
    rows = []
    for row in attempts(filters).order_by().values("language").annotate(**_counts()).order_by("-attempts"):
        language = row.pop("language")
        rows.append(Row(with_rate({"name": LANGUAGE_NAMES.get(language, language), **row}), {"of_language": language}))
    first = Column("name", pgettext_lazy("report", "Language"), "text")
    return _outcome_table("language", gettext_lazy("By language"), gettext_lazy("The language of the pages."), first, rows)


def by_channel(filters: Filters) -> Table:
    """Return how attempts ended, by the last door they stood at."""
    names = dict(HelpSession.Channel.choices)
    rows = []
    for row in attempts(filters).order_by().values("channel").annotate(**_counts()).order_by("-attempts"):
        channel = row.pop("channel")
        rows.append(Row(with_rate({"name": str(names.get(channel, channel)), **row}), {"channel": channel}))
    first = Column("name", pgettext_lazy("report", "Where"), "text")
    note = gettext_lazy("The last place at which answers were shown; pages and search where there was no form.")
    return _outcome_table("channel", gettext_lazy("By channel"), note, first, rows)


def _events(filters: Filters) -> Any:
    """Return the events of the report's attempts."""
    period = filters.period
    rows = HelpEvent.objects.filter(session__started_at__gte=period.since, session__started_at__lt=period.until).order_by()
    if filters.family:
        rows = rows.filter(session__family=filters.family)
    if filters.entry:
        rows = rows.filter(session__channel=filters.entry)
    return rows.filter(session__language=filters.language) if filters.language else rows


CONTACT = Q(session__outcome__in=(Outcome.FAILED, Outcome.ESCALATED))


def by_query(filters: Filters) -> Table:
    """Return the questions asked, how often without an answer, and how the attempts ended."""

    def distinct(condition: Q | None = None) -> Any:
        return Count("session", distinct=True, filter=condition)

    found = (
        _events(filters)
        .filter(kind=Kind.QUERY)
        .values("query")
        .annotate(
            attempts=distinct(),
            nothing=distinct(Q(data__found=0)),
            solved=distinct(Q(session__outcome=Outcome.SOLVED)),
            contact=distinct(CONTACT),
        )
        .order_by("-attempts", "query")[:MOST_ROWS]
    )
    rows = [Row({**row, "name": row["query"]}, {"query": row["query"]}) for row in found]
    columns = [
        Column("name", pgettext_lazy("report", "Question"), "text"),
        Column("attempts", pgettext_lazy("report", "Attempts"), params={}),
        Column("nothing", pgettext_lazy("report", "Nothing found"), params={"found": "0"}),
        Column("solved", pgettext_lazy("report", "Solved"), params={"outcome": "solved"}),
        Column("contact", pgettext_lazy("report", "Contact followed"), params={"contact": "1"}),
    ]
    note = gettext_lazy("In the words of visitors; an attempt with several questions is in several rows.")
    return Table("query", gettext_lazy("By question"), note, columns, rows, bar="attempts")


def by_article(filters: Filters) -> Table:
    """Return what became of each answer: shown, opened, read, solved, unhelpful, followed by a contact."""
    opened = Q(kind=Kind.OPENED)
    found = (
        _events(filters)
        .exclude(document_key="")
        .filter(kind__in=[Kind.SHOWN, Kind.OPENED, Kind.READ, Kind.VOTED])
        .values("document_key")
        .annotate(
            name=Max("title"),
            url=Max("url"),
            shown=Count("pk", filter=Q(kind=Kind.SHOWN)),
            opened=Count("pk", filter=opened),
            seconds=Avg("seconds", filter=Q(kind=Kind.READ)),
            unhelpful=Count("session", filter=Q(kind=Kind.VOTED, data__helpful=False), distinct=True),
            contact=Count("pk", filter=opened & CONTACT),
        )
        .order_by("-opened", "-shown", "document_key")[:MOST_ROWS]
    )
    solved = dict(attempts(filters).filter(outcome=Outcome.SOLVED).order_by().values_list("solved_by_key").annotate(times=Count("pk")))
    rows = []
    for row in found:
        key = row.pop("document_key")
        values = {**row, "name": row["name"] or key, "solved": solved.get(key, 0)}
        rows.append(
            Row({**values, "rate": values["solved"] / row["opened"] if row["opened"] else None}, {"article": key}, url=row.pop("url"))
        )
    columns = [
        Column("name", pgettext_lazy("report", "Answer"), "text"),
        Column("shown", pgettext_lazy("report", "Shown"), params={"did": "shown"}),
        Column("opened", pgettext_lazy("report", "Opened"), params={"did": "opened"}),
        Column("seconds", pgettext_lazy("report", "Read, seconds"), "seconds"),
        Column("solved", pgettext_lazy("report", "Solved by it"), params={"did": "solved"}),
        Column("rate", pgettext_lazy("report", "Solved ÷ opened"), "percent"),
        Column("unhelpful", pgettext_lazy("report", "Unhelpful"), params={"did": "unhelpful"}),
        Column("contact", pgettext_lazy("report", "Contact followed"), params={"did": "contact"}),
    ]
    note = gettext_lazy("Time counts while the page is visible and in focus. A contact after reading is not always the page's fault.")
    return Table("article", gettext_lazy("By answer"), note, columns, rows, bar="opened")


def by_step(filters: Filters) -> Table:
    """Return at which step of a guide readers stopped, and how their attempts ended."""
    events = _events(filters).filter(kind=Kind.READ, step__gt=0)
    found = (
        events.values("document_key", "step")
        .annotate(
            name=Max("title"),
            stopped=Count("pk"),
            seconds=Avg("seconds"),
            solved=Count("pk", filter=Q(session__outcome=Outcome.SOLVED)),
            contact=Count("pk", filter=CONTACT),
        )
        .order_by("-contact", "-stopped", "document_key", "step")[:MOST_ROWS]
    )
    titles = {(key, step): data.get("reached", "") for key, step, data in events.values_list("document_key", "step", "data")[:5000]}
    rows = []
    for row in found:
        key, step = row.pop("document_key"), row["step"]
        part = titles.get((key, step), "")
        rows.append(Row({**row, "part": f"{step}. {part}" if part else str(step)}, {"article": key, "did": "step", "step": str(step)}))
    columns = [
        Column("name", pgettext_lazy("report", "Guide"), "text"),
        Column("part", pgettext_lazy("report", "Furthest step"), "text"),
        Column("stopped", pgettext_lazy("report", "Stopped there"), params={}),
        Column("seconds", pgettext_lazy("report", "Read, seconds"), "seconds"),
        Column("solved", pgettext_lazy("report", "Solved"), params={"outcome": "solved"}),
        Column("contact", pgettext_lazy("report", "Contact followed"), params={"contact": "1"}),
    ]
    note = gettext_lazy("Steps after which most readers needed a person come first: there the guide loses them.")
    return Table("step", gettext_lazy("By step"), note, columns, rows, bar="contact")


ATTEMPT_TABLES: Mapping[str, Callable[[Filters], Table]] = {
    "time": by_time,
    "product": by_product,
    "article": by_article,
    "step": by_step,
    "query": by_query,
    "language": by_language,
    "channel": by_channel,
}
