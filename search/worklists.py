"""The work lists of search: questions with no answer, and questions whose answers hardly anybody opened."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override

from core.i18n import normal_language
from kb.permissions import can_see_work_lists
from kb.worklists import MOST_ROWS, Filters, Row, WorkList, add_list
from products.codes import normal_code, normal_model
from products.models import ErrorCode, ProductModel
from search.models import SearchLog

ASKED_AT_LEAST = 3
LOW_SHARE = 0.2
MOST_TOKENS = 5000  # of more words the whole catalogue is read: a database takes no more values in one question
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_-]*")


def may_see(user: Any) -> bool:
    """Whoever works on guides and may see what was searched."""
    return can_see_work_lists(user) and bool(user.has_perm("search.view_searchlog"))


def unanswered_rows(filters: Filters) -> list[Row]:
    """Questions that had no result when they were asked last, most frequent first."""
    groups = [group for group in _groups(filters) if group["none"] and not group["found_later"]]
    return _rows(groups, lambda group: group["none"], lambda group: [])


def low_click_rows(filters: Filters) -> list[Row]:
    """Questions asked at least three times whose results were opened less than once in five times."""
    groups = [group for group in _groups(filters) if group["some"] >= ASKED_AT_LEAST and group["opened"] / group["some"] < LOW_SHARE]
    return _rows(groups, lambda group: group["some"], lambda group: [_opened(group)])


def _opened(group: dict[str, Any]) -> str:
    return _("opened %(opened)s of %(times)s times") % {"opened": group["opened"], "times": group["some"]}


def _groups(filters: Filters) -> list[dict[str, Any]]:
    logs = SearchLog.objects.filter(at__gte=timezone.now() - timedelta(days=filters.days))
    grouped = (
        logs.order_by()
        .values("query", "language")
        .annotate(
            none=Count("pk", filter=Q(total=0)),
            some=Count("pk", filter=Q(total__gt=0)),
            opened=Count("pk", filter=Q(total__gt=0) & ~Q(clicked_key="")),
            visitors=Count("visitor_key", filter=~Q(visitor_key=""), distinct=True),
            last=Max("at"),
            last_none=Max("at", filter=Q(total=0)),
            last_some=Max("at", filter=Q(total__gt=0)),
            product=Max("product"),
        )
    )
    found: list[dict[str, Any]] = []
    for group in grouped:
        none, some = group["last_none"], group["last_some"]
        found.append({**group, "found_later": bool(none and some and some > none)})
    return found


def _rows(groups: list[dict[str, Any]], count: Any, facts: Any) -> list[Row]:
    groups = sorted(groups, key=lambda group: (-count(group), -group["last"].timestamp()))[:MOST_ROWS]
    products = _Products(group["query"] + " " + group["product"] for group in groups)
    rows = []
    for group in groups:
        language = normal_language(group["language"])
        prefill = {"title": group["query"], "keywords": [group["query"]], "language": language, **products.named_in(group)}
        visitors = group["visitors"]
        people = [ngettext("%(count)s visitor", "%(count)s visitors", visitors) % {"count": visitors}] if visitors else []
        with override(language):
            address = f"{reverse('search:results')}?{urlencode({'q': group['query']})}"
        rows.append(
            Row(
                key=f"{language}:{group['query']}"[:200],
                title=group["query"],
                facts=(*facts(group), *people),
                count=count(group),
                language=language,
                families=(prefill["family"],) if prefill.get("family") else (),
                at=group["last"],
                url=address,
                prefill=prefill,
            )
        )
    return rows


class _Products:
    """The models and codes that questions name, looked up in two queries for all of them."""

    def __init__(self, texts: Iterable[str]) -> None:
        tokens = {token for text in texts for token in _TOKEN.findall(text)}
        numbers = {normal_model(token) for token in tokens}
        slugs = {token.lower() for token in tokens}
        found = ProductModel.objects.all()
        if len(tokens) <= MOST_TOKENS:
            found = found.filter(Q(number_normal__in=numbers) | Q(slug__in=slugs) | Q(family__slug__in=slugs))
        self.models: dict[str, ProductModel] = {}
        self.families: dict[str, str] = {}
        for model in found.select_related("family"):
            self.models[model.number_normal] = self.models[normal_model(model.slug)] = model
            self.families[model.family.slug] = model.family.slug
        self.codes: dict[str, list[tuple[str, str]]] = {}
        wanted = {normal_code(token) for token in tokens}
        codes = ErrorCode.objects.filter(code_normal__in=wanted) if len(tokens) <= MOST_TOKENS else ErrorCode.objects.all()
        for code, slug in codes.values_list("code_normal", "family__slug"):
            self.codes.setdefault(code, []).append((code, slug))

    def named_in(self, group: dict[str, Any]) -> dict[str, Any]:
        """Return what a question says about products: model, family, codes."""
        tokens = _TOKEN.findall(group["query"]) + _TOKEN.findall(group["product"])
        model = next((self.models[key] for token in tokens if (key := normal_model(token)) in self.models), None)
        family = model.family.slug if model else next((slug for token in tokens if (slug := token.lower()) in self.families), "")
        named = [pair for token in tokens for pair in self.codes.get(normal_code(token), ())]
        if not family and len({slug for _code, slug in named}) == 1:
            family = named[0][1]
        codes = sorted({code for code, slug in named if slug == family})
        given = {"family": family, "model": model.slug if model else "", "codes": codes}
        return {name: value for name, value in given.items() if value}


def _synonym(row: Row) -> str:
    return f"{reverse('search_synonyms:add')}?{urlencode({'terms': row.title + ', '})}"


def _promotion(row: Row) -> str:
    return f"{reverse('search_promoted:add')}?{urlencode({'words': row.title})}"


def register() -> None:
    """Put the lists of search into the editors' table."""
    add_list(
        WorkList(
            key="no-answer",
            title=gettext_lazy("Searches with no answer"),
            text=gettext_lazy("What visitors searched for and did not find, most frequent first."),
            counted=gettext_lazy("Times"),
            icon="search",
            rows=unanswered_rows,
            may=may_see,
            starts_page=True,
            order=10,
            more=((gettext_lazy("Add a synonym"), _synonym),),
        )
    )
    add_list(
        WorkList(
            key="low-click",
            title=gettext_lazy("Searches whose results are hardly opened"),
            text=gettext_lazy("Asked at least three times, and the results were opened less than once in five times."),
            counted=gettext_lazy("Times"),
            icon="view",
            rows=low_click_rows,
            may=may_see,
            starts_page=True,
            order=20,
            more=((gettext_lazy("Pin a result"), _promotion), (gettext_lazy("Add a synonym"), _synonym)),
        )
    )
