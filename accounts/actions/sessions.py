"""Signed-in devices: one row a sign-in; ending it deletes the session itself."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User, UserSession
from core.errors import NotFound
from core.events import emit
from core.history import record

SEEN_EVERY = timedelta(minutes=5)


def is_news(session_key: str) -> bool:
    """Return whether this device was not noticed in the last five minutes, and notice it."""
    mark = "hearth:seen:" + hashlib.sha256(session_key.encode()).hexdigest()
    return bool(cache.add(mark, 1, int(SEEN_EVERY.total_seconds())))


def remember_session(*, user: User, session_key: str, user_agent: str) -> None:
    """Keep a row for a new sign-in; the same session of another person before is theirs no more."""
    agent = user_agent[:300]
    is_news(session_key)
    try:
        with transaction.atomic():
            UserSession.objects.update_or_create(
                session_key=session_key,
                defaults={"user": user, "user_agent": agent, "created_at": timezone.now(), "seen_at": timezone.now()},
            )
    except IntegrityError:  # two requests of one session at once: the row is there
        return


def touch_session(*, user: User, session_key: str, user_agent: str, now: datetime | None = None) -> None:
    """Note that a device was seen; a session from before this table gets its row now."""
    if not UserSession.objects.filter(session_key=session_key, user=user).update(seen_at=now or timezone.now()):
        remember_session(user=user, session_key=session_key, user_agent=user_agent)


def move_session(*, old: str, new: str) -> None:
    """Follow a session whose key was changed (a new password does that)."""
    UserSession.objects.filter(session_key=old).update(session_key=new)


@transaction.atomic
def forget_session(*, user: Any, session_key: str) -> None:
    """Drop a session that was signed out, and its row. Emits `access.changed`."""
    Session.objects.filter(session_key=session_key).delete()
    UserSession.objects.filter(session_key=session_key).delete()
    emit("access.changed", user_id=user.pk)


@transaction.atomic
def end_session(*, user: User, key: str) -> None:
    """Sign one device out: its open sockets are cut, its next request is a stranger's. Raises NotFound. Emits `access.changed`."""
    row = UserSession.objects.filter(user=user, key=key).first()
    if row is None:
        raise NotFound()
    Session.objects.filter(session_key=row.session_key).delete()
    row.delete()
    record(user, "device_signed_out", by=user)
    emit("access.changed", user_id=user.pk)


@transaction.atomic
def end_other_sessions(*, user: User, but: str, by: Any = None) -> int:
    """Sign the person out everywhere except in the session `but` (empty: everywhere). Returns how many devices. Emits `access.changed`."""
    rows = list(UserSession.objects.filter(user=user).exclude(session_key=but))
    Session.objects.filter(session_key__in=[row.session_key for row in rows]).delete()
    UserSession.objects.filter(pk__in=[row.pk for row in rows]).delete()
    if rows and by is not None:
        record(user, "devices_signed_out", by=by, count=len(rows))
    emit("access.changed", user_id=user.pk)
    return len(rows)


def sweep_sessions(*, now: datetime | None = None) -> int:
    """Drop sessions past their end and the rows of devices whose session is gone. Returns how many rows."""
    Session.objects.filter(expire_date__lt=now or timezone.now()).delete()
    alive = Session.objects.filter(session_key=OuterRef("session_key"))
    return UserSession.objects.filter(~Exists(alive)).delete()[0]
