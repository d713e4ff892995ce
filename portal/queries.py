"""Reads of the public pages that join the catalogue, the guides and the announcements."""

from collections.abc import Iterable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.i18n import normal_language
from core.text import without_word
from kb.caching import generation
from kb.models import Announcement, GuidePage
from kb.queries import current_announcements, in_force, live_guides
from kb.regions import in_region, region_words
from products.codes import codes_in, look_of, normal_code, normal_model
from products.models import ErrorCode, ProductFamily, ProductModel
from products.queries import meant_code

FRAGMENT_LENGTH = 40
SHORTEST_NUMBER = 4
MODEL_LIMIT = 60
STRIP_LIMIT = 1
ABOUT_SECONDS = 60
# Severity of an announcement → tone of the strip, in the order of importance.
STRIP_ORDER = {"recall": "recall", "incident": "warning", "careful": "warning", "info": "info"}


@dataclass(frozen=True)
class GuideRow:
    """One guide as lists show it: address, title, words, family, minutes."""

    url: str
    title: str
    summary: str
    kind: str
    minutes: int | None
    family: str
    page: GuidePage


def _slug(typed: str) -> str:
    """Return what stands in an address or a form as a slug may be: short, in small letters, without what no database takes."""
    return typed[:60].lower().replace("\x00", "")


def families() -> QuerySet[ProductFamily]:
    """Return the shown product families with their pictures, in their order."""
    return (
        ProductFamily.objects.filter(is_active=True)
        .select_related("picture", "label_picture")
        .prefetch_related("picture__renditions", "label_picture__renditions")
    )


def family_for(slug: str) -> ProductFamily | None:
    """Return the shown family at this address, or None."""
    return families().filter(slug=_slug(slug)).first()


def _models() -> QuerySet[ProductModel]:
    return (
        ProductModel.objects.filter(is_active=True, family__is_active=True)
        .select_related("family", "family__label_picture", "picture")
        .prefetch_related("picture__renditions")
    )


def models_of(family: ProductFamily, fragment: str = "") -> list[ProductModel]:
    """Return the family's shown models whose number, alias or name contains `fragment` (any spelling; all when it is empty)."""
    rows = _models().filter(family=family)
    return list(_containing(rows, fragment)[:MODEL_LIMIT])


def find_models(fragment: str, *, limit: int = MODEL_LIMIT) -> list[ProductModel]:
    """Return shown models of all families that contain `fragment`; an exact number or alias comes alone."""
    typed = normal_model(fragment[:FRAGMENT_LENGTH])
    if not typed:
        return []
    exact = list(_models().filter(Q(number_normal=typed) | Q(aliases__text_normal=typed)).distinct()[:2])
    return exact or list(_containing(_models(), fragment)[:limit])


def _containing(rows: QuerySet[ProductModel], fragment: str) -> QuerySet[ProductModel]:
    words = fragment.strip()[:FRAGMENT_LENGTH]
    if not words:
        return rows
    typed = normal_model(words)
    wanted = Q(name_zh_hans__icontains=words) | Q(name_en__icontains=words)
    if typed:
        wanted |= Q(number_normal__contains=typed) | Q(aliases__text_normal__contains=typed)
    return rows.filter(wanted).distinct()


def model_for(family_slug: str, model_slug: str) -> ProductModel | None:
    """Return the shown model at this address, or None."""
    return _models().filter(family__slug=_slug(family_slug), slug=_slug(model_slug)).first()


def models_by_slug(slugs: Iterable[str]) -> list[ProductModel]:
    """Return the shown models with these slugs, in the order given."""
    wanted = [_slug(slug) for slug in slugs]
    found = {model.slug: model for model in _models().filter(slug__in=wanted)}
    return [found[slug] for slug in wanted if slug in found]


def codes_of(family: ProductFamily, model: ProductModel | None = None) -> list[ErrorCode]:
    """Return the family's shown codes; with `model`, those this model can show."""
    rows = ErrorCode.objects.filter(family=family, is_active=True).select_related("family")
    if model is not None:
        rows = rows.filter(Q(only_models__isnull=True) | Q(only_models=model)).distinct()
    return list(rows)


def all_codes() -> list[ErrorCode]:
    """Return every shown code of every shown family, by family."""
    return list(ErrorCode.objects.filter(is_active=True, family__is_active=True).select_related("family", "family__picture"))


def find_code(family_slug: str, typed: str) -> ErrorCode | None:
    """Return the family's code for any spelling (`e-02`, `Ｅ２`, `L0` for `LO`), or None."""
    rows = ErrorCode.objects.filter(family__slug=_slug(family_slug), family__is_active=True, is_active=True)
    return meant_code(rows.select_related("family", "family__label_picture"), normal_code(typed[:40]))


def find_codes(typed: str) -> list[ErrorCode]:
    """Return the codes of all families that are spelt like `typed`, or that a sentence names (`洗衣机报E2`, `E2 WF10-320`).

    A family or model named beside the code leaves only its codes.
    """
    wanted = normal_code(typed[:FRAGMENT_LENGTH])
    rows = all_codes() if wanted else []
    exact = [code for code in rows if wanted in code.spellings_normal]
    exact = exact or [code for code in rows if look_of(wanted) == look_of(code.code_normal)]
    if exact:
        return exact
    named = codes_in(typed[:FRAGMENT_LENGTH])
    found = [code for code in rows if named & code.spellings_normal]
    model = model_in(typed)
    if model is not None:
        return [code for code in found if code.family_id == model.family_id]
    here = [code for code in found if _names_family(typed, code.family)]
    return here or found


def model_in(typed: str) -> ProductModel | None:
    """Return the one shown model whose number stands in a sentence, or None."""
    text = normal_model(typed[:FRAGMENT_LENGTH])
    found = [model for model in _models() if len(model.number_normal) >= SHORTEST_NUMBER and model.number_normal in text] if text else []
    longest = max((len(model.number_normal) for model in found), default=0)
    best = [model for model in found if len(model.number_normal) == longest]
    return best[0] if len(best) == 1 else None


def _names_family(typed: str, family: ProductFamily) -> bool:
    text = typed.lower()
    return family.name_zh_hans in text or family.name_en.lower().rstrip("s") in text


def models_of_code(code: ErrorCode) -> list[ProductModel]:
    """Return the models that can show this code: the named ones, else the whole family."""
    named = list(code.only_models.filter(is_active=True).select_related("family"))
    return named or list(ProductModel.objects.filter(family=code.family, is_active=True).select_related("family"))


def guides_for(
    language: str,
    *,
    family: ProductFamily | None = None,
    model: ProductModel | None = None,
    code: ErrorCode | None = None,
    kinds: Iterable[str] = (),
    limit: int = 8,
) -> list[GuideRow]:
    """Return guides for a family, model or code, most read first.

    A guide that names models belongs to those only; one that names none belongs to all models of its families.
    """
    pages = live_guides(language)
    if model is not None:
        pages = pages.filter(Q(product_models=model) | Q(product_models__isnull=True, families=model.family))
    elif family is not None:
        pages = pages.filter(Q(families=family) | Q(product_models__family=family))
    if code is not None:
        pages = pages.filter(error_codes=code)
    wanted = list(kinds)
    if wanted:
        pages = pages.filter(kind__in=wanted)
    return _rows(pages.distinct().order_by("-popularity", "title")[:limit])


def popular_guides(language: str, *, limit: int = 6) -> list[GuideRow]:
    """Return the most read guides, one of each family first, so that every household finds its own."""
    rows = _rows(live_guides(language).exclude(kind=GuidePage.Kind.MANUAL).order_by("-popularity", "title")[: limit * 5])
    seen: set[str] = set()
    first: list[GuideRow] = []
    rest: list[GuideRow] = []
    for row in rows:
        (rest if row.family in seen else first).append(row)
        seen.add(row.family)
    return (first + rest)[:limit]


def _rows(pages: QuerySet[GuidePage]) -> list[GuideRow]:
    found = list(pages)
    links = GuidePage.families.through.objects.filter(guidepage_id__in=[page.pk for page in found]).order_by("productfamily__order")
    names: dict[int, str] = {}
    for link in links.select_related("productfamily"):
        names.setdefault(link.guidepage_id, link.productfamily.name)
    return [
        GuideRow(
            url=page.url or "",
            title=page.title,
            summary=page.summary,
            kind=page.kind,
            minutes=page.minutes,
            family=names.get(page.pk, ""),
            page=page,
        )
        for page in found
    ]


def family_by_slug(slug: str) -> ProductFamily | None:
    """Return a shown family by its address, or None."""
    return ProductFamily.objects.filter(slug=_slug(slug), is_active=True).first()


def audience_of(request: Any) -> str:
    """Return the audience of announcements a visitor belongs to: `members` when signed in, else `public`."""
    return "members" if getattr(getattr(request, "user", None), "is_authenticated", False) else "public"


def announcements_about(
    *, model: ProductModel | None = None, family: ProductFamily | None = None, limit: int = 3, request: Any = None
) -> list[Announcement]:
    """Return the announcements in force that name this model or family; those for everybody stand in the strip already.

    `request`: of the visitor; what is for another region than theirs is left out.
    """
    now = timezone.now()
    rows = in_force(audience=audience_of(request), model=model, family=family, language=get_language() or "").exclude(
        product_models__isnull=True, families__isnull=True
    )
    return in_region((row for row in rows if row.starts_at is None or row.starts_at <= now), request)[:limit]


def announcements_strip(request: Any) -> list[dict[str, str]]:
    """Return the announcement for the strip under the masthead: recalls first; not the one that is being read."""
    match = getattr(request, "resolver_match", None)
    here = match.kwargs.get("reference") if match and match.view_name == "portal:announcement" else None
    rows = [row for row in in_region(current_announcements(audience=audience_of(request)), request) if row.reference != here]
    rows.sort(key=lambda row: list(STRIP_ORDER).index(row.severity))
    return [
        {
            "title": with_region(without_word(row.title, _("Recall") if row.severity == "recall" else ""), row.region),
            "severity": STRIP_ORDER[row.severity],
            "reference": row.reference,
            "stays": "1" if row.severity in Announcement.STAYS else "",
            "url": reverse("portal:announcement", args=[row.reference]),
        }
        for row in rows[:STRIP_LIMIT]
    ]


def with_region(title: str, region: str) -> str:
    """Return a title with the region it holds for, where it holds for one."""
    return _("%(title)s (%(region)s)") % {"title": title, "region": region_words(region)} if region else title


def announcements_of_guide(page: GuidePage, request: Any = None) -> list[dict[str, Any]]:
    """Return what is announced about the machines of a guide, as its page shows it; kept for a minute, always right about the time.

    `request`: of the reader; what is for another region than theirs is left out.
    """
    audience = audience_of(request)
    key = f"kb:about:{generation()}:{page.pk}:{audience}:{normal_language(get_language())}"
    found: list[dict[str, Any]] | None = cache.get(key)
    if found is None:
        models = list(page.product_models.all()) if page.pk else []
        families = [family.pk for family in page.families.all()] + [model.family_id for model in models] if page.pk else []
        found = _about(models, families, audience) if models or families else []
        cache.set(key, found, ABOUT_SECONDS)
    now = timezone.now()
    running = [row for row in found if (not row["starts_at"] or row["starts_at"] <= now) and (not row["ends_at"] or row["ends_at"] > now)]
    return [vars(row) for row in in_region((SimpleNamespace(**row) for row in running), request)][:2]


def _about(models: list[ProductModel], families: list[int], audience: str) -> list[dict[str, Any]]:
    named = Q(product_models__in=models) | Q(product_models__isnull=True, families__in=families)
    if not models:
        named |= Q(product_models__family__in=families)
    rows = in_force(audience=audience, language=get_language() or "").filter(named).distinct()
    return [{name: getattr(row, name) for name in ("reference", "title", "severity", "region", "starts_at", "ends_at")} for row in rows]
