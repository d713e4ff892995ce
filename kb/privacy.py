"""Traces of a person in the ledger of self-help and the votes: what the copy of their data holds, and what is emptied."""

import secrets
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from core.forgetting import forget_history
from core.models import Attachment
from kb.models import ArticleVote, HelpEvent, HelpSession


def sessions_of(user: Any) -> QuerySet[HelpSession]:
    """Return the person's attempts to find an answer."""
    return HelpSession.objects.filter(Q(user=user) | Q(contact__user=user))


def visitor_keys_of(user: Any) -> list[str]:
    """Return the keys of the browsers in which the person was signed in or asked us something."""
    found = set(sessions_of(user).values_list("visitor_key", flat=True)) | set(
        ArticleVote.objects.filter(user=user).values_list("visitor_key", flat=True)
    )
    return sorted(found - {""})


def export(user: Any) -> dict[str, list[dict[str, Any]]]:
    """Return what the person looked for and opened, and their votes."""
    events: dict[int, list[dict[str, Any]]] = {}
    for event in HelpEvent.objects.filter(session__in=sessions_of(user)):
        events.setdefault(event.session_id, []).append(
            {"kind": event.kind, "at": event.at, "query": event.query, "title": event.title, "url": event.url}
        )
    votes = ArticleVote.objects.filter(user=user).values("title", "language", "helpful", "reason", "comment", "query", "created_at")
    return {
        "self_help": [
            {
                "started_at": row.started_at,
                "language": row.language,
                "outcome": row.outcome,
                "steps": events.get(row.pk, []),
            }
            for row in sessions_of(user)
        ],
        "votes": [dict(row) for row in votes],
    }


def files(user: Any) -> list[Attachment]:
    """Return no files: nobody sends any here."""
    return []


def anonymise(user: Any, *, now: datetime) -> dict[str, int]:
    """Cut the attempts and votes loose from the person; which article helped, and how it ended, stays for the figures."""
    votes = list(ArticleVote.objects.filter(user=user))
    forget_history(votes, user=user)
    for vote in votes:
        vote.user, vote.visitor_key, vote.comment, vote.query, vote.referrer = None, f"gone:{secrets.token_hex(8)}", "", "", ""
        vote.save(update_fields=["user", "visitor_key", "comment", "query", "referrer"])
    sessions = sessions_of(user)
    HelpEvent.objects.filter(session__in=sessions).exclude(query="", data={}).update(query="", data={})
    return {"votes": len(votes), "self_help": sessions.update(user=None, contact=None, visitor_key="", unit=None)}
