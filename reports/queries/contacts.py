"""Contacts of a report: requests, chats and repairs as one list, without counting what grew out of another contact twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from chat.models import Conversation
from fieldservice.models import RepairOrder
from products.models import ErrorCode, ProblemNode, ProductFamily
from reports.filters import Filters
from reports.queries.attempts import NOTHING
from tickets.models import Ticket, TicketMessage

REPAIR, CHAT = "repair", "chat"


@dataclass(frozen=True)
class ContactRow:
    """One contact in a list."""

    reference: str
    created_at: datetime
    text: str
    channel: str
    language: str
    product: str

    @property
    def url(self) -> str:
        """Where staff open it."""
        return case_url(self.reference)


def case_url(reference: str) -> str:
    """Return where staff open a case by its number: request, chat or repair; empty for anything else."""
    kind = reference[:2]
    names = {"T-": "tickets:detail", "C-": "chatdesk:chat", "R-": "repairs:detail"}
    return reverse(names[kind], args=[reference]) if kind in names else ""


def _sources(filters: Filters) -> list[QuerySet[Any]]:
    """Return requests, chats and repairs of the period, each with channel, code and problem under one name."""
    period = filters.period
    own: dict[str, Any] = {"created_at__gte": period.since, "created_at__lt": period.until}
    if filters.family:
        own["family"] = filters.family
    if filters.language:
        own["language"] = filters.language
    if filters.entry:
        own["help_session__channel"] = filters.entry
    from_chat = Conversation.objects.filter(ticket=OuterRef("pk"))
    tickets = Ticket.objects.filter(~Exists(from_chat), **own).annotate(
        by=F("channel"), of_code=F("help_session__code"), of_problem=Coalesce(F("problem"), F("help_session__problem")), text=F("subject")
    )
    chats = Conversation.objects.filter(**own).annotate(
        by=_word(CHAT), of_code=F("help_session__code"), of_problem=F("help_session__problem"), text=F("question")
    )
    repairs = RepairOrder.objects.filter(ticket__isnull=True, conversation_reference="", **own).annotate(
        by=_word(REPAIR), of_code=Coalesce(F("code"), F("help_session__code")), of_problem=F("problem"), text=F("fault")
    )
    return [tickets, chats, repairs]


def _word(text: str) -> Value:
    return Value(text, output_field=CharField())


def count_contacts(filters: Filters) -> int:
    """Return how many contacts there were."""
    return sum(source.count() for source in _sources(filters))


def contacts_narrowed(filters: Filters, given: Mapping[str, str]) -> list[QuerySet[Any]]:
    """Return the sources narrowed to one cell of a table: of_family, topic, channel, unaided (requests without an article)."""
    sources = _sources(filters)
    if given.get("unaided"):
        sources = [unaided(sources[0])]
    if given.get("of_family"):
        slug = given["of_family"]
        sources = [rows.filter(family__isnull=True) if slug == NOTHING else rows.filter(family__slug=slug) for rows in sources]
    if given.get("topic"):
        sources = [rows.filter(_topic(given["topic"])) for rows in sources]
    return [rows.filter(by=given["channel"]) for rows in sources] if given.get("channel") else sources


def unaided(tickets: QuerySet[Any]) -> QuerySet[Any]:
    """Return the requests that were answered by a person, and in which no article was inserted."""
    replies = TicketMessage.objects.filter(ticket=OuterRef("pk"), author_kind=TicketMessage.Author.AGENT)
    return tickets.filter(Exists(replies)).exclude(Exists(replies.exclude(articles=[])))


def _topic(text: str) -> Q:
    kind, _colon, number = text.partition(":")
    if not number.isdecimal() or len(number) > 17:
        return Q(of_code__isnull=True, of_problem__isnull=True)
    return Q(of_code=int(number)) if kind == "code" else Q(of_code__isnull=True, of_problem=int(number))


def list_contacts(sources: list[QuerySet[Any]]) -> Any:
    """Return the contacts as one list, newest first: tuples for `contact_rows`; it can be counted and sliced."""
    fields = ("reference", "created_at", "text", "by", "language", "family_id")
    first, *others = [source.order_by().values_list(*fields) for source in sources]
    return (first.union(*others, all=True) if others else first).order_by("-created_at")


def contact_rows(found: Any) -> list[ContactRow]:
    """Return rows of `list_contacts` with the names of their products."""
    rows = list(found)
    families = {family.pk: family.name for family in ProductFamily.objects.filter(pk__in={row[5] for row in rows if row[5]})}
    return [ContactRow(*row[:5], product=families.get(row[5], "")) for row in rows]


@dataclass(frozen=True)
class Driver:
    """Contacts of one product, topic and channel."""

    family: ProductFamily | None
    topic: str
    topic_key: str
    channel: str
    count: int
    before: int


def drivers(filters: Filters) -> list[Driver]:
    """Return the contacts by product × code or problem × channel, most first, beside the period before."""
    now, then = _grouped(_sources(filters)), _grouped(_sources(filters.before()))
    families, codes, problems = names_of(set(now))
    rows = [
        Driver(families.get(family or 0), topic_name(topic, codes, problems), topic, channel, count, then.get((family, topic, channel), 0))
        for (family, topic, channel), count in now.items()
    ]
    return sorted(rows, key=lambda row: (-row.count, row.topic, row.channel))


def _grouped(sources: list[QuerySet[Any]]) -> dict[tuple[int | None, str, str], int]:
    found: dict[tuple[int | None, str, str], int] = {}
    for source in sources:
        rows = source.order_by().values_list("family", "of_code", "of_problem", "by").annotate(times=Count("pk"))
        for family, code, problem, by, times in rows:
            topic = f"code:{code}" if code else f"problem:{problem}" if problem else NOTHING
            found[(family, topic, by)] = found.get((family, topic, by), 0) + times
    return found


def names_of(keys: set[tuple[Any, ...]]) -> tuple[dict[int, ProductFamily], dict[int, ErrorCode], dict[int, ProblemNode]]:
    """Return the families, codes and problems that keys of (family, topic, …) name."""
    topics = {key[1] for key in keys}
    families = {row.pk: row for row in ProductFamily.objects.filter(pk__in={key[0] for key in keys if key[0]})}
    codes = {row.pk: row for row in ErrorCode.objects.filter(pk__in=_numbers(topics, "code"))}
    problems = {row.pk: row for row in ProblemNode.objects.filter(pk__in=_numbers(topics, "problem"))}
    return families, codes, problems


def _numbers(topics: set[str], kind: str) -> list[int]:
    return [int(topic.partition(":")[2]) for topic in topics if topic.startswith(f"{kind}:")]


def topic_name(topic: str, codes: Mapping[int, ErrorCode], problems: Mapping[int, ProblemNode]) -> str:
    """Return a topic in words: a code with its meaning, a problem's name, or nothing."""
    kind, _colon, number = topic.partition(":")
    if kind == "code" and int(number) in codes:
        code = codes[int(number)]
        return f"{code.code} {code.title}"
    return problems[int(number)].name if kind == "problem" and int(number) in problems else ""


def unaided_topics(filters: Filters, *, limit: int = 50) -> list[Driver]:
    """Return what requests are about that people answered without any article, most first."""
    counted = _grouped([unaided(_sources(filters)[0])])
    merged: dict[tuple[int | None, str], int] = {}
    for (family, topic, _channel), count in counted.items():
        merged[(family, topic)] = merged.get((family, topic), 0) + count
    families, codes, problems = names_of(set(merged))
    rows = [Driver(families.get(f or 0), topic_name(t, codes, problems), t, "", n, 0) for (f, t), n in merged.items()]
    return sorted(rows, key=lambda row: (-row.count, row.topic))[:limit]
