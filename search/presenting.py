"""How results, filters and suggestions are put before a visitor: words and addresses for the templates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from diagnosis.queries import code_diagnosis
from kb.regions import region_words
from products.queries import find_model
from search.answers import Hit, SearchAnswer, SuggestAnswer
from search.models import Kind

_SHOWN_KINDS = (Kind.CODE, Kind.PRODUCT, Kind.GUIDE, Kind.FAQ, Kind.VIDEO, Kind.MANUAL, Kind.DIAGNOSIS, Kind.ANNOUNCEMENT)
_MOST_FILTERS = 8


def known_kind(typed: str) -> str:
    """The kind, or an empty string for one that does not exist."""
    return typed if typed in Kind.values else ""


def _group_words() -> dict[str, str]:
    return {
        Kind.CODE: _("Error codes"),
        Kind.PRODUCT: _("Products"),
        Kind.GUIDE: _("Guides"),
        Kind.FAQ: _("Questions and answers"),
        Kind.VIDEO: _("Videos"),
        Kind.MANUAL: _("Manuals"),
        Kind.DIAGNOSIS: _("Find the cause"),
        Kind.ANNOUNCEMENT: _("Announcements"),
    }


def _between() -> str:
    return pgettext("between the items of a list", ", ")


def address_of(hit: Hit, query: str) -> str:
    """The address of a result; it carries the question, so that a vote there knows what was asked.

    On a product's page ``q`` means something else, so there it is left out.
    """
    if not query or not hit.url or hit.kind == Kind.PRODUCT:
        return hit.url
    return f"{hit.url}{'&' if '?' in hit.url else '?'}{urlencode({'q': query[:200]})}"


def rows(answer: SearchAnswer, language: str, *, above: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Results for ``components/result_row.html``; ``above`` are the keys of the cards that are shown before them."""
    first = (answer.page - 1) * 10
    above = frozenset(above)
    return [
        {
            "url": address_of(hit, answer.query),
            "title": hit.title_html,
            "snippet": hit.snippet_html,
            "kind_label": Kind(hit.kind).label if hit.kind in Kind.values else "",
            "promoted": hit.promoted,
            "facts": facts(hit),
            "thumb": hit.extra.get("picture", ""),
            "lang": hit.language if hit.foreign else "",
            "ui_lang": language if hit.foreign else "",
            "key": hit.document_key,
            "rank": first + place,
        }
        for place, hit in enumerate(answer.hits, 1)
        if hit.document_key not in above
    ]


def facts(hit: Hit) -> list[str]:
    """Short facts below a result: minutes, what it applies to, when it was reviewed."""
    extra = hit.extra
    out: list[str] = []
    if extra.get("minutes"):
        out.append(_("%(minutes)s min") % {"minutes": extra["minutes"]})
    if extra.get("questions"):
        most = int(extra["questions"])
        out.append(ngettext("%(count)d question", "at most %(count)d questions", most) % {"count": most})
    applies = extra.get("applies") or []
    if applies:
        more = int(extra.get("models") or 0) - len(applies)
        if more > 0:
            words = ngettext("%(models)s and %(more)d more", "%(models)s and %(more)d more", more)
            out.append(words % {"models": _between().join(applies), "more": more})
        else:
            out.append(_between().join(applies))
    elif extra.get("families"):
        out.append(_between().join(extra["families"]))
    if extra.get("region"):
        out.append(region_words(extra["region"]))
    if extra.get("reviewed_on"):
        out.append(_("Reviewed %(date)s") % {"date": date_format(date.fromisoformat(extra["reviewed_on"]), "DATE_FORMAT")})
    elif extra.get("date"):
        out.append(date_format(date.fromisoformat(extra["date"]), "DATE_FORMAT"))
    if extra.get("withdrawn"):
        out.append(_("Withdrawn: only staff see this"))
    return out


def code_cards(answer: SearchAnswer, product: str) -> list[dict[str, Any]]:
    """The card of the recognised code with its diagnosis.

    Of several families with one code the one named in the question has it; where none is, all are listed as results instead.
    """
    hit = answer.direct_code
    if hit is None:
        return []
    model = find_model(product)
    return [
        {
            "code": hit.code,
            "family": _between().join(hit.extra.get("families") or []),
            "title": hit.extra.get("name") or hit.title,
            "meaning": hit.snippet_html,
            "first": hit.extra.get("action", ""),
            "url": address_of(hit, answer.query),
            "diagnosis_url": code_diagnosis(hit.key, model=model),
            "key": hit.document_key,
            "rank": 1,
        }
    ]


# --- other words, ways on -----------------------------------------------------------------------------------------


def links(answer: SearchAnswer, parameters: QueryDict, shown: str) -> dict[str, str]:
    """Addresses for the same search in other words: ``corrected``, ``as_typed`` without correction, ``everywhere`` unfiltered."""
    return {
        "corrected": _link(parameters, q=answer.did_you_mean[:200], exact=""),
        "as_typed": _link(parameters, q=shown, exact="1"),
        "everywhere": _link(parameters, product="", type=""),
    }


def ways_to_ask(query: str, product: str, *, is_family: bool) -> dict[str, str]:
    """Addresses of the help form and the chat that take the question and the product along."""
    about = {"subject": query, ("family" if is_family else "product"): product}
    carried = urlencode({name: value for name, value in about.items() if value})
    tail = f"?{carried}" if carried else ""
    return {"help_url": f"{reverse('portal:get_help')}{tail}", "chat_url": f"{reverse('chat:start')}{tail}"}


# --- filters ------------------------------------------------------------------------------------------------------


def _link(parameters: QueryDict, **changes: str) -> str:
    kept = {name: parameters.get(name, "").replace("\x00", "")[:200] for name in ("q", "product", "type", "exact")}
    kept.update(changes)
    kept = {name: value for name, value in kept.items() if value}
    return f"{reverse('search:results')}?{urlencode(kept)}"


def filters(answer: SearchAnswer, parameters: QueryDict, product: str, kind: str, names: dict[str, str]) -> dict[str, Any]:
    """Filters by product and by kind with counts, those in use with the address without them, and the words for the list."""
    return {
        "kind_filters": _kind_filters(answer, parameters, kind),
        "product_filters": _product_filters(answer, parameters, product, names),
        "active_filters": _active_filters(parameters, product, kind, names),
    }


def count_words(number: int, more: bool) -> str:
    """A count as it is read: `37`, or `37+` where there may be more."""
    return f"{number}+" if more else str(number)


def _kind_filters(answer: SearchAnswer, parameters: QueryDict, chosen: str) -> list[dict[str, Any]]:
    """Kinds among the results with counts; choosing the chosen one again takes it away."""
    words = _group_words()
    counts = answer.facets["kind"]
    return [
        {
            "label": words[kind],
            "count": counts.get(kind, 0),
            "more": answer.more,
            "on": kind == chosen,
            "url": _link(parameters, type="" if kind == chosen else kind),
        }
        for kind in _SHOWN_KINDS
        if counts.get(kind) or kind == chosen
    ]


def _product_filters(answer: SearchAnswer, parameters: QueryDict, chosen: str, names: dict[str, str]) -> list[dict[str, Any]]:
    """Families among the results with counts, most first; the chosen one is always there."""
    counts = answer.facets["product"]
    slugs = sorted((slug for slug in counts if slug in names), key=lambda slug: -counts[slug])[:_MOST_FILTERS]
    if chosen in names and chosen not in slugs:
        slugs.append(chosen)
    return [
        {
            "label": names[slug],
            "count": counts.get(slug, 0),
            "more": answer.more if slug == chosen else answer.more_elsewhere,
            "on": slug == chosen,
            "url": _link(parameters, product="" if slug == chosen else slug),
        }
        for slug in slugs
        if counts.get(slug) or slug == chosen
    ]


def _active_filters(parameters: QueryDict, product: str, kind: str, names: dict[str, str]) -> list[dict[str, str]]:
    """Filters in use, each with the address without it."""
    out = []
    if product:
        out.append({"label": names.get(product, product[:40]), "url": _link(parameters, product="")})
    if kind:
        out.append({"label": _group_words()[kind], "url": _link(parameters, type="")})
    return out


# --- suggestions --------------------------------------------------------------------------------------------------


def suggestion_groups(answer: SuggestAnswer, language: str) -> list[dict[str, Any]]:
    """Groups for ``components/suggestions.html``."""
    words = _group_words()
    return [
        {
            "kind": group.kind,
            "label": words.get(group.kind, ""),
            "items": [
                {
                    "kind": hit.kind,
                    "url": address_of(hit, answer.query),
                    "title": hit.title_html,
                    "snippet": hit.snippet_html,
                    "model": "",
                    "meta": _between().join(hit.extra.get("families") or []) if hit.kind == Kind.CODE else "",
                    "lang": hit.language if hit.foreign else "",
                }
                for hit in group.items
            ],
        }
        for group in answer.groups
    ]
