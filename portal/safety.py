"""When to stop: the signs of each hazard and what to do first. Pure; the words follow the safety notes of the guides."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class StopNotice:
    """Signs on which nobody should go on, and the one thing to do then."""

    signs: tuple[Any, ...]
    action: Any


STOPS: dict[str, StopNotice] = {
    "electricity": StopNotice(
        (
            _("There is a burning smell, or smoke under the machine"),
            _("The socket or plug is hot or discoloured"),
            _("Water on the floor has reached the socket"),
        ),
        _("Switch off at the mains of your home, then call."),
    ),
    "gas": StopNotice(
        (
            _("It smells of gas, even faintly"),
            _("The alarm of a gas or carbon monoxide detector sounds"),
            _("Somebody feels dizzy or sick"),
        ),
        _("Touch no switch. Close the gas valve, open the windows, go outside and call from there."),
    ),
    "water": StopNotice(
        (_("Water keeps running although the tap is closed"), _("Water comes near a socket or an extension lead")),
        _("Close the tap and switch off at the mains, then call."),
    ),
    "hot": StopNotice(
        (_("The housing is too hot to touch"), _("Steam or boiling water comes out")),
        _("Switch it off and let it cool for at least half an hour, then call."),
    ),
    "refrigerant": StopNotice(
        (_("You hear hissing, or see oil on the pipes"), _("There is an open flame or a spark nearby")),
        _("Put out flames, open the windows, leave the room and call."),
    ),
    "": StopNotice(
        (_("There is a burning smell, or smoke"), _("The machine or its cable is visibly damaged")),
        _("Stop using it, pull the plug if you can reach it safely, then call."),
    ),
}


def stop_notice(severity: str, hazard: str) -> StopNotice | None:
    """Return the notice for a code, or None where nothing is dangerous.

    Args:
        severity: `info`, `careful` or `danger`.
        hazard: key of STOPS; unknown ones get the general notice.
    """
    if hazard:
        return STOPS.get(hazard, STOPS[""])
    return STOPS[""] if severity == "danger" else None
