"""Loads what the demo's members keep in their own area: addresses, choices, devices, a copy of the data, a closing under way."""

from datetime import time, timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.actions import closing, exports
from accounts.actions.addresses import save_address
from accounts.actions.choices import save_choices, save_quiet_hours
from accounts.models import User, UserSession
from portal.copies import build_export
from portal.demo import clock
from portal.demo.data import read


def load_members(users: dict[str, User]) -> None:
    """Give each member what is written for them; what is there already, or was there once, stays as people left it."""
    for row in read("members"):
        user = users[row["key"]]
        if not user.addresses.exists():
            for number, values in enumerate(row["addresses"]):
                save_address(user=user, values=values, default=number == 0)
        if not user.notice_choices.exists():
            wanted = {(topic, channel): on for topic, choices in row.get("choices", {}).items() for channel, on in choices.items()}
            if wanted:
                save_choices(user=user, wanted=wanted)
            if row.get("quiet"):
                starts, ends = (time.fromisoformat(text) for text in row["quiet"])
                save_quiet_hours(user=user, on=True, starts=starts, ends=ends)
        if not user.sessions.exists():
            for device in row.get("devices", []):
                _device(user, *device)
        if row.get("copy_days_ago") and not user.exports.exists():
            with clock.at(timezone.now() - timedelta(days=row["copy_days_ago"])):
                build_export(exports.request_export(user=user, language=user.language).pk, tell=False)
        if row.get("closing_days_ago") and not user.closings.exists():
            with clock.at(timezone.now() - timedelta(days=row["closing_days_ago"])):
                closing.request_closing(user=user)


def _device(user: User, agent: str, days: int, hours: int) -> None:
    """Put a device into the list: signed in so many days ago, last seen so many hours ago. Its session opens nothing."""
    store: Any = import_module(settings.SESSION_ENGINE).SessionStore()
    store["demo"] = True
    store.create()
    now = timezone.now()
    UserSession.objects.create(
        user=user,
        session_key=store.session_key,
        user_agent=agent,
        created_at=now - timedelta(days=days),
        seen_at=now - timedelta(hours=hours),
    )
