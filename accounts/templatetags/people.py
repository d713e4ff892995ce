"""Template filters for addresses of people."""

from typing import Any

from django import template

from accounts.phones import shown_phone as _shown_phone
from core.masking import masked_address

register = template.Library()


@register.filter
def shown_phone(number: Any) -> str:
    """A stored number as people read it: `138 0013 8000`."""
    return _shown_phone(number)


@register.filter
def masked(address: Any) -> str:
    """A phone number or an e-mail address with its middle hidden."""
    return masked_address(address)
