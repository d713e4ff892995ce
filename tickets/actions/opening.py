"""Opening a ticket, whatever the channel: routed, prioritised, promised, escalated, once per form."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Contact
from core.errors import InvalidInput
from core.events import emit
from core.files import attach_uploads
from core.history import record
from core.i18n import normal_language
from core.references import new_reference
from kb.models import HelpSession
from products.models import ProductFamily, ProductModel
from tickets.actions import clock
from tickets.actions.base import clean_text, demand_agent, members, notify
from tickets.models import Escalation, Queue, SLATarget, Ticket

MAX_DESCRIPTION = 10_000
Metric = SLATarget.Metric


def queue_for_family(family: ProductFamily | None) -> Queue:
    """Return the first-line queue of a family, else the default one. Raises InvalidInput when no queue is set up."""
    queues = Queue.objects.select_related("calendar")
    found = queues.filter(families=family, tier=1).first() if family else None
    found = found or queues.order_by("-is_default", "order", "key").first()
    if found is None:
        raise InvalidInput(_("No queue is set up yet."), code="no_queue")
    return found


def open_ticket(
    *,
    contact: Contact,
    subject: str,
    description: str,
    channel: str = Ticket.Channel.WEB,
    language: str = "zh-hans",
    kind: str = Ticket.Kind.QUESTION,
    family: ProductFamily | None = None,
    model: ProductModel | None = None,
    product_text: str = "",
    unit: Any = None,
    serial_text: str = "",
    problem: Any = None,
    help_session: HelpSession | None = None,
    attachments: Iterable[str] = (),
    visitor_key: str = "",
    submit_key: str = "",
    impact: int = Ticket.Level.MEDIUM,
    urgency: int = Ticket.Level.MEDIUM,
    by: Any = None,
    escalate: bool = True,
    escalation_kind: str = Escalation.Kind.SELF_SERVICE,
    internal: bool = False,
) -> Ticket:
    """Open a ticket and return it; the same `submit_key` again returns the first one.

    Args:
        contact: who asks.
        subject: one line; the beginning of the description where it is empty.
        unit: the machine, where it is known which one of theirs it is.
        attachments: references of drafts uploaded by `by` or by the visitor `visitor_key`.
        by: the signed-in person who sends it: the customer, or the agent who logs it.
        escalate: put it into the escalation queue (everything a person has to look at).
        internal: an agent logs it on the customer's behalf (phone, letter); then `by` must work at the desk.
    Raises:
        InvalidInput (nothing written), InvalidUpload, NotAllowed.
    """
    if internal:
        demand_agent(by)
    existing = Ticket.objects.filter(submit_key=submit_key).first() if submit_key else None
    if existing:
        return existing
    body = clean_text(description, field="description", limit=MAX_DESCRIPTION, message=_("Describe in a few words what happens."))
    title = " ".join((subject or body).replace("\x00", "").split())[:160]
    family = family or (model.family if model else None)
    draft = Ticket(
        contact=contact,
        subject=title,
        description=body,
        channel=channel,
        language=normal_language(language),
        kind=kind,
        family=family,
        model=model,
        unit=unit,
        product_text=product_text.replace("\x00", "").strip()[:80],
        serial_text=serial_text.replace("\x00", "").strip()[:40],
        problem=problem,
        help_session=help_session,
        submit_key=submit_key[:40],
        impact=impact,
        urgency=urgency,
        priority=clock.priority_for(impact=impact, urgency=urgency),
        queue=queue_for_family(family),
        created_by=by if getattr(by, "pk", None) else None,
    )
    try:
        with transaction.atomic():
            return _write(draft, attachments, visitor_key=visitor_key, by=by, internal=internal, kind=escalation_kind if escalate else "")
    except IntegrityError:
        existing = Ticket.objects.filter(submit_key=submit_key).first() if submit_key else None
        if existing:
            return existing
        raise


def _write(ticket: Ticket, attachments: Iterable[str], *, visitor_key: str, by: Any, internal: bool, kind: str) -> Ticket:
    now = timezone.now()
    ticket.reference = new_reference("T", exists=lambda value: Ticket.objects.filter(reference=value).exists())
    ticket.created_at = ticket.updated_at = ticket.waiting_since = now
    if internal:
        # The customer has been answered by the person who wrote it down.
        ticket.first_responded_at, ticket.waiting_since = now, None
    ticket.save()
    attach_uploads(attachments, subject=ticket, by=by, visitor_key=visitor_key)
    label = "" if getattr(by, "pk", None) else str(ticket.contact)
    record(ticket, "opened", by=by, label=label, public=True, channel=ticket.channel, queue=ticket.queue.key, priority=ticket.priority.key)
    clock.start_target(ticket, metric=Metric.FIRST_RESPONSE, at=now)
    clock.start_target(ticket, metric=Metric.RESOLUTION, at=now)
    if internal:
        clock.meet_target(ticket, metrics=[Metric.FIRST_RESPONSE], at=now)
    clock.sync_due(ticket)
    if kind:
        clock.raise_escalation(ticket, kind=kind, queue=ticket.queue, by=by if getattr(by, "pk", None) else None, at=now)
    notify(ticket, kind="opened", users=members(ticket.queue), but=by, at=now)
    emit("ticket.opened", ticket_id=ticket.pk)
    return ticket
