"""Writing the deflection ledger: one session an attempt, one event a step. Nothing here may ever block a page: failures are logged."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import timezone

from core.i18n import normal_language
from kb.models import HelpEvent, HelpSession
from products.models import ProductFamily, ProductModel

logger = logging.getLogger(__name__)
Result = TypeVar("Result")

REUSE_HOURS = 24
MOST_EVENTS = 200  # of one session: a robot must not fill the table
CONTACT_DAYS = 7  # a contact this soon after “solved” shows that it was not (processes.md, A5)


def never_blocks(function: Callable[..., Result]) -> Callable[..., Result | None]:
    """Log a failure of the ledger and go on: the visitor's page is worth more than its record."""

    @wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> Result | None:
        try:
            with transaction.atomic():
                return function(*args, **kwargs)
        except (DatabaseError, ValueError, TypeError):
            logger.exception("the ledger could not be written: %s", function.__name__)
            return None

    return guarded


@never_blocks
def help_session_for(*, visitor_key: str = "", user: Any = None, language: str = "", create: bool = True) -> HelpSession | None:
    """Return the open session of this visitor or user from the last 24 hours, or a new one.

    Returns None when nobody can be told apart, when there is none and `create` is False, or when the ledger cannot be written.
    """
    account = user if getattr(user, "is_authenticated", False) else None
    who = Q()
    if account is not None:
        who |= Q(user=account)
    if visitor_key:
        who |= Q(visitor_key=visitor_key)
    if not who:
        return None
    since = timezone.now() - timedelta(hours=REUSE_HOURS)
    found = HelpSession.objects.filter(who, outcome=HelpSession.Outcome.OPEN, last_at__gte=since).order_by("-last_at").first()
    if found is not None:
        if account is not None and found.user_id is None:
            found.user = account
            found.save(update_fields=["user"])
        return found
    if not create:
        return None
    return HelpSession.objects.create(visitor_key=visitor_key, user=account, language=normal_language(language))


@never_blocks
def record_query(session: HelpSession | None, query: str, *, found: int | None = None) -> HelpEvent | None:
    """Write what was searched; the same words again only touch the session."""
    words = " ".join((query or "").split())[:200]
    if session is None or not words:
        return None
    last = session.events.filter(kind=HelpEvent.Kind.QUERY).order_by("-id").first()
    if last is not None and last.query == words:
        _touch(session)
        return last
    return _write(session, HelpEvent.Kind.QUERY, query=words, data={} if found is None else {"found": found})


@never_blocks
def record_shown(session: HelpSession | None, documents: list[dict[str, str]], *, query: str = "") -> None:
    """Write the answers that were put before the visitor: dicts with `key`, `title`, `url`; each once a session."""
    if session is None:
        return
    known = set(session.events.filter(kind=HelpEvent.Kind.SHOWN).values_list("document_key", flat=True))
    fresh = {row["document_key"]: row for row in map(_document, documents[:10]) if row["document_key"] not in known}
    room = max(0, MOST_EVENTS - session.events.count()) if fresh else 0
    rows = [HelpEvent(session=session, kind=HelpEvent.Kind.SHOWN, query=query[:200], **row) for row in list(fresh.values())[:room]]
    if rows:
        HelpEvent.objects.bulk_create(rows)
        _touch(session)


@never_blocks
def record_opened(session: HelpSession | None, *, key: str, title: str = "", url: str = "") -> HelpEvent | None:
    """Write that an answer was opened; once a session."""
    if session is None:
        return None
    known = session.events.filter(kind=HelpEvent.Kind.OPENED, document_key=key).first()
    if known is not None:
        _touch(session)
        return known
    return _write(session, HelpEvent.Kind.OPENED, **_document({"key": key, "title": title, "url": url}))


@never_blocks
def record_read(
    session: HelpSession | None, *, key: str, seconds: int, title: str = "", url: str = "", reached: str = ""
) -> HelpEvent | None:
    """Keep how long an answer was really looked at (the longest time counts) and the last part that was reached."""
    if session is None or seconds <= 0:
        return None
    seconds = min(seconds, 3600)
    known = session.events.filter(kind=HelpEvent.Kind.READ, document_key=key).first()
    if known is None:
        return _write(
            session,
            HelpEvent.Kind.READ,
            seconds=seconds,
            data={"reached": reached[:80]} if reached else {},
            **_document({"key": key, "title": title, "url": url}),
        )
    known.seconds = max(known.seconds, seconds)
    if reached:
        known.data = {**known.data, "reached": reached[:80]}
    known.save(update_fields=["seconds", "data"])
    _touch(session)
    return known


@never_blocks
def record_vote(session: HelpSession | None, *, key: str, title: str, helpful: bool) -> HelpEvent | None:
    """Write a vote into the session."""
    if session is None:
        return None
    return _write(session, HelpEvent.Kind.VOTED, document_key=key[:120], title=title[:255], data={"helpful": helpful})


@never_blocks
def record_diagnosis(
    session: HelpSession | None, *, key: str, title: str, url: str = "", answers: int = 0, outcome: str = "", solved: bool | None = None
) -> HelpEvent | None:
    """Keep how far a guided diagnosis came: one event a diagnosis and session, brought up to date by every later call.

    Args:
        key: of the diagnosis, `diagnosis:<translation key>`.
        title, url: as the visitor saw it.
        answers: how many questions are answered.
        outcome: where it led (diagnosis.tree.OUTCOMES), empty while it is under way.
        solved: what the visitor said at the end, None before they said anything.
    """
    if session is None:
        return None
    data = {"answers": answers, "outcome": outcome, "solved": solved}
    known = session.events.filter(kind=HelpEvent.Kind.DIAGNOSIS, document_key=key[:120]).order_by("-id").first()
    if known is None:
        return _write(session, HelpEvent.Kind.DIAGNOSIS, data=data, **_document({"key": key, "title": title, "url": url}))
    known.data = data
    known.save(update_fields=["data"])
    _touch(session)
    return known


@never_blocks
def record_product(session: HelpSession | None, *, family: ProductFamily | None = None, model: ProductModel | None = None) -> None:
    """Keep which product the attempt is about."""
    if session is None or (family is None and model is None):
        return
    session.model = model or session.model
    session.family = (model.family if model else None) or family or session.family
    session.save(update_fields=["model", "family"])


@never_blocks
def mark_solved(session: HelpSession | None, *, by_key: str = "", title: str = "") -> bool:
    """End an open attempt as solved by themselves. Returns whether it was open."""
    if session is None:
        return False
    now = timezone.now()
    changed = HelpSession.objects.filter(pk=session.pk, outcome=HelpSession.Outcome.OPEN).update(
        outcome=HelpSession.Outcome.SOLVED, outcome_at=now, last_at=now, solved_by_key=by_key[:120]
    )
    if changed:
        _write(session, HelpEvent.Kind.SOLVED, document_key=by_key[:120], title=title[:255])
        session.refresh_from_db()
    return bool(changed)


@never_blocks
def mark_still_needs_help(session: HelpSession | None, *, reference: str = "", contact: Any = None) -> bool:
    """End an open attempt as one that needed a person; `reference` is the case it became. Returns whether it was open."""
    if session is None:
        return False
    now = timezone.now()
    changed = HelpSession.objects.filter(pk=session.pk, outcome=HelpSession.Outcome.OPEN).update(
        outcome=HelpSession.Outcome.ESCALATED, outcome_at=now, last_at=now, contact_reference=reference[:24], contact=contact
    )
    if changed:
        _write(session, HelpEvent.Kind.STILL)
        session.refresh_from_db()
    return bool(changed)


@never_blocks
def record_contact(
    *,
    reference: str,
    product_id: int | None = None,
    family_id: int | None = None,
    contact_key: int | None = None,
    visitor_key: str = "",
    user_id: int | None = None,
) -> int:
    """Turn “solved” into “failed” where the same person has come back about the same product within CONTACT_DAYS.

    Args:
        reference: of the ticket, chat or repair that was opened.
        product_id: primary key of the model, if known.
        family_id: primary key of the family, if only that is known.
        contact_key: primary key of the contact.
        visitor_key, user_id: the visitor's cookie key and the account, where known.
    Returns the number of sessions turned.
    """
    who = Q()
    if user_id:
        who |= Q(user_id=user_id)
    if contact_key:
        who |= Q(contact_id=contact_key) | Q(user__contacts=contact_key)
    if visitor_key:
        who |= Q(visitor_key=visitor_key)
    if not who:
        return 0
    since = timezone.now() - timedelta(days=CONTACT_DAYS)
    solved = HelpSession.objects.filter(who, outcome=HelpSession.Outcome.SOLVED, outcome_at__gte=since).exclude(contact_reference=reference)
    same = [row.pk for row in solved.filter(_same_product(product_id, family_id)).distinct()]
    return HelpSession.objects.filter(pk__in=same, outcome=HelpSession.Outcome.SOLVED).update(
        outcome=HelpSession.Outcome.FAILED, contact_reference=reference[:24]
    )


def _same_product(model_id: int | None, family_id: int | None) -> Q:
    """Return the sessions about the same model; where one side knows only the family, about the same family; unknown products match."""
    unknown = Q(model__isnull=True, family__isnull=True)
    if model_id:
        family_id = family_id or ProductModel.objects.filter(pk=model_id).values_list("family_id", flat=True).first()
        return Q(model_id=model_id) | Q(model__isnull=True, family_id=family_id) | unknown
    if family_id:
        return Q(family_id=family_id) | Q(model__family_id=family_id) | unknown
    return Q()


def _document(document: dict[str, str]) -> dict[str, str]:
    return {"document_key": document["key"][:120], "title": document.get("title", "")[:255], "url": document.get("url", "")[:300]}


def _touch(session: HelpSession) -> None:
    session.last_at = timezone.now()
    session.save(update_fields=["last_at"])


def _write(session: HelpSession, kind: str, **fields: Any) -> HelpEvent | None:
    if session.events.count() >= MOST_EVENTS:
        return None
    event = HelpEvent.objects.create(session=session, kind=kind, **fields)
    _touch(session)
    return event
