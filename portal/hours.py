"""Whether somebody answers the hotline now, from the service calendar."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import business_time, calendars
from core.models import BrandSettings


@dataclass(frozen=True)
class ServiceHours:
    """Open now or not, with the words for it; `opens_at` is the next opening while closed."""

    open: bool
    words: str
    opens_at: datetime | None = None


def service_hours(brand: BrandSettings, *, now: datetime | None = None) -> ServiceHours | None:
    """Return the state of the service calendar at `now`; None where no calendar is set up."""
    calendar = brand.calendar or calendars.default_calendar()
    if calendar is None:
        return None
    moment = now or timezone.now()
    schedule = calendars.schedule_for(calendar)
    if business_time.is_open(schedule, moment):
        return ServiceHours(open=True, words=pgettext("hotline", "Open now"))
    try:
        opens = business_time.next_opening(schedule, moment)
    except business_time.NeverOpen:
        return None
    local = opens.astimezone(schedule.zone)
    today = moment.astimezone(schedule.zone).date()
    clock = local.strftime("%H:%M")
    if local.date() == today:
        words = _("Closed now, opens today at %(time)s") % {"time": clock}
    else:
        words = _("Closed now, opens %(day)s at %(time)s") % {"day": formats.date_format(local.date(), "MONTH_DAY_FORMAT"), "time": clock}
    return ServiceHours(open=False, words=words, opens_at=opens)
