"""What a contact does to the attempts before it, and what silence does: a success that was none, an attempt that is over."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import Contact
from kb.ledger import never_blocks
from kb.models import HelpEvent, HelpSession
from kb.windows import ABANDONED_HOURS, LONGEST, WINDOWS, Topic, days_after, same_topic, window_of
from products.models import ProductModel, Unit

Outcome = HelpSession.Outcome
MOST = 100  # attempts of one person in thirty days that are looked at
PERSON_DAYS = 180  # so long a browser that once asked in somebody's name counts as theirs


@never_blocks
def record_contact(
    *,
    reference: str,
    channel: str = "",
    at: datetime | None = None,
    product_id: int | None = None,
    family_id: int | None = None,
    unit_id: int | None = None,
    code_id: int | None = None,
    problem_id: int | None = None,
    contact_key: int | None = None,
    visitor_key: str = "",
    user_id: int | None = None,
    named: bool = True,
) -> int:
    """Let a contact end the same person's attempts about the same thing: “solved” of the last 30 days turns into “failed”.

    What was open, or left without a word in the last 7 days, turns into “needed a person”. The same contact again changes nothing,
    and of two contacts at once the first one counts.

    Args:
        reference: of the ticket, chat or repair that was opened.
        channel: how it came: web, phone, mail, chat, repair …
        at: when; now by default.
        product_id, family_id, unit_id, code_id, problem_id: primary keys of what it is about, where known.
        contact_key: primary key of the contact; visitor_key, user_id: the browser and the account, where known.
        named: keep the reference with the attempt; False where the visitor does not want the two put together.
    Returns the number of attempts turned.
    """
    now = at or timezone.now()
    HelpSession.objects.filter(contact_reference=reference, contact_channel="").update(contact_channel=channel[:8])
    who = _person(contact_key, user_id, visitor_key)
    if not who:
        return 0
    topic = _topic(unit_id, product_id, family_id, code_id, problem_id)
    near = HelpSession.objects.filter(who, started_at__lte=now, last_at__gte=now - LONGEST, contact_at__isnull=True)
    rows = list(near.exclude(contact_reference=reference).order_by("-last_at").distinct()[:MOST])
    kept = reference if named else ""
    return sum(_turn(row, kept, channel, now) for row in rows if same_topic(topic_of(row), topic))


def _turn(row: HelpSession, reference: str, channel: str, at: datetime) -> bool:
    """Turn one attempt, if nobody has in the meantime. Returns whether it was turned."""
    ended = row.outcome_at or row.last_at
    if row.outcome == Outcome.OPEN:
        ended = min(ended, at)  # it may have gone on after the contact, before this was noted
    window, days = window_of(ended, at), days_after(ended, at)
    if row.outcome == Outcome.SOLVED and window is not None:
        new = Outcome.FAILED
    elif row.outcome in {Outcome.OPEN, Outcome.UNKNOWN} and window == WINDOWS[0]:
        new = Outcome.ESCALATED
    else:
        return False
    # How an attempt ended, and when, stays; only an open one ends here.
    changed = HelpSession.objects.filter(pk=row.pk, outcome=row.outcome, contact_at__isnull=True).update(
        outcome=new,
        outcome_at=row.outcome_at or at,
        contact_reference=reference[:24],
        contact_channel=channel[:8],
        contact_at=at,
        contact_days=days,
    )
    if changed:
        HelpEvent.objects.create(session=row, kind=HelpEvent.Kind.CONTACT, at=at, data={"reference": reference[:24], "days": days})
    return bool(changed)


def _person(contact_key: int | None, user_id: int | None, visitor_key: str) -> Q:
    """Return the attempts of one person: their account, their address, and the browsers in which they asked before."""
    known = Q()
    contacts = _contacts(contact_key, user_id)
    if user_id:
        known |= Q(user_id=user_id)
    if contacts:
        known |= Q(contact_id__in=contacts) | Q(user__contacts__in=contacts)
    who = Q(known)
    keys = {visitor_key} if visitor_key else set()
    if known:
        since = timezone.now() - timedelta(days=PERSON_DAYS)
        theirs = HelpSession.objects.filter(known, last_at__gte=since).exclude(visitor_key="")
        keys |= set(theirs.order_by("-last_at").values_list("visitor_key", flat=True)[:MOST])
    return who | Q(visitor_key__in=keys) if keys else who


def _contacts(contact_key: int | None, user_id: int | None) -> list[int]:
    """Return the contacts of one person: this one, those with the same phone or e-mail, and those of the account.

    A guest who wrote with both addresses and calls with one is another row, and so is one who gave another name.
    """
    mine = Q(user_id=user_id) if user_id else Q()
    row = Contact.objects.filter(pk=contact_key).first() if contact_key else None
    if row is not None:
        mine |= Q(pk=row.pk)
        mine |= Q(user_id=row.user_id) if row.user_id else Q()
        mine |= Q(phone=row.phone) if row.phone else Q()
        mine |= Q(email__iexact=row.email) if row.email else Q()
    return list(Contact.objects.filter(mine).values_list("pk", flat=True)[:MOST]) if mine else []


def topic_of(session: HelpSession) -> Topic:
    """Return what an attempt is about."""
    return Topic(session.unit_id, session.model_id, session.family_id, session.code_id, session.problem_id)


def _topic(unit_id: int | None, model_id: int | None, family_id: int | None, code_id: int | None, problem_id: int | None) -> Topic:
    if unit_id and not model_id:
        model_id = Unit.objects.filter(pk=unit_id).values_list("model_id", flat=True).first()
    if model_id and not family_id:
        family_id = ProductModel.objects.filter(pk=model_id).values_list("family_id", flat=True).first()
    return Topic(unit_id, model_id, family_id, code_id, problem_id)


def abandoned(*, now: datetime) -> QuerySet[HelpSession]:
    """Return the open attempts in which nothing has happened for a day."""
    return HelpSession.objects.filter(outcome=Outcome.OPEN, last_at__lt=now - timedelta(hours=ABANDONED_HOURS))


def sweep_abandoned(*, now: datetime | None = None) -> int:
    """End attempts that were left without a word; they count neither as success nor as failure. Returns how many."""
    ended: Any = abandoned(now=now or timezone.now()).update(outcome=Outcome.UNKNOWN, outcome_at=F("last_at"))
    return int(ended)
