"""Everything other apps may ask of search. Nothing here raises: at worst the answer is empty and its engine ``none``."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.safestring import SafeString

from products.codes import normal_model
from search import highlight, panel, text
from search.answers import Hit, SearchAnswer, SuggestAnswer, SuggestGroup
from search.documents import Document
from search.markets import Market, everywhere, may_be_for, of_market
from search.models import Audience, Kind, SearchDocument
from search.nearby import nearby
from search.plan import Plan
from search.runtime import service
from search.service import Found, SearchService, code_of, count_facets, has_code, is_for, is_for_others

logger = logging.getLogger(__name__)

_MOST_PAGES = 20
#: Share of the best score from which a page for every product is listed for one of them, too.
_GENERAL = 0.6
_GROUP_OF: dict[str, tuple[str, int]] = {
    Kind.CODE: (Kind.CODE, 3),
    Kind.PRODUCT: (Kind.PRODUCT, 3),
    Kind.DIAGNOSIS: (Kind.DIAGNOSIS, 2),
    Kind.ANNOUNCEMENT: (Kind.ANNOUNCEMENT, 2),
    **dict.fromkeys((Kind.GUIDE, Kind.FAQ, Kind.VIDEO, Kind.MANUAL), (Kind.GUIDE, 6)),
}
_SUGGEST_WINDOW = 24
#: Share of the best score below which a suggestion only shares a character or a word with what was typed.
_BESIDE_THE_BEST = 0.4
#: The same share for cards and products, which name a machine without telling what to do.
_NAMES, _MERELY_NAMED = frozenset({Kind.CODE, Kind.PRODUCT}), 0.6


def search(
    query: str,
    *,
    language: str | None,
    product: str | None = None,
    kind: str | None = None,
    page: int = 1,
    page_size: int = 10,
    audience: str = "public",
    exact: bool = False,
    market: Market = everywhere,
) -> SearchAnswer:
    """A page of results for a question, best first.

    ``language`` is the visitor's (``None``: any); ``product`` a family's address or a model number; ``kind`` a
    :class:`search.models.Kind`; ``audience`` ``public`` or ``staff``; ``exact`` corrects no spelling;
    ``market`` tells the visitor's market, when what is only for some markets is to be left out for others.
    """
    started = time.perf_counter()
    answer = SearchAnswer(query=query[:500], page=1, exact=exact)
    try:
        asked = service()
        whole, shown = _narrowed(answer, asked, _Asked(query, language, product, kind, audience, exact, market))
        _fill_page(answer, asked, shown, page, page_size, language)
        _fill_codes(answer, shown, language, product)
        if not exact or not answer.total:
            _fill_other_words(answer, asked, whole, _Asked(query, language, None, None, audience, False, market))
    except Exception:
        logger.exception("search failed")
        answer.engine = "none"
    answer.took_ms = (time.perf_counter() - started) * 1000
    return answer


@dataclass(slots=True, frozen=True)
class _Asked:
    query: str
    language: str | None
    product: str | None
    kind: str | None
    audience: str
    exact: bool
    market: Market

    def of(self, asked: SearchService, product: str | None = None, words: str = "") -> Found:
        """What is found without the filters (or for a product and what is for every product), perhaps for other words."""
        found = asked.find(words or self.query, language=self.language, audience=self.audience, exact=self.exact, product=product)
        found.ranked = of_market(found.ranked, self.market)
        return found


def _narrowed(answer: SearchAnswer, asked: SearchService, asking: _Asked) -> tuple[Found, Found]:
    """What is found without and with the filters. Counts of one filter respect the other and are what a click on it lists.

    Where the list was cut off there may be more of each: then a product is asked for by itself, and the counts say that they are the least.
    """
    whole = asking.of(asked)
    sure = _leave_out_what_is_not_sure(whole)
    families = asked.families_of(asking.product) if asking.product else ()
    found = whole
    if families and (not sure or whole.cut):
        found = asking.of(asked, asking.product)
        answer.sure = _leave_out_what_is_not_sure(found)
    else:
        answer.sure = sure
    for_product = [pair for pair in found.ranked if not families or _fits(pair, families, found)]
    of_kind = [pair for pair in whole.ranked if not asking.kind or pair[0].kind == asking.kind]
    shown = [pair for pair in for_product if not asking.kind or pair[0].kind == asking.kind]
    answer.facets = {"kind": count_facets(for_product)["kind"], "product": _count_products(of_kind, whole)}
    for family in families:
        answer.facets["product"][family] = len(shown)
    answer.more, answer.more_elsewhere = found.cut, whole.cut
    answer.elsewhere = len(whole.ranked) if (asking.product or asking.kind) and sure else 0
    return whole, Found(found.plan, found.engine, shown, found.promoted, found.cut)


def _fits(pair: tuple[Document, float], families: Iterable[str], found: Found) -> bool:
    """Whether a document is about one of the families; what is for every product must be about the question above all."""
    document, score = pair
    if document.families:
        return any(family in document.families for family in families)
    return score >= found.ranked[0][1] * _GENERAL


def _count_products(ranked: list[tuple[Document, float]], whole: Found) -> dict[str, int]:
    """How many results a click on each family lists; families of which nothing is special are left out."""
    special = count_facets(ranked)["product"]
    general = sum(not pair[0].families and _fits(pair, (), whole) for pair in ranked)
    return {family: count + general for family, count in special.items()}


def _fill_page(answer: SearchAnswer, asked: SearchService, found: Found, page: int, page_size: int, language: str | None) -> None:
    plan = found.plan
    answer.engine = found.engine
    answer.understood = plan.text
    answer.empty_question = plan.empty and not plan.text
    answer.total = len(found.ranked)
    answer.pages = min(math.ceil(answer.total / page_size), _MOST_PAGES)
    answer.page = max(1, min(page, answer.pages or 1))
    shown = found.ranked[(answer.page - 1) * page_size : answer.page * page_size]
    bodies = asked.store.fetch([document.key for document, _ in shown], body=True)
    for document, score in shown:
        answer.hits.append(found_hit(bodies.get(document.key, document), score, found, language, with_body=True))


def _fill_codes(answer: SearchAnswer, found: Found, language: str | None, product: str | None) -> None:
    plan = found.plan
    if plan.codes and plan.trust == 1.0:
        cards = [pair for pair in _of_the_named(found) if has_code(pair[0], plan.codes)]
        answer.codes = [found_hit(document, score, found, language) for document, score in cards[:6]]
        one_family = len({family for document, _ in cards for family in document.families}) == 1
        if answer.codes and (product or len(cards) == 1 or (one_family and plan.families)):
            answer.direct_code = answer.codes[0]


def _of_the_named(found: Found) -> list[tuple[Document, float]]:
    """The ranked documents without those of other families than the question names beside a code, where it has any of these."""
    plan = found.plan
    if not (plan.codes and plan.families) or not any(is_for(document, plan.families) for document, _ in found.ranked):
        return found.ranked
    return [pair for pair in found.ranked if not is_for_others(pair[0], plan.families)]


def _fill_other_words(answer: SearchAnswer, asked: SearchService, whole: Found, asking: _Asked) -> None:
    """Words the answer was searched with instead; where there is no sure answer, near ones that have one."""
    words = whole.plan.corrected
    if not (answer.total and answer.sure):
        if answer.exact:
            words = asking.of(asked).plan.corrected
        known, typed = asked.knowledge(), words or asking.query
        words = nearby(typed, known.lexicon, own=known.dictionary.own_words(text.plain(typed[:400]))) or words
        if not words or words == whole.plan.text:
            return
        found = asking.of(asked, words=words)
        if not _leave_out_what_is_not_sure(found) or not found.ranked:
            return
        answer.did_you_mean_total = len(found.ranked)
    answer.did_you_mean = words


def is_product(name: str) -> bool:
    """Whether a product filter names a model that is known; families are the catalogue's business."""
    try:
        return normal_model(name) in service().knowledge().catalogue.models
    except Exception:
        logger.exception("the catalogue of search could not be read")
        return False


def _leave_out_what_is_not_sure(found: Found) -> bool:
    """Keep all, few or no documents of a results page by what the best one is worth; returns whether the answer is sure."""
    if not found.ranked or found.promoted:
        return True
    worth = panel.verdict(found.plan, SearchService.confidence(found.plan, found.ranked[0][1]))
    if worth != panel.SURE:
        found.ranked = found.ranked[: panel.MOST] if worth == panel.WEAK else []
    return worth != panel.WEAK


def suggest(query: str, *, language: str, product: str | None = None, limit: int = 8, market: Market = everywhere) -> SuggestAnswer:
    """Suggestions for an unfinished question in groups (codes, products, guides, diagnoses, announcements), the best group first."""
    started = time.perf_counter()
    answer = SuggestAnswer(query=query[:500])
    try:
        _fill_suggestions(answer, service(), query, language, product, limit, market)
    except Exception:
        logger.exception("suggestions failed")
        answer.engine = "none"
    answer.took_ms = (time.perf_counter() - started) * 1000
    return answer


def _fill_suggestions(
    answer: SuggestAnswer, asked: SearchService, query: str, language: str | None, product: str | None, limit: int, market: Market
) -> None:
    if not long_enough(query, asked):
        answer.too_short = True
        answer.engine = asked.embedded.name
        return
    found = asked.find(query, language=language, product=product, partial=True, limit=_SUGGEST_WINDOW)
    found.ranked = of_market(found.ranked, market)
    found.ranked = _of_the_named(found)
    answer.engine = found.engine
    answer.did_you_mean = found.plan.corrected
    if found.plan.codes:  # cards of other codes only mislead
        found.ranked = [pair for pair in found.ranked if pair[0].kind != Kind.CODE or has_code(pair[0], found.plan.codes)]
    picked: dict[str, list[Hit]] = {}
    room = limit
    for document, score in _worth_suggesting(found):
        name, most = _GROUP_OF[document.kind]
        group = picked.setdefault(name, [])
        if room and len(group) < most:
            room -= 1
            group.append(found_hit(document, score, found, language))
    answer.groups = [SuggestGroup(name, hits) for name, hits in picked.items() if hits]


def _worth_suggesting(found: Found) -> list[tuple[Document, float]]:
    """The ranked documents without those that share only a character with what was typed, or merely name the same machine."""
    if not found.ranked or found.plan.codes:
        return found.ranked
    best = found.ranked[0][1]
    return [(d, s) for d, s in found.ranked if s >= best * (_MERELY_NAMED if d.kind in _NAMES else _BESIDE_THE_BEST)]


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


def suggest_for_panel(question: str, *, language: str, product: str | None = None, market: Market = everywhere) -> list[Hit]:
    """At most three documents that probably answer a question typed into a form; none rather than a bad one."""
    try:
        found = service().find(question, language=language, product=product, limit=_SUGGEST_WINDOW)
        found.ranked = of_market(found.ranked, market)
        return panel_hits(found, language)
    except Exception:
        logger.exception("panel suggestions failed")
        return []


def panel_hits(found: Found, language: str | None) -> list[Hit]:
    """The part of ranked documents that a panel shows."""
    first = [pair for pair in _of_the_named(found) if pair[0].kind != Kind.PRODUCT][: panel.MOST]
    confidences = [SearchService.confidence(found.plan, score) for _, score in first]
    count = panel.worth_showing(found.plan, confidences)
    return [found_hit(document, score, found, language) for document, score in first[:count]]


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


def popular(*, language: str, product: str | None = None, limit: int = 6, market: Market = everywhere) -> list[Hit]:
    """Guides people read most, for pages where nothing was found."""
    rows = SearchDocument.objects.filter(
        deleted=False, audience=Audience.PUBLIC, language=language, kind__in=[Kind.GUIDE, Kind.FAQ]
    ).order_by("-popularity", "title")
    hits: list[Hit] = []
    for row in rows.only("key", "kind", "title", "url", "language", "summary", "families", "extra")[: limit * 8]:
        if product and row.families and product not in row.families:
            continue
        if row.extra.get("markets") and not may_be_for(row.extra, market()):
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


def found_hit(document: Document, score: float, found: Found, language: str | None, *, with_body: bool = False) -> Hit:
    """One found document as it is put before a visitor."""
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
        title_html=highlight.marked(document.title, plan.marks, plan.synonyms),
        code=code_of(document),
        model=document.models[0] if document.kind == Kind.PRODUCT and document.models else "",
        families=[f for f in document.families if f != "*"],
        extra=document.extra,
        foreign=bool(language and document.language != language),
        promoted=document.key in found.promoted,
    )


def _passage(document: Document, plan: Plan, *, with_body: bool) -> SafeString:
    if document.summary and (not with_body or highlight.spans(document.summary, plan.marks, plan.synonyms)):
        return highlight.snippet(document.summary, plan.marks, plan.synonyms, language=document.language)
    if with_body and document.body and highlight.spans(document.body[:5000], plan.marks, plan.synonyms):
        return highlight.snippet(document.body, plan.marks, plan.synonyms, language=document.language)
    return highlight.snippet(document.summary or document.body, plan.marks, plan.synonyms, language=document.language)
