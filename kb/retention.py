"""Attempts and votes that are old enough to be nobody's any more: the way to the person is cut, what the figures need stays."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from kb.models import ArticleVote, HelpEvent, HelpSession
from kb.redaction import redact

GONE = "gone:"  # begins the key that takes a browser's place, so that visitors can still be counted
REFERRING = (HelpEvent.Kind.STILL, HelpEvent.Kind.CONTACT)


def attempts_outlived(*, before: datetime) -> QuerySet[HelpSession]:
    """Return the attempts in which nothing has happened since a moment and that still lead to somebody."""
    leads = Q(user__isnull=False) | Q(contact__isnull=False) | Q(unit__isnull=False) | ~Q(contact_reference="")
    leads |= ~Q(visitor_key="") & ~Q(visitor_key__startswith=GONE)
    return HelpSession.objects.filter(leads, last_at__lt=before).exclude(outcome=HelpSession.Outcome.OPEN)


def attempts_let_go(rows: Sequence[HelpSession], *, now: datetime) -> int:
    """Cut these attempts loose from browser, account, machine and case, and take personal data out of what was typed.

    Product, channel, group, how they ended and after how many days somebody came back stay; attempts of one browser stay together.
    """
    keys = {key: f"{GONE}{secrets.token_hex(8)}" for key in {row.visitor_key for row in rows} - {""}}
    for row in rows:
        row.visitor_key = keys.get(row.visitor_key, "")
        row.user = row.contact = row.unit = None
        row.contact_reference = ""
    HelpSession.objects.bulk_update(rows, ["visitor_key", "user", "contact", "unit", "contact_reference"])
    _clean_events(HelpEvent.objects.filter(session__in=rows))
    return len(rows)


def _clean_events(events: QuerySet[HelpEvent]) -> None:
    changed = []
    for event in events.filter(~Q(query="") | Q(kind__in=REFERRING)):
        words = redact(event.query).text[:200]
        data = {name: value for name, value in event.data.items() if name != "reference"}
        if (words, data) != (event.query, event.data):
            event.query, event.data = words, data
            changed.append(event)
    HelpEvent.objects.bulk_update(changed, ["query", "data"], batch_size=500)


def votes_outlived(*, before: datetime) -> QuerySet[ArticleVote]:
    """Return the votes from before a moment that still lead to somebody."""
    leads = Q(user__isnull=False) | (~Q(visitor_key="") & ~Q(visitor_key__startswith=GONE)) | ~Q(referrer="")
    return ArticleVote.objects.filter(leads, created_at__lt=before)


def votes_let_go(rows: Sequence[ArticleVote], *, now: datetime) -> int:
    """Cut these votes loose from browser and account; yes or no, the reason and the comment stay, without personal data."""
    for row in rows:
        row.visitor_key, row.user, row.referrer = f"{GONE}{secrets.token_hex(8)}", None, ""
        row.comment, row.query = redact(row.comment).text[:1000], redact(row.query).text[:200]
    ArticleVote.objects.bulk_update(rows, ["visitor_key", "user", "referrer", "comment", "query"])
    return len(rows)


def belongs_to(cases: QuerySet) -> Exists:  # type: ignore[type-arg]
    """Return whether one of `cases` (requests, chats or repairs) points down to an attempt: then it is kept with the case."""
    return Exists(cases.filter(help_session=OuterRef("pk")))
