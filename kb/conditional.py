"""The conditions of a guide: of the page itself and of its blocks and steps."""

from collections.abc import Iterator
from typing import Any

from kb.condition_blocks import condition_of
from kb.conditions import BadRange, Condition, parse_ranges

# Blocks that hold a list whose entries can be for some readers only: kind of block → name of the list.
LISTS = {"steps": "steps", "faq": "questions"}


def limits_of(page: Any) -> Condition:
    """Return what the page as a whole applies to besides its products: markets, serial numbers, software."""
    try:
        serials = parse_ranges(page.serials)
    except BadRange:
        serials = ()
    return Condition(
        markets=frozenset(market.code for market in page.markets.all()) if page.pk or page.markets.all() else frozenset(),
        serials=serials,
        software_from=page.software_from,
        software_to=page.software_to,
    )


def scope_of(page: Any) -> Condition:
    """Return everything the page as a whole applies to, its families and models included."""
    limits = limits_of(page)
    return Condition(
        families=frozenset() if page.product_models.all() else frozenset(family.slug for family in page.families.all()),
        models=frozenset(model.slug for model in page.product_models.all()),
        markets=limits.markets,
        serials=limits.serials,
        software_from=limits.software_from,
        software_to=limits.software_to,
    )


def conditions_in(blocks: Any) -> Iterator[Condition]:
    """Yield the conditions of blocks and of the entries in their lists, empty ones left out."""
    for block in blocks:
        values = [block.value]
        if block.block_type in LISTS:
            values += block.value[LISTS[block.block_type]]
        for value in values:
            condition = condition_of(value.get("only_for"))
            if condition:
                yield condition


def conditions_of(page: Any) -> list[Condition]:
    """Return the page's limits, where it has any, and every condition inside it."""
    limits = limits_of(page)
    return [*([limits] if limits else []), *conditions_in(page.body)]
