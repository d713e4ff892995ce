"""Template tags of repairs: amounts, states as tags, steps in words, addresses in one line."""

from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from core.templatetags.look import tag
from fieldservice import money, states, words
from fieldservice.slots import slot_from

register = template.Library()


@register.filter
def yuan(fen: Any) -> str:
    """An amount in fen as people read it."""
    return money.shown(int(fen or 0))


@register.simple_tag
def repair_tag(order: Any) -> SafeString:
    """The customer's state of a repair as a tag."""
    state = states.state_of(order.state)
    return tag(state.title, state.tone)


@register.simple_tag
def repair_state(order: Any) -> SafeString:
    """The staff's state of a repair as a tag."""
    state = states.state_of(order.state)
    return tag(state.label, state.tone)


@register.filter
def next_step(order: Any) -> str:
    """What happens next, in the customer's words."""
    return words.next_words(order.state)


@register.filter
def waits_for(order: Any) -> str:
    """Whose turn it is, in words."""
    return str(states.WAITS_FOR[states.state_of(order.state).waits_for])


@register.filter
def step_title(entry: Any) -> str:
    """The customer's headline of a step."""
    return words.step_title(entry)


@register.filter
def step_label(entry: Any) -> str:
    """The staff's headline of a step."""
    return words.step_label(entry)


@register.filter
def step_actor(entry: Any) -> str:
    """Who made a step; what goes by itself says so."""
    return pgettext("step of a repair", "by itself") if entry.actor_label in {"system", "clock"} else str(entry.actor_label)


@register.filter
def step_text(entry: Any) -> str:
    """What belongs to a step, in sentences."""
    return words.step_text(entry)


@register.filter
def slot_words(key: str) -> str:
    """A slot in words."""
    slot = slot_from(key)
    return slot.words if slot else key


@register.filter
def address_line(address: Any) -> str:
    """An address in one line: large to small as it is written in Chinese, small to large in other languages."""
    return _address(address, ("province", "city", "district", "street", "detail"))


@register.filter
def address_region(address: Any) -> str:
    """The part of an address that names nobody's door."""
    return _address(address, ("province", "city", "district"))


def _address(address: Any, names: tuple[str, ...]) -> str:
    parts = [str((address or {}).get(name, "")) for name in names]
    found = [part for place, part in enumerate(parts) if part and part not in parts[:place]]
    if any("\u4e00" <= sign <= "\u9fff" for sign in "".join(found)):
        return "".join(found)
    return ", ".join(reversed(found))
