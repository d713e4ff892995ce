"""What a member wants to be told about, by which channel, and when the phone stays silent."""

from collections.abc import Mapping
from datetime import time

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import notices
from accounts.actions.contacts import record_consent, withdraw_consent
from accounts.models import NoticeChoice, QuietHours, User
from core.brand import current_brand
from core.errors import InvalidInput
from core.history import record

MUST_REACH = _("Safety notices must reach you by at least one way.")


@transaction.atomic
def save_choices(*, user: User, wanted: Mapping[tuple[str, str], bool]) -> list[str]:
    """Keep a member's choices.

    Args:
        wanted: (topic, channel) → yes or no; what is missing stays as it is.
    Returns:
        the topics that changed; consent to an opt-in topic is put on record, or withdrawn, with it.
    Raises:
        InvalidInput for an unknown topic, or where safety notices would reach the member by no channel.
    """
    for (topic, channel), _on in wanted.items():
        if topic not in notices.TOPICS or channel not in notices.CHANNELS:
            raise InvalidInput(field=topic, code="unknown")
    for topic, rule in notices.TOPICS.items():
        given = {channel: on for (name, channel), on in wanted.items() if name == topic}
        if rule.must_reach and given and not any(given.values()) and len(given) == len(notices.CHANNELS):
            raise InvalidInput(MUST_REACH, field=topic, code="must_reach")
    User.objects.select_for_update().get(pk=user.pk)
    before = {(row.topic, row.channel): row.wanted for row in NoticeChoice.objects.filter(user=user)}
    changed = sorted({topic for (topic, channel), on in wanted.items() if before.get((topic, channel)) is not on})
    for (topic, channel), on in wanted.items():
        NoticeChoice.objects.update_or_create(user=user, topic=topic, channel=channel, defaults={"wanted": on})
    for topic in changed:
        if notices.TOPICS[topic].opt_in and not notices.TOPICS[topic].staff:
            _keep_consent(user, topic)
    if changed:
        record(user, "notices_changed", by=user, topics=changed)
    return changed


def _keep_consent(user: User, topic: str) -> None:
    """An opt-in topic is a consent: given with its first channel, withdrawn with its last."""
    on = NoticeChoice.objects.filter(user=user, topic=topic, wanted=True).exists()
    given = user.consents.filter(purpose=topic, withdrawn_at__isnull=True).exists()
    if on and not given:
        record_consent(purpose=topic, text_version=current_brand().privacy_version, source="settings", user=user)
    elif given and not on:
        withdraw_consent(purpose=topic, user=user)


@transaction.atomic
def save_quiet_hours(*, user: User, on: bool, starts: time, ends: time) -> QuietHours:
    """Keep when the member's phone stays silent for what is not urgent. Raises InvalidInput for hours without length."""
    if on and starts == ends:
        raise InvalidInput(_("Quiet hours need a beginning and another end."), field="ends", code="empty")
    hours, _created = QuietHours.objects.update_or_create(user=user, defaults={"on": on, "starts": starts, "ends": ends})
    record(user, "quiet_hours_changed", by=user, on=on)
    return hours


@transaction.atomic
def withdraw(*, user: User, purpose: str) -> int:
    """Withdraw a consent from the list; an opt-in topic is switched off with it. Returns how many consents ended."""
    rule = notices.TOPICS.get(purpose)
    if rule is not None and rule.opt_in:
        NoticeChoice.objects.filter(user=user, topic=purpose, wanted=True).update(wanted=False)
    return withdraw_consent(purpose=purpose, user=user)


@transaction.atomic
def save_single_keys(*, user: User, on: bool) -> None:
    """Keep whether single letters are shortcuts at the desk: with the account, so that it holds in every browser (WCAG 2.1.4)."""
    if User.objects.filter(pk=user.pk).exclude(single_keys=on).update(single_keys=on):
        record(user, "single_keys_changed", by=user, on=on)
