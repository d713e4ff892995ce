"""A person's registrations, household and transfers: the copy of them, what is emptied on closing, what is still open."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext

from core.forgetting import files_of, forget_files, forget_history, forget_messages
from core.models import Attachment
from warranty.models import HouseholdMember, UnitTransfer, WarrantyCertificate, WarrantyRegistration, WarrantyReminder


def _registrations(user: Any) -> list[WarrantyRegistration]:
    return list(WarrantyRegistration.objects.filter(contact__user=user).select_related("unit__model").order_by("pk"))


def export(user: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the person's registrations, the households they are in, and their transfers. Nobody else's address is in it."""
    places = HouseholdMember.objects.filter(Q(user=user) | Q(unit__owner__user=user)).select_related("unit__model")
    transfers = UnitTransfer.objects.filter(Q(giver__user=user) | Q(taker__user=user)).select_related("unit__model", "giver")
    return {
        "registrations": [
            {
                "reference": row.reference,
                "model": row.unit.model.number,
                "serial": row.unit.serial,
                "kind": row.kind,
                "state": row.state,
                "bought_on": row.purchased_on,
                "installed_on": row.installed_on,
                "dealer": row.dealer,
                "use": row.use,
                "our_words": row.return_text,
                "submitted_at": row.submitted_at,
                "decided_at": row.decided_at,
            }
            for row in _registrations(user)
        ],
        "households": [
            {
                "model": place.unit.model.number,
                "as": "member" if place.user_id == user.pk else "owner",
                "address": place.address if place.user_id != user.pk and place.invited_by_id == user.pk else "",
                "invited_at": place.created_at,
                "joined_at": place.accepted_at,
                "left_at": place.removed_at,
            }
            for place in places
        ],
        "transfers": [
            {
                "model": row.unit.model.number,
                "as": "giver" if row.giver.user_id == user.pk else "taker",
                "started_at": row.created_at,
                "accepted_at": row.accepted_at,
                "cancelled_at": row.cancelled_at,
            }
            for row in transfers
        ],
    }


def files(user: Any) -> list[Attachment]:
    """Return the receipts the person sent."""
    return files_of(_registrations(user))


def anonymise(user: Any, *, now: datetime) -> dict[str, int]:
    """Withdraw what is open, empty the rest, delete receipts; days and decisions stay with the unit, whose warranty they are.

    Comes before products, which lets the units go. Idempotent.
    """
    rows = _registrations(user)
    open_states = (WarrantyRegistration.State.SUBMITTED, WarrantyRegistration.State.RETURNED)
    mine = Q(unit__owner__user=user)
    certificates = WarrantyCertificate.objects.filter(mine, revoked_at__isnull=True)
    places = HouseholdMember.objects.filter(Q(user=user) | mine | Q(invited_by=user))
    return {
        "withdrawn": WarrantyRegistration.objects.filter(contact__user=user, state__in=open_states).update(state="withdrawn"),
        "registrations": WarrantyRegistration.objects.filter(contact__user=user)
        .exclude(dealer="", return_text="", serial_typed="")
        .update(dealer="", return_text="", serial_typed=""),
        "files": forget_files(user=user, subjects=rows),
        "messages": forget_messages(subjects=rows),
        "history": forget_history(rows, user=user),
        "certificates": certificates.update(revoked_at=now),
        "households": places.delete()[0],
        "transfers": UnitTransfer.objects.filter(
            Q(giver__user=user) | mine, accepted_at__isnull=True, cancelled_at__isnull=True
        ).update(cancelled_at=now),
        "reminders": WarrantyReminder.objects.filter(contact__user=user).delete()[0],
    }  # fmt: skip


def outlived(*, before: datetime) -> QuerySet[WarrantyRegistration]:
    """Return the decisions on registrations of closed accounts that were taken (or withdrawn) before a moment."""
    open_states = (WarrantyRegistration.State.SUBMITTED, WarrantyRegistration.State.RETURNED)
    nobody = Q(contact__user=None) | Q(contact__user__is_active=False)
    over = WarrantyRegistration.objects.filter(nobody, submitted_at__lt=before).exclude(state__in=open_states)
    return over.filter(Q(decided_at=None) | Q(decided_at__lt=before))


def let_go(rows: Sequence[WarrantyRegistration], *, now: datetime) -> int:
    """Delete these decisions with their receipts; the machine keeps its days, whoever owns it now. Returns how many rows went."""
    forget_files(subjects=rows)
    forget_messages(subjects=rows)
    forget_history(rows)
    return int(WarrantyRegistration.objects.filter(pk__in=[row.pk for row in rows]).delete()[0])


def open_cases(user: Any) -> list[dict[str, Any]]:
    """Return registrations that are still being checked; they do not stop the closing."""
    return [
        {
            "reference": row.reference,
            "title": gettext("Registration of %(model)s") % {"model": row.unit.model.number},
            "url": reverse("portal:registration", args=[row.reference]),
            "blocks": False,
        }
        for row in _registrations(user)
        if row.is_open
    ]
