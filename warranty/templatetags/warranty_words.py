"""Days and masked serial numbers in templates."""

from typing import Any

from django import template
from django.utils.translation import pgettext_lazy

from warranty.serials import masked
from warranty.words import day_words

register = template.Library()
register.filter("day_words", day_words)
register.filter("masked_serial", masked)

STEPS = {
    "submitted": pgettext_lazy("registration", "sent"),
    "resubmitted": pgettext_lazy("registration", "sent again"),
    "approved": pgettext_lazy("registration", "approved"),
    "returned": pgettext_lazy("registration", "returned"),
    "refused": pgettext_lazy("registration", "refused"),
    "withdrawn": pgettext_lazy("registration", "withdrawn"),
    "owner_agreed": pgettext_lazy("claim", "the present owner agrees"),
    "owner_disputed": pgettext_lazy("claim", "the present owner objects"),
    "customer_told": pgettext_lazy("registration", "customer told"),
}


@register.filter
def registration_step(verb: str) -> Any:
    """A step of a registration's history in words."""
    return STEPS.get(verb, verb)
