"""What is known of the machine of somebody who reads a guide: chosen on the page, one of a member's, or looked at last in this browser."""

from django.http import HttpRequest, HttpResponse

from core.errors import NotFound
from kb.conditions import Reader
from kb.fit import NOTHING_KNOWN, Reading
from kb.models import GuidePage
from portal.views.parts import remember_product, remembered_products, typed
from products.models import Market, ProductModel, Unit
from products.queries import get_model, shown_markets
from warranty.queries import get_unit_for, units_of
from warranty.serials import masked

MARKET_COOKIE = "hearth_market"
ANY = "any"
OWN = "unit:"  # a choice in the list of models that names one of the member's machines
YEAR = 60 * 60 * 24 * 365


def reading_of(request: HttpRequest, page: GuidePage) -> Reading:
    """Return what is known of the reader's machine; nothing is looked up for a guide whose text is the same for everybody.

    A model chosen in the address (`?model=`, `?unit=` for one of the member's own) comes first; without one, the model that this browser
    looked at last counts if the guide is about it, and only if no other one it is about was looked at. Nonsense counts as nothing.
    """
    choice = typed(request, "model", 60)
    if code := typed(request, "unit", 16):
        choice = f"{OWN}{code}"
    if not page.is_conditional and not choice:
        return NOTHING_KNOWN
    unit = _own_unit(request, choice)
    model = unit.model if unit is not None else get_model(choice) if choice not in {"", ANY} else None
    given = model is not None
    if model is None and choice != ANY:
        model = _looked_at(request, page)
    reader = Reader(
        family=model.family.slug if model is not None else "",
        model=model.slug if model is not None else "",
        market=_market(request, unit) if page.is_conditional else "",
        software=typed(request, "software", 30),
        serial=unit.serial if unit is not None else typed(request, "serial", 40),
    )
    own = _own_units(request, page) if page.is_conditional else ()
    picked = f"{OWN}{unit.code}" if unit is not None else reader.model
    return Reading(reader=reader, given=given, units=own, picked=picked)


def keep_choice(request: HttpRequest, response: HttpResponse) -> None:
    """Remember a model and a market that the reader has chosen on the page, for the next guide."""
    reading = getattr(request, "guide_reading", NOTHING_KNOWN)
    if reading.given and not reading.picked.startswith(OWN) and (model := get_model(reading.reader.model)) is not None:
        remember_product(request, response, model)
    if market := _known_market(typed(request, "market", 12)):
        response.set_cookie(MARKET_COOKIE, market, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure())


def _own_unit(request: HttpRequest, choice: str) -> Unit | None:
    if not choice.startswith(OWN):
        return None
    try:
        return get_unit_for(request.user, choice.removeprefix(OWN))
    except NotFound:
        return None


def _about(page: GuidePage, models: list[ProductModel]) -> list[ProductModel]:
    """Return those of `models` that the guide is about; all of them for one about no product."""
    named = {row.pk for row in page.product_models.all()}
    families = {row.pk for row in page.families.all()}
    return [row for row in models if row.pk in named or (not named and (not families or row.family_id in families))]


def _looked_at(request: HttpRequest, page: GuidePage) -> ProductModel | None:
    found = _about(page, remembered_products(request))
    return found[0] if len(found) == 1 else None


def _own_units(request: HttpRequest, page: GuidePage) -> tuple[tuple[str, str], ...]:
    units = list(units_of(request.user).select_related("model", "model__family")[:20])
    about = {row.pk for row in _about(page, [unit.model for unit in units])}
    return tuple((f"{OWN}{unit.code}", f"{unit.model.number} · {masked(unit.serial)}") for unit in units if unit.model_id in about)


def _market(request: HttpRequest, unit: Unit | None) -> str:
    if unit is not None and unit.region:
        return unit.region
    chosen = typed(request, "market", 12) or request.COOKIES.get(MARKET_COOKIE, "")
    return _known_market(chosen) or next((row.code for row in _markets() if row.is_default), "")


def _known_market(code: str) -> str:
    return code if code and any(row.code == code for row in _markets()) else ""


def _markets() -> list[Market]:
    return shown_markets()


def is_own(reading: Reading) -> bool:
    """Tell whether a guide's page is this reader's alone, so that it is not kept for others: it shows their machines."""
    return bool(reading.units or reading.reader.serial or reading.picked.startswith(OWN))
