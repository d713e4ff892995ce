"""News for colleagues from rooms below the desk: a registration to check, a claim to decide; gone again once somebody has decided."""

from typing import Any

from django.urls import reverse

from tickets.actions.notices import settle, tell_desk
from warranty.models import WarrantyRegistration
from warranty.permissions import reviewers


def registration_arrived(registration_id: int, **ids: Any) -> None:
    """Tell everybody who may decide it that a registration or a claim waits; one that was decided meanwhile is no news."""
    row = WarrantyRegistration.objects.filter(pk=registration_id, state=WarrantyRegistration.State.SUBMITTED).first()
    if row is None:
        return
    tell_desk(
        kind="claim" if row.kind == WarrantyRegistration.Kind.CLAIM else "registration",
        users=reviewers().values_list("pk", flat=True),
        reference=row.reference,
        path=reverse("desk_registrations:registration", args=[row.reference]),
        at=row.submitted_at,
    )


def registration_decided(registration_id: int, **ids: Any) -> None:
    """Take the news of a registration off the desks that have not looked: a colleague has decided it."""
    row = WarrantyRegistration.objects.filter(pk=registration_id).exclude(state=WarrantyRegistration.State.SUBMITTED).first()
    if row is not None:
        settle(reference=row.reference)
