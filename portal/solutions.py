"""Solved requests and chats as cases that a guide can be drafted from; and the editors' lists that come from them."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Address, Contact
from chat.models import ChatMessage, Conversation
from chat.permissions import works_chat
from core.brand import current_brand
from core.i18n import bilingual, normal_language
from kb.models import GuidePage, GuideSource
from kb.permissions import can_propose
from kb.proposals import Case, known_of
from kb.redaction import redact
from kb.worklists import MOST_ROWS, Filters, Row, WorkList
from tickets import states
from tickets.models import Ticket, TicketMessage
from tickets.permissions import works_desk

TIMES = 2


def _addresses(contact: Contact | None) -> list[Address]:
    return list(Address.objects.filter(user_id=contact.user_id)) if contact is not None and contact.user_id else []


def _machine(case: Any) -> dict[str, Any]:
    unit, model = case.unit, case.model
    brand = current_brand()
    serials = [unit.serial if unit else "", getattr(case, "serial_text", "")]
    orders = [case.reference, getattr(case.help_session, "contact_reference", "") if case.help_session else ""]
    keep = [model.number if model else "", brand.hotline, brand.email]
    return {"serials": serials, "orders": orders, "keep": keep}


def case_of_ticket(ticket: Ticket) -> Case:
    """Return a request as a case."""
    messages = list(TicketMessage.objects.filter(ticket=ticket).select_related("author"))
    known = known_of(
        contacts=[ticket.contact],
        staff=[ticket.assignee, *(row.author for row in messages)],
        names=[row.author_name for row in messages],
        addresses=_addresses(ticket.contact),
        **_machine(ticket),
    )
    return Case(
        kind=GuideSource.Kind.TICKET,
        reference=ticket.reference,
        language=normal_language(ticket.language),
        question=ticket.subject,
        said=ticket.description,
        answers=tuple(row.body for row in messages if row.author_kind == TicketMessage.Author.AGENT),
        known=known,
        solved=ticket.status in states.DONE,
        family=ticket.family,
        model=ticket.model,
    )


def case_of_chat(chat: Conversation) -> Case:
    """Return a chat as a case; its internal notes are not part of it."""
    messages = [row for row in ChatMessage.objects.filter(conversation=chat).select_related("agent") if row.text]
    visitor = [row.text for row in messages if row.sender == ChatMessage.Sender.VISITOR and row.kind == ChatMessage.Kind.TEXT]
    known = known_of(
        contacts=[chat.contact],
        staff=[chat.agent, *(row.agent for row in messages)],
        names=[chat.visitor_name, *(row.sender_name for row in messages)],
        addresses=_addresses(chat.contact),
        **_machine(chat),
    )
    return Case(
        kind=GuideSource.Kind.CHAT,
        reference=chat.reference,
        language=normal_language(chat.language),
        question=chat.question or (visitor[0] if visitor else ""),
        said="\n".join(dict.fromkeys([chat.question, *visitor])).strip(),
        answers=tuple(row.text for row in messages if row.sender == ChatMessage.Sender.AGENT and row.kind == ChatMessage.Kind.TEXT),
        known=known,
        solved=chat.status == Conversation.Status.ENDED,
        family=chat.family,
        model=chat.model,
    )


def ticket_address(user: Any, reference: str) -> str:
    """Return the address of a request at the desk, for whoever works there."""
    return reverse("tickets:detail", args=[reference]) if works_desk(user) else ""


def chat_address(user: Any, reference: str) -> str:
    """Return the address of a chat in the console, for whoever works there."""
    return reverse("chatdesk:chat", args=[reference]) if works_chat(user) else ""


# --- lists --------------------------------------------------------------------------------------------------------------


def _since(filters: Filters) -> datetime:
    return timezone.now() - timedelta(days=filters.days)


def inserted_rows(filters: Filters) -> list[Row]:
    """Return the guides that staff put into answers, most used first, with how often the case was then solved."""
    used: dict[tuple[str, str], list[tuple[bool, datetime, str]]] = defaultdict(list)
    messages = TicketMessage.objects.filter(created_at__gte=_since(filters), author_kind=TicketMessage.Author.AGENT).exclude(articles=[])
    for articles, status, language, at in messages.values_list("articles", "ticket__status", "ticket__language", "created_at"):
        for article in articles:
            used[article.get("key", ""), normal_language(language)].append((status in states.DONE, at, article.get("title", "")))
    chats = ChatMessage.objects.filter(at__gte=_since(filters), kind=ChatMessage.Kind.ARTICLE)
    for data, solved, language, at in chats.values_list("data", "conversation__solved", "conversation__language", "at"):
        used[data.get("key", ""), normal_language(language)].append((solved == Conversation.Solved.YES, at, data.get("title", "")))
    pages = _pages_by_key(key for key, _language in used)
    rows = []
    for (key, language), times in used.items():
        page = pages.get((key, language))
        helped = sum(done for done, _at, _title in times)
        rows.append(
            Row(
                key=f"{key}:{language}"[:200],
                title=page.title if page else times[0][2] or key,
                facts=(_("solved afterwards: %(solved)s of %(times)s") % {"solved": helped, "times": len(times)},),
                count=len(times),
                language=language,
                families=tuple(family.slug for family in page.families.all()) if page else (),
                at=max(at for _done, at, _title in times),
                page_id=page.pk if page else None,
            )
        )
    return sorted(rows, key=lambda row: -row.count)[:MOST_ROWS]


def _pages_by_key(keys: Iterable[str]) -> dict[tuple[str, str], GuidePage]:
    wanted = {key.partition(":")[2].removesuffix(":zh-hans").removesuffix(":en") for key in keys if key.startswith("guide:")}
    pages = GuidePage.objects.filter(translation_key__in=[key for key in wanted if len(key) == 36]).select_related("locale")
    found = {}
    for page in pages.prefetch_related("families").defer("body"):
        language = normal_language(page.locale.language_code)
        found[f"guide:{page.translation_key}", language] = found[f"guide:{page.translation_key}:{language}", language] = page
    return found


def unwritten_rows(filters: Filters) -> list[Row]:
    """Return the topics that staff solved at least twice without an article to point to, most frequent first."""
    done = Ticket.objects.filter(status__in=states.DONE, updated_at__gte=_since(filters)).select_related("family", "model", "problem")
    helped = set(TicketMessage.objects.filter(ticket__in=done).exclude(articles=[]).values_list("ticket_id", flat=True))
    drafted = set(GuideSource.objects.filter(kind=GuideSource.Kind.TICKET).values_list("reference", flat=True))
    groups: dict[tuple[Any, ...], list[Ticket]] = defaultdict(list)
    for ticket in done.order_by("-updated_at"):
        if ticket.pk not in helped and ticket.problem_id and ticket.family_id:
            groups[ticket.problem_id, ticket.family_id, normal_language(ticket.language)].append(ticket)
    rows = [
        _topic(key, tickets)
        for key, tickets in groups.items()
        if len(tickets) >= TIMES and not any(ticket.reference in drafted for ticket in tickets)
    ]
    return sorted(rows, key=lambda row: -row.count)[:MOST_ROWS]


def _topic(key: tuple[Any, ...], tickets: list[Ticket]) -> Row:
    latest, language = tickets[0], key[2]
    models = Counter(ticket.model.slug for ticket in tickets if ticket.model)
    colon = "：" if language == "zh-hans" else ": "
    title = f"{bilingual(latest.family, 'name', language)}{colon}{bilingual(latest.problem, 'name', language)}"
    words = list(dict.fromkeys(redact(ticket.subject).text for ticket in tickets))[:5]
    only_model = models.most_common(1)[0][0] if len(models) == 1 else ""
    return Row(
        key=f"topic:{key[0]}:{key[1]}:{language}",
        title=title,
        facts=(*words[:3], ngettext("%(count)s request", "%(count)s requests", len(tickets)) % {"count": len(tickets)}),
        count=len(tickets),
        language=language,
        families=(latest.family.slug,) if latest.family else (),
        at=latest.updated_at,
        url=reverse("tickets:detail", args=[latest.reference]),
        prefill={
            "title": title,
            "keywords": words,
            "language": language,
            "family": latest.family.slug if latest.family else "",
            "model": only_model,
            "reference": latest.reference,
        },
    )


def _from_request(row: Row) -> str:
    reference = row.prefill.get("reference", "")
    return reverse("desk_drafts:of_ticket", args=[reference]) if reference else ""


def proposed_rows(filters: Filters) -> list[Row]:
    """Return the drafts that the desk made from solved cases and nobody has published yet."""
    rows = []
    sources = GuideSource.objects.filter(page__first_published_at__isnull=True).select_related("page__locale", "created_by")
    for source in sources.prefetch_related("page__families").defer("page__body"):
        page = source.page
        by = str(source.created_by) if source.created_by else "–"
        rows.append(
            Row(
                key=str(page.pk),
                title=page.get_admin_display_title(),
                facts=(f"{source.get_kind_display()} {source.reference}", _("from %(name)s") % {"name": by}),
                count=(timezone.now() - source.created_at).days,
                language=normal_language(page.locale.language_code),
                families=tuple(family.slug for family in page.families.all()),
                at=source.created_at,
                page_id=page.pk,
            )
        )
    return sorted(rows, key=lambda row: -row.count)


def opens_cases(user: Any) -> bool:
    """Tell whether the person reaches a case at the desk and may draft from it; others see what it was about, without its people."""
    return works_desk(user) and can_propose(user)


LISTS = (
    WorkList(
        key="from-the-desk",
        ends_by_itself=True,
        title=gettext_lazy("Proposed by the desk"),
        text=gettext_lazy("Drafts that colleagues made from solved requests and chats, without personal data."),
        counted=gettext_lazy("Days"),
        icon="doc-empty-inverse",
        rows=proposed_rows,
        order=5,
    ),
    WorkList(
        key="inserted",
        title=gettext_lazy("Guides that staff put into answers"),
        text=gettext_lazy("What is sent most is worth the most care; what is sent and does not solve it needs mending."),
        counted=gettext_lazy("Times"),
        icon="pick",
        rows=inserted_rows,
        order=80,
    ),
    WorkList(
        key="no-article",
        title=gettext_lazy("Answered without an article"),
        text=gettext_lazy("Problems that staff solved at least twice without a guide to point to."),
        counted=gettext_lazy("Requests"),
        icon="help",
        rows=unwritten_rows,
        starts_page=True,
        order=15,
        more=((gettext_lazy("Draft from the last request"), _from_request),),
        may_open=opens_cases,
    ),
)
