"""One mail a working day to colleagues who asked for it: how many registrations wait for a decision, and which wait longest."""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from accounts.actions.choices import save_choices
from accounts.notify import notify, silent_until, ways_to
from core.calendars import default_calendar, schedule_for
from core.errors import NotAllowed
from core.notifications import MAIL
from warranty.models import ReviewDigest, WarrantyRegistration, WarrantySettings
from warranty.permissions import can_review, reviewers
from warranty.queries import registrations_to_review

TOPIC = "registrations"
EVENT = "warranty/waiting"
NAMED = 5  # so many stand in the mail, the longest waiting first
KEPT_DAYS = 30


def set_digest(*, user: Any, on: bool) -> None:
    """Ask for the daily mail, or for no more of it. Raises NotAllowed for whoever decides no registrations."""
    if not can_review(user):
        raise NotAllowed
    save_choices(user=user, wanted={(TOPIC, MAIL): on})


def send_digests(*, now: datetime | None = None) -> int:
    """Tell each colleague who wants it what waits, once a working day from the maker's hour on. Returns how many were told.

    Whose quiet hours are on is told when they are over. Nothing waiting is no mail, today's is then still to come.
    """
    moment = timezone.localtime(now or timezone.now())
    ReviewDigest.objects.filter(day__lt=moment.date() - timedelta(days=KEPT_DAYS)).delete()
    if moment.time() < WarrantySettings.load().digest_from or not _works_on(moment.date()):
        return 0
    waiting = list(registrations_to_review())
    if not waiting:
        return 0
    told = ReviewDigest.objects.filter(day=moment.date()).values("user_id")
    people = reviewers().exclude(pk__in=told).order_by("pk")
    return sum(_tell(user, waiting, moment) for user in people)


def _works_on(day: date) -> bool:
    """Whether anybody works on a day: holidays are none, make-up Saturdays are one. Without a calendar every day is."""
    calendar = default_calendar()
    return calendar is None or bool(schedule_for(calendar).periods_on(day))


def _tell(user: Any, waiting: list[WarrantyRegistration], moment: datetime) -> int:
    if not ways_to(user, EVENT) or silent_until(user, now=moment) is not None:
        return 0
    queue = settings.SITE_ORIGIN + reverse("desk_registrations:registrations")
    with translation.override(user.language):
        context = {
            "count": len(waiting),
            "claims": sum(row.kind == WarrantyRegistration.Kind.CLAIM for row in waiting),
            "rows": [
                {"reference": row.reference, "product": row.unit.model.name, "model": row.unit.model.number, "since": row.submitted_at}
                for row in waiting[:NAMED]
            ],
            "more": max(0, len(waiting) - NAMED),
            "action_url": queue,
            "action_text": gettext("Open the list"),
            "choices_url": queue,
        }
    with transaction.atomic():
        _row, first = ReviewDigest.objects.get_or_create(user=user, day=moment.date())
        if first:
            notify(user, EVENT, context=context)
    return int(first)
