"""A person's machines: what the copy of their data holds, and how they are let go."""

from datetime import datetime
from typing import Any

from core.forgetting import forget_history
from core.models import Attachment
from products.models import Unit


def export(user: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the machines whose owner the person is."""
    rows = Unit.objects.filter(owner__user=user).select_related("model", "model__family")
    return {
        "machines": [
            {
                "model": unit.model.number,
                "serial": unit.serial,
                "bought_on": unit.purchased_on,
                "place": unit.place,
                "registered_at": unit.created_at,
            }
            for unit in rows
        ]
    }


def files(user: Any) -> list[Attachment]:
    """Return no files: proofs of purchase belong to warranty."""
    return []


def anonymise(user: Any, *, now: datetime) -> dict[str, int]:
    """Let the machines go: a serial number says nothing about a person without an owner, and the next owner can register it."""
    units = list(Unit.objects.filter(owner__user=user))
    forget_history(units, user=user)
    return {"machines": Unit.objects.filter(pk__in=[unit.pk for unit in units]).update(owner=None, place="")}
