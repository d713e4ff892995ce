"""Writing the deflection ledger: one session an attempt, one event a step. Nothing here may ever block a page: failures are logged."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from core.i18n import normal_language
from kb.models import HelpEvent, HelpSession
from kb.subjects import typed_code
from kb.windows import ABANDONED_HOURS
from products.models import ErrorCode, ProblemNode, ProductFamily, ProductModel, Unit
from products.queries import meant_code

logger = logging.getLogger(__name__)
Result = TypeVar("Result")

Kind, Outcome = HelpEvent.Kind, HelpSession.Outcome
MOST_EVENTS = 200  # of one session: a robot must not fill the table


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
    since = timezone.now() - timedelta(hours=ABANDONED_HOURS)
    found = HelpSession.objects.filter(who, outcome=Outcome.OPEN, last_at__gte=since).order_by("-last_at").first()
    if found is not None:
        if account is not None and found.user_id is None:
            found.user = account
            found.save(update_fields=["user"])
        return found
    if not create:
        return None
    return _begin(visitor_key, account, normal_language(language))


@never_blocks
def reading_session(*, visitor_key: str, user: Any, language: str, key: str, seconds: int) -> HelpSession | None:
    """Return the attempt a sign of reading belongs to: the open one, else the one that ended while this page was read, else a new one.

    Without the second, a page left open after “this solved it” would begin an attempt that nobody makes.

    Args:
        key: of what is being read.
        seconds: for how long, up to now; they grow while a page stays open and begin anew with it.
    """
    account = user if getattr(user, "is_authenticated", False) else None
    found = help_session_for(visitor_key=visitor_key, user=account, language=language, create=False)
    if found is not None:
        return found
    now = timezone.now()
    who = Q(visitor_key=visitor_key) if account is None else Q(user=account) | Q(visitor_key=visitor_key)
    ended = HelpSession.objects.filter(who, outcome_at__gte=now - timedelta(hours=ABANDONED_HOURS))
    last = ended.exclude(outcome__in=[Outcome.OPEN, Outcome.UNKNOWN]).order_by("-outcome_at").first() if visitor_key else None
    if last is not None and last.outcome_at is not None:
        before = last.events.filter(kind=Kind.READ, document_key=key[:120], seconds__lt=seconds)
        if now - timedelta(seconds=seconds) <= last.outcome_at or before.exists():
            return last
    return help_session_for(visitor_key=visitor_key, user=account, language=language)


def _begin(visitor_key: str, account: Any, language: str) -> HelpSession:
    """Begin an attempt; of two requests at once the second takes the first one's. What lay open for too long is over."""
    if visitor_key:
        since = timezone.now() - timedelta(hours=ABANDONED_HOURS)
        old = HelpSession.objects.filter(visitor_key=visitor_key, outcome=Outcome.OPEN, last_at__lt=since)
        old.update(outcome=Outcome.UNKNOWN, outcome_at=F("last_at"))
    try:
        with transaction.atomic():
            return HelpSession.objects.create(visitor_key=visitor_key, user=account, language=language)
    except IntegrityError:
        return HelpSession.objects.get(visitor_key=visitor_key, outcome=Outcome.OPEN)


@never_blocks
def record_query(session: HelpSession | None, query: str, *, found: int | None = None, place: str = "") -> HelpEvent | None:
    """Write what was searched; the same words again only touch the session.

    Args:
        found: how many answers there were, where that is known.
        place: the form it was typed into (HelpSession.Channel). Words that grow there letter by letter stay one line.
    """
    words = " ".join((query or "").split())[:200]
    if session is None or not words:
        return None
    _notice_code(session, words)
    data = {} if found is None else {"found": found}
    last = session.events.filter(kind=Kind.QUERY).order_by("-id").first()
    if last is not None and last.query == words:
        _touch(session)
        return last
    if last is not None and place and last.place == place and (words.startswith(last.query) or last.query.startswith(words)):
        last.query, last.data = words, data
        last.save(update_fields=["query", "data"])
        _touch(session)
        return last
    return _write(session, Kind.QUERY, query=words, place=place, data=data)


@never_blocks
def record_shown(
    session: HelpSession | None, documents: list[dict[str, str]], *, query: str = "", place: str = "", held: bool = False
) -> None:
    """Write the answers that were put before the visitor: dicts with `key`, `title`, `url`; each once a session.

    Args:
        place: where, a HelpSession.Channel.
        held: they would have been shown, but the visitor belongs to the comparison group.
    """
    if session is None:
        return
    kind = Kind.HELD if held else Kind.SHOWN
    known = set(session.events.filter(kind=kind).values_list("document_key", flat=True))
    fresh = {row["document_key"]: row for row in map(_document, documents[:10]) if row["document_key"] not in known}
    room = max(0, MOST_EVENTS - session.events.count()) if fresh else 0
    rows = [HelpEvent(session=session, kind=kind, query=query[:200], place=place, **row) for row in list(fresh.values())[:room]]
    if rows:
        HelpEvent.objects.bulk_create(rows, ignore_conflicts=True)
        _touch(session)


@never_blocks
def record_offer(session: HelpSession | None, *, channel: str, group: str = HelpSession.Group.NONE) -> None:
    """Note that there were good answers at the door of a contact; the first time decides the group, the last the channel."""
    if session is None:
        return
    HelpSession.objects.filter(pk=session.pk, offered_at__isnull=True).update(offered_at=timezone.now(), group=group)
    HelpSession.objects.filter(pk=session.pk).exclude(channel=channel).update(channel=channel)


@never_blocks
def record_opened(session: HelpSession | None, *, key: str, title: str = "", url: str = "") -> HelpEvent | None:
    """Write that an answer was opened; once a session. The card of an error code says what the attempt is about."""
    if session is None:
        return None
    if key.startswith("code:"):
        record_product(session, code=_code_of(key))
    return _once(session, Kind.OPENED, **_document({"key": key, "title": title, "url": url}))[0]


@never_blocks
def record_read(
    session: HelpSession | None, *, key: str, seconds: int, title: str = "", url: str = "", reached: str = "", step: int = 0
) -> HelpEvent | None:
    """Keep how long an answer was really looked at (the longest time counts), the furthest step and the part in view.

    Args:
        seconds: visible and in focus, at most an hour.
        reached: title of the part that was reached.
        step: its number in the guide, from 1; 0 where it has none.
    """
    if session is None or seconds <= 0:
        return None
    seconds, data = min(seconds, 3600), {"reached": reached[:80]} if reached else {}
    document = _document({"key": key, "title": title, "url": url})
    event, created = _once(session, Kind.READ, seconds=seconds, step=step, data=data, **document)
    if event is None or created:
        return event
    mine = HelpEvent.objects.filter(pk=event.pk)
    if reached and step >= event.step:
        mine.update(data={**event.data, **data})
    mine.update(seconds=Greatest("seconds", seconds), step=Greatest("step", step))
    event.refresh_from_db()
    return event


@never_blocks
def record_vote(session: HelpSession | None, *, key: str, title: str, helpful: bool) -> HelpEvent | None:
    """Write a vote into the session."""
    if session is None:
        return None
    return _write(session, Kind.VOTED, document_key=key[:120], title=title[:255], data={"helpful": helpful})


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
    known = session.events.filter(kind=Kind.DIAGNOSIS, document_key=key[:120]).order_by("-id").first()
    if known is None:
        return _write(session, Kind.DIAGNOSIS, data=data, **_document({"key": key, "title": title, "url": url}))
    known.data = data
    known.save(update_fields=["data"])
    _touch(session)
    return known


@never_blocks
def record_product(
    session: HelpSession | None,
    *,
    family: ProductFamily | None = None,
    model: ProductModel | None = None,
    unit: Unit | None = None,
    code: ErrorCode | None = None,
    problem: ProblemNode | None = None,
) -> None:
    """Keep what the attempt is about, as far as it is known; what is not given stays as it was."""
    if session is None or not (family or model or unit or code or problem):
        return
    model = model or (unit.model if unit else None) or session.model
    family = (model.family if model else None) or family or (code.family if code else None) or session.family
    session.unit, session.model, session.family = unit or session.unit, model, family
    session.code, session.problem = code or session.code, problem or session.problem
    session.save(update_fields=["unit", "model", "family", "code", "problem"])


@never_blocks
def mark_solved(session: HelpSession | None, *, by_key: str = "", title: str = "") -> bool:
    """End an open attempt as solved by themselves. Returns whether it was open."""
    if session is None:
        return False
    now = timezone.now()
    changed = HelpSession.objects.filter(pk=session.pk, outcome=Outcome.OPEN).update(
        outcome=Outcome.SOLVED, outcome_at=now, last_at=now, solved_by_key=by_key[:120]
    )
    if changed:
        _write(session, Kind.SOLVED, document_key=by_key[:120], title=title[:255])
        session.refresh_from_db()
    return bool(changed)


@never_blocks
def mark_still_needs_help(session: HelpSession | None, *, reference: str = "", contact: Any = None) -> bool:
    """End an open attempt as one that needed a person; `reference` is the case it became. Returns whether it was open."""
    if session is None:
        return False
    now = timezone.now()
    changed = HelpSession.objects.filter(pk=session.pk, outcome=Outcome.OPEN).update(
        outcome=Outcome.ESCALATED,
        outcome_at=now,
        last_at=now,
        contact_reference=reference[:24],
        contact=contact,
        contact_at=now,
        contact_days=0,
    )
    if changed:
        _write(session, Kind.STILL, data={"reference": reference[:24]} if reference else {})
        session.refresh_from_db()
    return bool(changed)


def _document(document: dict[str, str]) -> dict[str, str]:
    return {"document_key": document["key"][:120], "title": document.get("title", "")[:255], "url": document.get("url", "")[:300]}


def _touch(session: HelpSession) -> None:
    session.last_at = timezone.now()
    session.save(update_fields=["last_at"])


def _once(session: HelpSession, kind: str, *, document_key: str, **fields: Any) -> tuple[HelpEvent | None, bool]:
    """Return the session's one event of this kind and document, written now if it is the first, and whether it is new."""
    found = session.events.filter(kind=kind, document_key=document_key)
    known = found.first()
    if known is None:
        try:
            with transaction.atomic():
                return _write(session, kind, document_key=document_key, **fields), True
        except IntegrityError:
            known = found.first()
    _touch(session)
    return known, False


def _code_of(key: str) -> ErrorCode | None:
    family, _colon, code = key.partition(":")[2].partition(":")
    return ErrorCode.objects.select_related("family").filter(family__slug=family, code_normal=code).first()


def _notice_code(session: HelpSession, words: str) -> None:
    """Keep the code that was typed, in whichever spelling, where the product is known and has it."""
    typed = typed_code(words) if session.family_id and not session.code_id else ""
    code = meant_code(ErrorCode.objects.filter(family_id=session.family_id), typed) if typed else None
    if code is not None:
        record_product(session, code=code)


def _write(session: HelpSession, kind: str, **fields: Any) -> HelpEvent | None:
    if session.events.count() >= MOST_EVENTS:
        return None
    event = HelpEvent.objects.create(session=session, kind=kind, **fields)
    _touch(session)
    return event
