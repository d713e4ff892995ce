"""What a member can be told about, by which channel, and when a phone stays silent. Pure: no database, `now` is an argument.

Adding an event: name its topic in EVENTS, by the exact template or by a prefix ending in `/`; the longest match wins. A template without
a topic is always sent. What answers something the person does at this moment, and what cannot wait, stands in URGENT as well.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import OutboundMessage

MAIL, SMS = OutboundMessage.Channel.MAIL.value, OutboundMessage.Channel.SMS.value
CHANNELS = (MAIL, SMS)


@dataclass(frozen=True)
class Topic:
    """One row of the page of choices.

    Attributes:
        name, note: words for the member.
        mail, sms: whether it is sent by this channel while the member has chosen nothing.
        opt_in: nothing is sent until the member asks for it.
        must_reach: at least one channel stays on (safety).
        staff: a colleague's own, chosen at the desk; no consent of a member.
    """

    name: Any
    note: Any
    mail: bool = True
    sms: bool = False
    opt_in: bool = False
    must_reach: bool = False
    staff: bool = False

    def default(self, channel: str) -> bool:
        """Return whether the channel is on without a choice."""
        return self.mail if channel == MAIL else self.sms


TOPICS: dict[str, Topic] = {
    "requests": Topic(pgettext_lazy("notifications", "Requests"), _("Our answers, and when a request is solved or closed")),
    "repairs": Topic(pgettext_lazy("notifications", "Repairs"), _("Appointment, engineer on the way, quote, done"), sms=True),
    "chat": Topic(pgettext_lazy("notifications", "Chat"), _("An answer after you left, the transcript")),
    "warranty": Topic(pgettext_lazy("notifications", "Warranty"), _("Result of a registration, changes of owner, certificates")),
    "recalls": Topic(
        pgettext_lazy("notifications", "Safety and recalls"),
        _("When one of your machines must not be used as before"),
        sms=True,
        must_reach=True,
    ),
    "reminders": Topic(
        pgettext_lazy("notifications", "Reminders"),
        _("Before a warranty ends, when a filter is due. Only if you want it"),
        mail=False,
        opt_in=True,
    ),
    "registrations": Topic(
        pgettext_lazy("notifications", "Registrations that wait"),
        _("Once a working day, for those who decide them"),
        mail=False,
        opt_in=True,
        staff=True,
    ),
}
MEMBER_TOPICS = {key: topic for key, topic in TOPICS.items() if not topic.staff}
"""What stands on a member's page of choices."""

EVENTS: dict[str, str] = {
    "tickets/": "requests",
    "chat/": "chat",
    "fieldservice/": "repairs",
    "warranty/": "warranty",
    "warranty/expiring": "reminders",
    "warranty/reminder": "reminders",
    "warranty/waiting": "registrations",
    "recalls/": "recalls",
    "kb/recall": "recalls",
    "reminders/": "reminders",
}

URGENT: frozenset[str] = frozenset(
    {
        "account/",
        "accounts/",
        "portal/",
        "recalls/",
        "kb/recall",
        "tickets/opened",
        "fieldservice/booked",
        "fieldservice/on_the_way",
        "fieldservice/visit_code",
    }
)


def _match(event: str, names: Collection[str]) -> str:
    """Return the longest of `names` that is the event or a folder it lies in; empty where none is."""
    fits = [name for name in names if name == event or (name.endswith("/") and event.startswith(name))]
    return max(fits, key=len, default="")


def topic_of(event: str) -> str | None:
    """Return the topic of a template such as `tickets/replied`, or None: sent whatever was chosen."""
    return EVENTS.get(_match(event, EVENTS))


def is_urgent(event: str) -> bool:
    """Return whether an event ignores quiet hours: codes, what the person waits for at this moment, safety."""
    return bool(_match(event, URGENT))


def wanted_channels(topic: str, *, chosen: Mapping[str, bool], has: Collection[str]) -> list[str]:
    """Return the channels to use, in the order mail, SMS.

    Args:
        topic: key in TOPICS.
        chosen: channel → the member's choice; what is missing follows the topic.
        has: channels the member has a proved address for.

    Where the defaults would leave somebody unreached (a phone and no e-mail address), the channel they have is used, unless they
    switched it off or the topic is opt-in. A topic that must reach people falls back to the first channel whatever was chosen.
    """
    rule = TOPICS[topic]
    found = [channel for channel in CHANNELS if channel in has and chosen.get(channel, rule.default(channel))]
    if not found and not rule.opt_in:
        found = [channel for channel in CHANNELS if channel in has and channel not in chosen][:1]
    if not found and rule.must_reach:
        found = [channel for channel in CHANNELS if channel in has][:1]
    return found


def in_quiet_hours(moment: time, *, starts: time, ends: time) -> bool:
    """Return whether a time of day lies in the hours; they may pass midnight, equal ends are no hours at all."""
    if starts == ends:
        return False
    if starts < ends:
        return starts <= moment < ends
    return moment >= starts or moment < ends


def earliest(now: datetime, *, starts: time, ends: time) -> datetime | None:
    """Return when a message may be sent: None for at once, else the end of the quiet hours that `now` lies in.

    Args:
        now: an aware time in the member's time zone.
    """
    if not in_quiet_hours(now.time().replace(tzinfo=None), starts=starts, ends=ends):
        return None
    morning = now.replace(hour=ends.hour, minute=ends.minute, second=0, microsecond=0)
    return morning if morning > now else morning + timedelta(days=1)
