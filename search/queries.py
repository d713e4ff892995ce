"""Everything other apps may ask of search. Nothing here raises: at worst the answer is empty and its engine ``none``."""

from __future__ import annotations

import logging
import math
import time

from django.utils.safestring import SafeString

from search import highlight, panel, text
from search.answers import Hit, SearchAnswer, SuggestAnswer, SuggestGroup
from search.documents import Document
from search.models import Audience, Kind, SearchDocument
from search.plan import Plan
from search.runtime import service
from search.service import Found, SearchService, code_of, count_facets, has_code

logger = logging.getLogger(__name__)

_MOST_PAGES = 20
_GROUPS: tuple[tuple[str, tuple[str, ...], int], ...] = (
    (Kind.CODE, (Kind.CODE,), 3),
    (Kind.PRODUCT, (Kind.PRODUCT,), 3),
    (Kind.GUIDE, (Kind.GUIDE, Kind.FAQ, Kind.VIDEO, Kind.MANUAL), 6),
    (Kind.DIAGNOSIS, (Kind.DIAGNOSIS,), 2),
    (Kind.ANNOUNCEMENT, (Kind.ANNOUNCEMENT,), 2),
)
_SUGGEST_WINDOW = 24


def search(
    query: str,
    *,
    language: str | None,
    product: str | None = None,
    kind: str | None = None,
    page: int = 1,
    page_size: int = 10,
    audience: str = "public",
) -> SearchAnswer:
    """A page of results for a question, best first.

    ``language`` is the visitor's (``None``: any); ``product`` a family's address or a model number; ``kind`` a
    :class:`search.models.Kind`; ``audience`` ``public`` or ``staff``.
    """
    started = time.perf_counter()
    answer = SearchAnswer(query=query[:500], page=1)
    try:
        _fill(answer, service(), query, language, product, kind, page, page_size, audience)
    except Exception:
        logger.exception("search failed")
        answer.engine = "none"
    answer.took_ms = (time.perf_counter() - started) * 1000
    return answer


def _fill(
    answer: SearchAnswer,
    asked: SearchService,
    query: str,
    language: str | None,
    product: str | None,
    kind: str | None,
    page: int,
    page_size: int,
    audience: str,
) -> None:
    kinds = (kind,) if kind else ()
    found = asked.find(query, language=language, product=product, kinds=kinds, audience=audience, strict_product=bool(product))
    answer.sure = _leave_out_what_is_not_sure(found)
    plan = found.plan
    answer.engine = found.engine
    answer.understood = plan.text
    answer.did_you_mean = plan.corrected
    answer.empty_question = plan.empty and not plan.text
    unfiltered = found
    if product or kind:
        unfiltered = asked.find(query, language=language, audience=audience)
        _leave_out_what_is_not_sure(unfiltered)
    answer.facets = count_facets(unfiltered.ranked)
    answer.total = len(found.ranked)
    answer.pages = min(math.ceil(answer.total / page_size), _MOST_PAGES)
    answer.page = max(1, min(page, answer.pages or 1))
    shown = found.ranked[(answer.page - 1) * page_size : answer.page * page_size]
    bodies = asked.store.fetch([document.key for document, _ in shown], body=True)
    for document, score in shown:
        answer.hits.append(_hit(bodies.get(document.key, document), score, found, language, with_body=True))
    if plan.codes:
        cards = [pair for pair in found.ranked if has_code(pair[0], plan.codes)]
        answer.codes = [_hit(document, score, found, language) for document, score in cards[:6]]
        if len(answer.codes) == 1 or (answer.codes and product):
            answer.direct_code = answer.codes[0]


def _leave_out_what_is_not_sure(found: Found) -> bool:
    """Keep all, few or no documents of a results page by what the best one is worth; returns whether the answer is sure."""
    if not found.ranked or found.promoted:
        return True
    worth = panel.verdict(found.plan, SearchService.confidence(found.plan, found.ranked[0][1]))
    if worth != panel.SURE:
        found.ranked = found.ranked[: panel.MOST] if worth == panel.WEAK else []
    return worth != panel.WEAK


def suggest(query: str, *, language: str, product: str | None = None, limit: int = 8) -> SuggestAnswer:
    """Suggestions for an unfinished question, grouped: codes, products, guides, diagnoses, announcements."""
    started = time.perf_counter()
    answer = SuggestAnswer(query=query[:500])
    try:
        _fill_suggestions(answer, service(), query, language, product, limit)
    except Exception:
        logger.exception("suggestions failed")
        answer.engine = "none"
    answer.took_ms = (time.perf_counter() - started) * 1000
    return answer


def _fill_suggestions(
    answer: SuggestAnswer, asked: SearchService, query: str, language: str | None, product: str | None, limit: int
) -> None:
    if not long_enough(query, asked):
        answer.too_short = True
        answer.engine = asked.embedded.name
        return
    found = asked.find(query, language=language, product=product, partial=True, limit=_SUGGEST_WINDOW)
    answer.engine = found.engine
    answer.did_you_mean = found.plan.corrected
    room = limit
    for name, kinds, most in _GROUPS:
        picked = [pair for pair in found.ranked if pair[0].kind in kinds][: min(most, room)]
        if picked:
            room -= len(picked)
            answer.groups.append(SuggestGroup(name, [_hit(d, s, found, language) for d, s in picked]))


def long_enough(query: str, asked: SearchService | None = None) -> bool:
    """Whether a question is long enough to suggest: two Chinese characters, three letters or digits, or a known code."""
    plain = text.plain(query[:200])
    han = sum(len(run) for run in text.han_runs(plain))
    latin = sum(len(word) for word in text.surface_words(plain))
    if han >= 2 or latin >= 3 or (han and latin):
        return True
    if not latin:
        return False
    return bool((asked or service()).knowledge().catalogue.find_codes(query[:40]))


def suggest_for_panel(question: str, *, language: str, product: str | None = None) -> list[Hit]:
    """At most three documents that probably answer a question typed into a form; none rather than a bad one."""
    try:
        found = service().find(question, language=language, product=product, limit=_SUGGEST_WINDOW)
        return panel_hits(found, language)
    except Exception:
        logger.exception("panel suggestions failed")
        return []


def panel_hits(found: Found, language: str | None) -> list[Hit]:
    """The part of ranked documents that a panel shows."""
    first = [pair for pair in found.ranked if pair[0].kind != Kind.PRODUCT][: panel.MOST]
    confidences = [SearchService.confidence(found.plan, score) for _, score in first]
    count = panel.worth_showing(found.plan, confidences)
    return [_hit(document, score, found, language) for document, score in first[:count]]


def health() -> dict[str, object]:
    """State of search for ``/health/ready``: ``ok``, ``degraded`` (answers come from the embedded engine) or ``down``."""
    try:
        asked = service()
        embedded = asked.embedded.health()
        parts: dict[str, object] = {"embedded": embedded}
        embedded_ok = embedded.get("state") == "ok"
        main_ok = asked.main is not None
        if asked.main is not None and asked.circuit is not None:
            state = asked.circuit.state()
            main_ok = state["circuit"] == "closed"
            parts["elasticsearch"] = state
        engine = asked.main.name if asked.main is not None and main_ok else asked.embedded.name
        wanted = [embedded_ok] if asked.main is None else [embedded_ok, main_ok]
        overall = "ok" if all(wanted) else "degraded" if any(wanted) else "down"
        return {"state": overall, "engine": engine, **parts}
    except Exception as error:
        logger.exception("search health failed")
        return {"state": "down", "engine": "none", "reason": str(error)[:200]}


def popular(*, language: str, product: str | None = None, limit: int = 6) -> list[Hit]:
    """Guides people read most, for pages where nothing was found."""
    rows = SearchDocument.objects.filter(
        deleted=False, audience=Audience.PUBLIC, language=language, kind__in=[Kind.GUIDE, Kind.FAQ]
    ).order_by("-popularity", "title")
    hits: list[Hit] = []
    for row in rows.only("key", "kind", "title", "url", "language", "summary", "families", "extra")[: limit * 8]:
        if product and row.families and product not in row.families:
            continue
        snippet = highlight.marked(row.summary, [])
        hits.append(
            Hit(
                key=row.key.removesuffix(f":{row.language}"),
                document_key=row.key,
                kind=row.kind,
                title=row.title,
                url=row.url,
                language=row.language,
                score=0.0,
                snippet_html=snippet,
                families=row.families,
                extra=row.extra,
            )
        )
        if len(hits) == limit:
            break
    return hits


def _hit(document: Document, score: float, found: Found, language: str | None, *, with_body: bool = False) -> Hit:
    plan: Plan = found.plan
    return Hit(
        key=document.subject_key,
        document_key=document.key,
        kind=document.kind,
        title=document.title,
        url=document.url,
        language=document.language,
        score=SearchService.confidence(plan, score),
        snippet_html=_passage(document, plan, with_body=with_body),
        title_html=highlight.marked(document.title, plan.marks),
        code=code_of(document),
        model=document.models[0] if document.kind == Kind.PRODUCT and document.models else "",
        families=[f for f in document.families if f != "*"],
        extra=document.extra,
        foreign=bool(language and document.language != language),
        promoted=document.key in found.promoted,
    )


def _passage(document: Document, plan: Plan, *, with_body: bool) -> SafeString:
    if document.summary and (not with_body or highlight.spans(document.summary, plan.marks)):
        return highlight.snippet(document.summary, plan.marks, language=document.language)
    if with_body and document.body and highlight.spans(document.body[:5000], plan.marks):
        return highlight.snippet(document.body, plan.marks, language=document.language)
    return highlight.snippet(document.summary or document.body, plan.marks, language=document.language)
