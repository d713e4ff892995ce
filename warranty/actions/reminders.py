"""A word before a warranty ends, to those who asked for it: once for each end."""

from datetime import date, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from accounts.notify import notify, ways_to
from products.models import Unit
from warranty.models import WarrantyReminder, WarrantySettings
from warranty.queries import coverages, units
from warranty.serials import masked
from warranty.words import day_words

EVENT = "warranty/expiring"
AT_ONCE = 300


def remind(*, today: date | None = None) -> int:
    """Remind owners whose whole machine's warranty ends within the maker's number of days. Returns how many were told.

    Only those who want reminders are told and noted, so that whoever asks for them later still gets theirs.
    """
    day = today or timezone.localdate()
    days, told, last = WarrantySettings.load().reminder_days, 0, 0
    while True:
        owned = units().filter(owner__user__isnull=False, owner__user__is_active=True, replaced_by__isnull=True, pk__gt=last)
        chunk = list(owned.order_by("pk")[:AT_ONCE])
        if not chunk:
            return told
        last = chunk[-1].pk
        found = coverages(chunk, on=day)
        for unit in chunk:
            answer = found[unit.pk]
            until = answer.whole.until
            if answer.confirmed and answer.whole.covered and until is not None and until <= day + timedelta(days=days):
                told += _once(unit, until, (until - day).days)


def _once(unit: Unit, until: date, left: int) -> int:
    owner = unit.owner
    if owner is None or not ways_to(owner, EVENT):
        return 0
    try:
        with transaction.atomic():
            WarrantyReminder.objects.create(unit=unit, contact=owner, until=until)
            language = owner.user.language if owner.user else owner.language
            with translation.override(language):
                context = {
                    "customer": owner.name,
                    "product": unit.model.name,
                    "model": unit.model.number,
                    "serial": masked(unit.serial),
                    "until": day_words(until),
                    "days": left,
                    "action_url": settings.SITE_ORIGIN + reverse("portal:unit", args=[unit.code]),
                    "action_text": gettext("Open my product"),
                }
            notify(owner, EVENT, context=context, subject=unit)
    except IntegrityError:
        return 0
    return 1
