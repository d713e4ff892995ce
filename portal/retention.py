"""Nothing is kept for longer than the privacy page says: what has outlived its time is let go, table by table, and counted beforehand.

A rule is a part with two functions: `outlived(*, before)` returns the rows whose time is over and that still hold something, so that a
second run finds none; `let_go(rows, *, now)` empties or deletes them.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact, PrivacySettings, RetentionRun
from chat.models import Conversation
from core.forgetting import forget_history, outlived_messages
from core.notifications import FORGOTTEN
from fieldservice import states as repair_states
from fieldservice.models import RepairOrder
from kb import retention as traces
from kb.models import HelpSession
from search import privacy as search_words
from tickets.models import Ticket
from warranty.models import WarrantyRegistration

logger = logging.getLogger(__name__)
BATCH = 200
PROOF, CASES, TRACES, WORDS = "kept_years", "cases_years", "traces_days", "words_days"


@dataclass(frozen=True)
class Rule:
    """What is kept for how long: `period` names the field of PrivacySettings; `what` becomes of it afterwards."""

    key: str
    label: Any
    what: Any
    period: str
    outlived: Callable[..., QuerySet[Any]]
    let_go: Callable[..., int]


def _of(path: str) -> tuple[Callable[..., QuerySet[Any]], Callable[..., int]]:
    module = import_module(path)
    return module.outlived, module.let_go


def contacts_outlived(*, before: datetime) -> QuerySet[Contact]:
    """Return the contacts without an account of whom no case is open or younger than a moment, and that still name somebody."""
    mine = {"contact": OuterRef("pk")}
    young = (
        Exists(Ticket.objects.filter(Q(closed_at=None) | Q(closed_at__gte=before), **mine)),
        Exists(Conversation.objects.filter(Q(ended_at=None) | Q(ended_at__gte=before), **mine)),
        Exists(RepairOrder.objects.filter(~Q(state__in=repair_states.FINAL) | Q(state_since__gte=before), **mine)),
        Exists(WarrantyRegistration.objects.filter(**mine)),
    )
    rows = Contact.objects.filter(user=None, created_at__lt=before).exclude(name="", email="", phone="", region="", note="")
    for reason in young:
        rows = rows.filter(~reason)
    return rows


def contacts_let_go(rows: Sequence[Contact], *, now: datetime) -> int:
    """Empty these contacts; the row stays, so that counts of the past still add up."""
    forget_history(rows)
    empty = {"name": "", "email": "", "phone": "", "region": "", "note": "", "email_verified_at": None, "phone_verified_at": None}
    return Contact.objects.filter(pk__in=[row.pk for row in rows]).update(**empty)


def attempts_outlived(*, before: datetime) -> QuerySet[HelpSession]:
    """Return the attempts that are nobody's any more; what a case points down to is kept with the case, as long as that is kept."""
    settings = PrivacySettings.load()
    cases = _ago(CASES, settings, now=before + timedelta(days=settings.traces_days))
    member = Q(contact__user__isnull=False, contact__user__is_active=True)
    kept = (
        Ticket.objects.filter(member | Q(closed_at=None) | Q(closed_at__gte=cases)),
        Conversation.objects.filter(member | Q(ended_at=None) | Q(ended_at__gte=cases)),
        RepairOrder.objects.filter(member | ~Q(state__in=repair_states.FINAL) | Q(state_since__gte=cases)),
    )
    rows = traces.attempts_outlived(before=before)
    for reason in kept:
        rows = rows.filter(~traces.belongs_to(reason))
    return rows


def messages_let_go(rows: Sequence[Any], *, now: datetime) -> int:
    """Blank these mails and SMS."""
    found = outlived_messages(before=now).filter(pk__in=[row.pk for row in rows])
    return int(found.update(address="", subject="", body=FORGOTTEN, html="", error=""))


def rules() -> tuple[Rule, ...]:
    """Return the rules in the order of the sweep: cases before the people they belong to."""
    blanked = _("Words, names and files are deleted; product, fault and days stay.")
    proof = _("Quotes, warranty, machine’s number and region are deleted; model, fault and days stay.")
    units_stay = _("Deleted; the machine keeps its days.")
    names, words = _("Name and addresses are deleted."), _("Address and words are deleted.")
    answers_stay = _("Person, machine, note and photos are deleted; the answers stay, as figures.")
    unlinked = _("Browser, account, machine, phone numbers and the like are deleted; what was asked and how it ended stays, as figures.")
    return (
        Rule("repairs", _("Repairs of closed accounts and guests"), proof, PROOF, *_of("fieldservice.privacy")),
        Rule("warranty", _("Warranty decisions of closed accounts"), units_stay, PROOF, *_of("warranty.privacy")),
        Rule("requests", _("Requests of guests"), blanked, CASES, *_of("tickets.privacy")),
        Rule("chats", _("Chats of guests"), blanked, CASES, *_of("chat.privacy")),
        Rule("contacts", _("Guests without a younger case"), names, CASES, contacts_outlived, contacts_let_go),
        Rule("messages", _("Mails and SMS sent"), words, CASES, outlived_messages, messages_let_go),
        Rule("diagnoses", _("Runs of diagnoses"), answers_stay, TRACES, *_of("diagnosis.privacy")),
        Rule("attempts", _("Help attempts"), unlinked, TRACES, attempts_outlived, traces.attempts_let_go),
        Rule("searches", _("Searches"), unlinked, TRACES, *_of("search.privacy")),
        Rule("votes", _("Votes on answers"), unlinked, TRACES, traces.votes_outlived, traces.votes_let_go),
        Rule("search_words", _("Words that were searched"), _("Deleted."), WORDS, search_words.words_outlived, search_words.words_let_go),
    )


def end_of(rule: Rule, settings: PrivacySettings, *, now: datetime) -> datetime:
    """Return the moment before which something must have ended to be let go by a rule."""
    return _ago(rule.period, settings, now=now)


def _ago(period: str, settings: PrivacySettings, *, now: datetime) -> datetime:
    """Return the moment so many days ago, or calendar years: the day before for 29 February."""
    if period.endswith("_days"):
        return now - timedelta(days=getattr(settings, period))
    years = getattr(settings, period)
    try:
        return now.replace(year=now.year - years)
    except ValueError:
        return now.replace(year=now.year - years, day=28)


def figures(*, now: datetime | None = None) -> list[dict[str, Any]]:
    """Return what a run would let go now, changing nothing: rule, years or days (the other one is 0), the moment, how many rows."""
    moment, settings = now or timezone.now(), PrivacySettings.load()
    found = []
    for rule in rules():
        before = end_of(rule, settings, now=moment)
        unit = "days" if rule.period.endswith("_days") else "years"
        kept = {"years": 0, "days": 0, unit: getattr(settings, rule.period)}
        found.append({"rule": rule, **kept, "before": before, "due": rule.outlived(before=before).count()})
    return found


def sweep(*, now: datetime | None = None) -> dict[str, int]:
    """Let everything go that has outlived its time, in batches; returns rule → rows, and keeps it as a run where there were any.

    A rule that fails does not stop the others; a second run changes nothing.
    """
    moment, settings = now or timezone.now(), PrivacySettings.load()
    counts: dict[str, int] = {}
    for rule in rules():
        before = end_of(rule, settings, now=moment)
        try:
            counts[rule.key] = _run(rule, before=before, now=moment)
        except Exception:
            logger.exception("the retention rule %s failed", rule.key)
    if any(counts.values()):
        RetentionRun.objects.create(at=moment, counts=counts)
    return counts


def _run(rule: Rule, *, before: datetime, now: datetime) -> int:
    done, seen = 0, 0
    while rows := list(rule.outlived(before=before).exclude(pk__lte=seen).order_by("pk")[:BATCH]):
        with transaction.atomic():
            rule.let_go(rows, now=now)
        done += len(rows)
        seen = rows[-1].pk
    return done
