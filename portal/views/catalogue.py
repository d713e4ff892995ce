"""The catalogue: families, models, and finding a model by what is printed on it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.brand import brand_of
from core.i18n import language_suffix
from core.text import plain_text
from kb.models import GuidePage
from portal import queries, structured
from portal.templatetags.pages import picture_url
from portal.views.parts import crumbs_context, language, not_found, remember_product, remembered_products, typed
from products.models import ProductModel


def model_url(model: ProductModel) -> str:
    """Return the address of a model's page."""
    return reverse("portal:model", args=[model.family.slug, model.slug])


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """Show all families; `?q=` finds a model by a piece of its number and opens the only match."""
    fragment = typed(request, "q", queries.FRAGMENT_LENGTH)
    found = queries.find_models(fragment) if fragment else []
    if len(found) == 1:
        return redirect(model_url(found[0]))
    context = {
        "families": list(queries.families()),
        "products": remembered_products(request),
        "q": fragment,
        "models": found,
        **crumbs_context(request, (_("All products"), "")),
    }
    return render(request, "portal/catalogue.html", context)


@require_safe
def family(request: HttpRequest, family_slug: str) -> HttpResponse:
    """Show a family: its models (filtered by `?q=`), guides, codes and where the label is."""
    row = queries.family_for(family_slug)
    if row is None:
        return not_found(
            request, title=_("We have no such product family"), text=_("Choose yours by picture, or search for the model on the label.")
        )
    fragment = typed(request, "q", queries.FRAGMENT_LENGTH)
    context = {
        "family": row,
        "models": queries.models_of(row, fragment),
        "q": fragment,
        "guides": queries.guides_for(language(), family=row, limit=6),
        "codes": queries.codes_of(row),
        "announcements": queries.announcements_about(family=row, request=request),
        **crumbs_context(request, (_("All products"), reverse("portal:catalogue")), (row.name, "")),
    }
    return render(request, "portal/family.html", context)


@require_safe
def model(request: HttpRequest, family_slug: str, model_slug: str) -> HttpResponse:
    """Show a model: picture, plate, guides, codes, manuals; remember it in this browser."""
    row = queries.model_for(family_slug, model_slug)
    if row is None:
        found = queries.find_models(plain_text(model_slug, lines=False))
        if len(found) == 1:
            return redirect(model_url(found[0]), permanent=False)
        return not_found(
            request, title=_("We do not know this model"), text=_("Check the number on the label, or choose the product by picture.")
        )
    serial = typed(request, "serial", 60)
    manuals = [GuidePage.Kind.MANUAL]
    others = [kind for kind in GuidePage.Kind if kind != GuidePage.Kind.MANUAL]
    image = picture_url(row.picture) or picture_url(row.family.picture)
    context = {
        "model": row,
        "family": row.family,
        "specs": specifications(row),
        "guides": queries.guides_for(language(), model=row, kinds=others, limit=10),
        "manuals": queries.guides_for(language(), model=row, kinds=manuals),
        "codes": queries.codes_of(row.family, row),
        "announcements": queries.announcements_about(model=row, request=request),
        "help_url": reverse("portal:get_help") + f"?product={row.slug}",
        "register_url": reverse("portal:unit_register") + "?" + urlencode({"model": row.slug, **({"serial": serial} if serial else {})}),
        "from_label": bool(serial or request.GET.get("label")),
        "product_data": structured.product(request, brand_of(request), row, image),
        "image": image,
        **crumbs_context(
            request,
            (_("All products"), reverse("portal:catalogue")),
            (row.family.name, reverse("portal:family", args=[row.family.slug])),
            (row.number, ""),
        ),
    }
    response = render(request, "portal/model.html", context)
    remember_product(request, response, row)
    return response


def specifications(row: ProductModel) -> list[dict[str, str]]:
    """Return the model's specifications as label and value in the language in force; malformed entries are left out."""
    suffix = language_suffix()
    shown = []
    for entry in row.specs if isinstance(row.specs, list) else []:
        if not isinstance(entry, dict):
            continue
        label = entry.get(f"label_{suffix}") or entry.get("label_en", "")
        value = entry.get(f"value_{suffix}") or entry.get("value", "")
        if label and value:
            shown.append({"label": str(label), "value": str(value)})
    return shown
