"""Where answers are missing: questions without one, pages that do not help, topics that people answer by hand; and what drives contacts."""

from collections import Counter
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from kb.models import ArticleVote
from reports.filters import Filters
from reports.queries.attempts import NOTHING
from reports.queries.contacts import REPAIR, Driver, drivers, unaided_topics
from reports.tables import Column, Row, Table, added
from search.models import SearchLog
from tickets.models import Ticket

MOST_ROWS = 500


def searches(filters: Filters) -> QuerySet[SearchLog]:
    """Return the searches of the period, of the language and, where it was chosen as a filter, the product."""
    rows = SearchLog.objects.filter(at__gte=filters.period.since, at__lt=filters.period.until)
    if filters.family:
        rows = rows.filter(product=filters.family.slug)
    return rows.filter(language=filters.language) if filters.language else rows


def votes(filters: Filters) -> QuerySet[ArticleVote]:
    """Return the votes of the period, of the pages of a product and of the language."""
    rows = ArticleVote.objects.filter(created_at__gte=filters.period.since, created_at__lt=filters.period.until)
    if filters.family:
        code = f"code:{filters.family.slug}:"
        rows = rows.filter(Q(page__in=filters.family.guides.all()) | Q(subject_key__startswith=code))
    return rows.filter(language=filters.language) if filters.language else rows


def unanswered(filters: Filters) -> Table:
    """Return the questions that found nothing, most frequent first."""
    found = (
        searches(filters)
        .filter(total=0)
        .order_by()
        .values("query", "language")
        .annotate(times=Count("pk"), last=Max("at"))
        .order_by("-times", "-last")[:MOST_ROWS]
    )
    rows = [
        Row(
            {"name": row["query"], "times": row["times"], "last": row["last"]},
            {"query": row["query"], "of_language": row["language"]},
        )
        for row in found
    ]
    columns = [
        Column("name", pgettext_lazy("report", "Question"), "text"),
        Column("times", pgettext_lazy("report", "Times"), params={"total": "0"}),
        Column("last", pgettext_lazy("report", "Last"), "moment"),
    ]
    note = gettext_lazy("What people searched for and found nothing that fits.")
    total = {"times": searches(filters).filter(total=0).count()}
    return Table("unanswered", gettext_lazy("Questions without an answer"), note, columns, rows, total, "searches", bar="times")


def unhelpful(filters: Filters) -> Table:
    """Return the pages voted unhelpful with their most frequent reason."""
    reasons: dict[str, Counter[str]] = {}
    for key, reason, times in (
        votes(filters).filter(helpful=False).order_by().values_list("subject_key", "reason").annotate(times=Count("pk"))
    ):
        reasons.setdefault(key, Counter())[reason] += times
    found = (
        votes(filters)
        .order_by()
        .values("subject_key")
        .annotate(name=Max("title"), no=Count("pk", filter=Q(helpful=False)), yes=Count("pk", filter=Q(helpful=True)))
        .filter(no__gt=0)
        .order_by("-no", "subject_key")[:MOST_ROWS]
    )
    names = dict(ArticleVote.Reason.choices)
    rows = []
    for row in found:
        key = row.pop("subject_key")
        given = [(reason, times) for reason, times in reasons[key].most_common() if reason]
        why = str(names.get(given[0][0], "")) if given else _("No reason given")
        rows.append(Row({**row, "why": why, "share": row["yes"] / (row["yes"] + row["no"])}, {"subject": key}))
    columns = [
        Column("name", pgettext_lazy("report", "Page"), "text"),
        Column("no", pgettext_lazy("report", "No"), params={"helpful": "0"}),
        Column("yes", pgettext_lazy("report", "Yes"), params={"helpful": "1"}),
        Column("share", pgettext_lazy("report", "Helped"), "percent"),
        Column("why", pgettext_lazy("report", "Most frequent reason"), "text"),
    ]
    note = gettext_lazy("Answers to “Did this solve it?” at the foot of a page.")
    return Table("unhelpful", gettext_lazy("Unhelpful pages"), note, columns, rows, added(rows, ("no",)), "votes", bar="no")


def channel_name(channel: str) -> str:
    """Return how a contact came, in words."""
    return str(pgettext_lazy("channel", "repair")) if channel == REPAIR else str(dict(Ticket.Channel.choices).get(channel, channel))


def _topic(row: Driver) -> str:
    return row.topic or _("Not sorted")


def _product(row: Driver) -> str:
    return row.family.name if row.family else _("Not named")


def _params(row: Driver) -> dict[str, str]:
    return {"of_family": row.family.slug if row.family else NOTHING, "topic": row.topic_key}


def contact_drivers(filters: Filters) -> Table:
    """Return what people contact us about: product × code or problem × channel, beside the period before."""
    found = drivers(filters)
    every = sum(row.count for row in found)
    rows = [
        Row(
            {
                "name": _product(row),
                "topic": _topic(row),
                "channel": channel_name(row.channel),
                "count": row.count,
                "share": row.count / every,
                "before": row.before,
                "change": row.count - row.before,
            },
            {**_params(row), "channel": row.channel},
        )
        for row in found
    ]
    columns = [
        Column("name", pgettext_lazy("report", "Product"), "text"),
        Column("topic", pgettext_lazy("report", "Code or problem"), "text"),
        Column("channel", pgettext_lazy("report", "Channel"), "text"),
        Column("count", pgettext_lazy("report", "Contacts"), params={}),
        Column("share", pgettext_lazy("report", "Share"), "percent"),
        Column("before", pgettext_lazy("report", "Before"), "count"),
        Column("change", pgettext_lazy("report", "Change"), "change"),
    ]
    note = gettext_lazy("Requests, chats and repairs. “Before” is the period of the same length just before.")
    total = {"count": every, "share": 1 if every else None}
    return Table("drivers", gettext_lazy("What contacts are about"), note, columns, rows, total, "contacts", bar="count")


def without_article(filters: Filters) -> Table:
    """Return what requests were about that people answered without inserting any article."""
    found = unaided_topics(filters, limit=MOST_ROWS)
    rows = [Row({"name": _product(row), "topic": _topic(row), "count": row.count}, _params(row)) for row in found]
    columns = [
        Column("name", pgettext_lazy("report", "Product"), "text"),
        Column("topic", pgettext_lazy("report", "Code or problem"), "text"),
        Column("count", pgettext_lazy("report", "Requests"), params={"unaided": "1"}),
    ]
    note = gettext_lazy("Requests that were answered by a person with no article in any reply: either there is none, or nobody finds it.")
    return Table(
        "unaided", gettext_lazy("Topics without an article"), note, columns, rows, added(rows, ("count",)), "contacts", bar="count"
    )


GAP_TABLES: Any = {"drivers": contact_drivers, "unanswered": unanswered, "unhelpful": unhelpful, "unaided": without_article}
