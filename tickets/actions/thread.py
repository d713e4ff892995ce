"""Words on a ticket: the agent's reply, the internal note, the customer's answer."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput
from core.events import emit
from core.files import attach_uploads
from core.history import record
from tickets import states
from tickets.actions import clock
from tickets.actions.base import add_message, clean_text, demand_agent, lock_ticket, members, notify
from tickets.actions.status import reopen_locked
from tickets.models import CannedReply, SLAPause, SLATarget, Ticket, TicketMessage, TicketNote

Metric = SLATarget.Metric
Author = TicketMessage.Author


def clean_articles(articles: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """Return inserted articles as {key, title, url}; only addresses of this site, at most ten."""
    cleaned = []
    for article in list(articles)[:10]:
        url = str(article.get("url", ""))
        if not url.startswith("/") or url.startswith("//") or "\\" in url:
            raise InvalidInput(_("This article cannot be inserted."), field="articles")
        cleaned.append({"key": str(article.get("key", ""))[:120], "title": str(article.get("title", ""))[:255], "url": url[:300]})
    return cleaned


def reply_to_customer(
    ticket: Ticket,
    *,
    by: Any,
    body: str,
    articles: Iterable[Mapping[str, str]] = (),
    attachments: Iterable[str] = (),
    canned: CannedReply | None = None,
    wait: bool = True,
    client_key: str = "",
) -> TicketMessage:
    """Send the agent's words to the customer; the same `client_key` again returns the first message.

    Args:
        articles: inserted articles, {key, title, url}.
        attachments: references of the agent's uploaded drafts.
        canned: the canned reply that was used; its use is counted.
        wait: the ticket waits for the customer afterwards (the resolution clock pauses), else it stays open.
    Raises:
        NotAllowed, InvalidInput, InvalidUpload, Conflict when the ticket is done.
    """
    demand_agent(by)
    text, links = clean_text(body, field="body"), clean_articles(articles)
    now = timezone.now()
    with transaction.atomic():
        ticket = lock_ticket(ticket)
        if client_key and (earlier := TicketMessage.objects.filter(ticket=ticket, client_key=client_key).first()):
            return earlier
        if ticket.status in states.DONE:
            raise Conflict(_("The ticket is done; reopen it first."), code="state")
        message = add_message(
            ticket,
            author_kind=Author.AGENT,
            author=by,
            author_name=str(by)[:80],
            body=text,
            articles=links,
            client_key=client_key,
            created_at=now,
        )
        attach_uploads(attachments, subject=message, by=by)
        old = ticket.status
        _answered(ticket, by=by, wait=wait, now=now)
        if canned is not None:
            CannedReply.objects.filter(pk=canned.pk).update(used=F("used") + 1)
        record(ticket, "replied", by=by, public=True, seq=message.seq, old=old, new=ticket.status, canned=canned.shortcut if canned else "")
        emit("ticket.replied", ticket_id=ticket.pk, message_id=message.pk)
    return message


def _answered(ticket: Ticket, *, by: Any, wait: bool, now: Any) -> None:
    """Write what an answer changes: the promises it keeps, the assignee, the state and the pause."""
    clock.meet_target(ticket, metrics=[Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE], at=now)
    ticket.first_responded_at = ticket.first_responded_at or now
    ticket.waiting_since, ticket.updated_at = None, now
    if ticket.assignee_id is None:
        ticket.assignee = by
    if wait:
        if ticket.status != states.PENDING:
            clock.pause_clock(ticket, reason=SLAPause.Reason.CUSTOMER, at=now)
        ticket.status = states.PENDING
    elif ticket.status != states.ON_HOLD:
        clock.resume_clock(ticket, at=now)
        ticket.status = states.OPEN
    ticket.save(update_fields=["first_responded_at", "waiting_since", "updated_at", "assignee", "status"])
    clock.recompute(ticket, at=now)


def add_note(ticket: Ticket, *, by: Any, body: str) -> TicketNote:
    """Write a note among colleagues; the customer never sees it. Raises NotAllowed, InvalidInput."""
    demand_agent(by)
    text = clean_text(body, field="note")
    now = timezone.now()
    with transaction.atomic():
        ticket = lock_ticket(ticket)
        note = TicketNote.objects.create(ticket=ticket, author=by, body=text, created_at=now)
        Ticket.objects.filter(pk=ticket.pk).update(updated_at=now)
        record(ticket, "noted", by=by, note_id=note.pk)
        notify(ticket, kind="noted", users=[ticket.assignee_id], but=by, at=now)
        emit("ticket.updated", ticket_id=ticket.pk)
    return note


def customer_reply(
    ticket: Ticket, *, by: Any = None, body: str, attachments: Iterable[str] = (), visitor_key: str = "", client_key: str = ""
) -> TicketMessage:
    """Add the customer's words (the door has checked who it is); the same `client_key` again returns the first message.

    A waiting ticket goes on and its clock runs again; a resolved or closed one is reopened.
    Raises InvalidInput, InvalidUpload.
    """
    text = clean_text(body, field="body", limit=10_000)
    now = timezone.now()
    with transaction.atomic():
        ticket = lock_ticket(ticket)
        if client_key and (earlier := TicketMessage.objects.filter(ticket=ticket, client_key=client_key).first()):
            return earlier
        name = str(ticket.contact)[:80]
        user = by if getattr(by, "pk", None) else None
        message = add_message(
            ticket, author_kind=Author.CUSTOMER, author=user, author_name=name, body=text, client_key=client_key, created_at=now
        )
        attach_uploads(attachments, subject=message, by=by, visitor_key=visitor_key)
        record(ticket, "customer_replied", by=user, label=name, public=True, seq=message.seq)
        if ticket.status in states.DONE:
            reopen_locked(ticket, by=user, label=name, reason=text[:200], now=now)
        else:
            _awaits_answer(ticket, now)
        notify(
            ticket, kind="customer_replied", users=[ticket.assignee_id] if ticket.assignee_id else members(ticket.queue), but=user, at=now
        )
        emit("ticket.customer_replied", ticket_id=ticket.pk, message_id=message.pk)
    return message


def _awaits_answer(ticket: Ticket, now: Any) -> None:
    if ticket.status == states.PENDING:
        clock.resume_clock(ticket, at=now)
        ticket.status = states.OPEN
    if ticket.waiting_since is None:
        ticket.waiting_since = now
        clock.start_target(ticket, metric=Metric.NEXT_RESPONSE, at=now)
    ticket.updated_at = now
    ticket.save(update_fields=["status", "waiting_since", "updated_at"])
    clock.recompute(ticket, at=now)
