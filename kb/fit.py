"""What a guide says about the reader's machine: the words of its conditions, what is asked of the reader, what is left out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from kb.conditional import conditions_in, limits_of, scope_of
from kb.conditions import NOBODY, Condition, Reader, Side, Verdict, judge
from products.models import Market, ProductFamily, ProductModel


@dataclass(frozen=True)
class Reading:
    """A reader's request for a guide: what is known of the machine, how we know it, the machines a member can pick from.

    Attributes:
        given: chosen on this page, not supposed from what the browser looked at last.
        units: (value of the choice, words) for a signed-in member's machines that the guide is about; the reader's own, never cached.
    """

    reader: Reader = NOBODY
    given: bool = False
    units: tuple[tuple[str, str], ...] = ()
    picked: str = ""


NOTHING_KNOWN = Reading()
FIRST = frozenset({Side.PRODUCT, Side.MARKET})  # asked first: they may make the other questions needless


class Names:
    """The names of families, models and markets that conditions speak of, read once for a page."""

    def __init__(self, conditions: Iterable[Condition]) -> None:
        wanted = list(conditions)
        families = {slug for item in wanted for slug in item.families}
        models = {slug for item in wanted for slug in item.models}
        markets = {code for item in wanted for code in item.markets}
        self.families = list(ProductFamily.objects.filter(slug__in=families)) if families else []
        self.models = list(ProductModel.objects.filter(slug__in=models)) if models else []
        self.markets = list(Market.objects.filter(code__in=markets)) if markets else []

    def words(self, condition: Condition) -> str:
        """Return a condition in words, its sides one after the other; empty for one that asks nothing."""
        product = [row.name for row in self.families if row.slug in condition.families]
        product += [row.number for row in self.models if row.slug in condition.models]
        markets = [row.name for row in self.markets if row.code in condition.markets]
        parts = [_list(product), _list(markets)]
        if condition.serials:
            parts.append(_("serial numbers %(ranges)s") % {"ranges": _list(str(item) for item in condition.serials)})
        parts.append(software_words(condition.software_from, condition.software_to))
        return " · ".join(part for part in parts if part)


def _list(items: Iterable[str]) -> str:
    return _(", ").join(items)


def software_words(low: str, high: str) -> str:
    """Return a range of software versions in words."""
    if low and high:
        return _("software %(low)s to %(high)s") % {"low": low, "high": high}
    if low:
        return _("software %(low)s or later") % {"low": low}
    return _("software up to %(high)s") % {"high": high} if high else ""


@dataclass
class Fit:
    """What stands above a guide whose text depends on the reader's machine."""

    chosen: str = ""
    other: str = ""
    asks_product: bool = False
    asks_serial: bool = False
    asks_software: bool = False
    models: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    markets: list[tuple[str, str]] = field(default_factory=list)
    market: str = ""
    left_out: int = 0
    open_parts: int = 0
    limits: str = ""
    others: str = ""

    @property
    def asks(self) -> bool:
        """Whether the reader is asked anything."""
        return bool(self.asks_product or self.asks_serial or self.asks_software or self.markets)


def reader_within(page: Any, reading: Reading) -> Reader:
    """Return the reader before whom the parts are judged: a machine that the guide is not about says nothing about its parts."""
    scope = scope_of(page)
    about = Condition(families=scope.families, models=scope.models)
    if judge(about, reading.reader) is Verdict.OTHERS:
        return replace(reading.reader, family="", model="", serial="")
    return reading.reader


def fit_of(page: Any, reading: Reading, *, left_out: int = 0, open_parts: int = 0) -> Fit | None:
    """Return what stands above the guide, or None where its text is the same for everybody and no model was chosen."""
    limits = limits_of(page)
    inside = list(conditions_in(page.body))
    scope = scope_of(page)
    names = Names([limits, *inside, scope])
    elsewhere = judge(limits if not reading.given else scope, reading.reader) is Verdict.OTHERS
    if not (limits or inside or elsewhere):
        return None
    within = reader_within(page, reading)
    asked = {side for condition in [limits, *inside] for side in condition.sides if side in FIRST or not _ruled_out(condition, within)}
    return Fit(
        chosen=_number(within.model),
        other=_number(reading.reader.model) if elsewhere else "",
        asks_product=Side.PRODUCT in asked,
        asks_serial=Side.SERIAL in asked,
        asks_software=Side.SOFTWARE in asked,
        models=_models(scope, inside) if Side.PRODUCT in asked else [],
        markets=[(row.code, row.name) for row in Market.objects.filter(is_active=True)] if Side.MARKET in asked else [],
        market=reading.reader.market,
        left_out=left_out,
        open_parts=open_parts,
        limits=names.words(limits),
        others=names.words(scope) if elsewhere else "",
    )


def _ruled_out(condition: Condition, reader: Reader) -> bool:
    """Tell whether product or market decide already that a text is not the reader's: then its software is nothing to ask about."""
    return judge(replace(condition, serials=(), software_from="", software_to=""), reader) is Verdict.OTHERS


def _number(slug: str) -> str:
    row = ProductModel.objects.filter(slug=slug).first() if slug else None
    return row.number if row is not None else ""


def models_asked(page: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return (family's slug, [(model's slug, number)]) of the models between which parts of a guide differ; nothing where none do."""
    inside = [condition for condition in conditions_in(page.body) if Side.PRODUCT in condition.sides]
    return _by_family(_rows(scope_of(page), inside), lambda row: row.family.slug) if inside else []


def _models(scope: Condition, inside: Iterable[Condition]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the models a reader can pick from, by family."""
    return _by_family(_rows(scope, inside), lambda row: row.family.name)


def _rows(scope: Condition, inside: Iterable[Condition]) -> list[ProductModel]:
    """Return the shown models that a guide is about, else those its parts speak of."""
    families, models = set(scope.families), set(scope.models)
    if not families and not models:
        for condition in inside:
            families |= condition.families
            models |= condition.models
    rows = ProductModel.objects.filter(is_active=True, family__is_active=True).select_related("family")
    return [row for row in rows if row.slug in models or row.family.slug in families]


def _by_family(rows: Iterable[ProductModel], key: Callable[[ProductModel], str]) -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append((row.slug, row.number))
    return list(groups.items())
