"""Fields, analyzers and bulk actions of the Elasticsearch index: the same text chains as the embedded engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from elasticsearch.dsl import Keyword, Long, Mapping, Text, analyzer, token_filter

from search import text
from search.documents import Document
from search.engines.local_index import normal_labels, searchable_text
from search.plan import ALL, INITIALS, PAIRS, PINYIN, TITLE, WORD

#: Raise when fields or analyzers change; the reconcile sweep then rebuilds the index beside the old one.
SCHEMA_VERSION = 3

#: Where each field of a plan lives.
FIELDS = {ALL: "all", TITLE: "title", WORD: "all.word", PAIRS: "all.pairs", PINYIN: "pinyin", INITIALS: "initials"}

SETTINGS: dict[str, Any] = {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1"}

_stop = token_filter("hearth_stop", "stop", stopwords=sorted(text.STOP_WORDS))
_stem = token_filter("hearth_stem", "stemmer", language="porter2")
_latin = token_filter("hearth_latin", "keep_types", types=["<IDEOGRAPHIC>"], mode="exclude")
_han = token_filter("hearth_han", "keep_types", types=["<ALPHANUM>", "<NUM>"], mode="exclude")

#: Characters of Chinese and stems of English.
words = analyzer("hearth_words", tokenizer="standard", filter=["cjk_width", "lowercase", _stop, _stem])
#: Latin words as written, for exact forms, spelling and unfinished words.
surface = analyzer("hearth_surface", tokenizer="standard", filter=["cjk_width", "lowercase", _latin])
#: Neighbouring characters of Chinese, apart from single ones: in one stream they would count as synonyms.
pairs = analyzer("hearth_pairs", tokenizer="standard", filter=["cjk_width", "lowercase", "cjk_bigram", _han])
TOKENS = "hearth_tokens"
tokens = analyzer(TOKENS, tokenizer="whitespace")

ANALYZERS = (words, surface, pairs, tokens)


def mapping() -> Mapping:
    """The fields; only what is searched, everything shown comes from the rows."""
    made = Mapping()
    made.meta("dynamic", "strict")
    made.meta("_meta", schema=SCHEMA_VERSION)
    made.meta("_source", includes=["version", "kind", "language"])
    made.field(
        "all",
        Text(
            analyzer=words,
            index_options="positions",
            fields={
                "word": Text(analyzer=surface, index_options="freqs"),
                "pairs": Text(analyzer=pairs, index_options="freqs"),
            },
        ),
    )
    made.field("title", Text(analyzer=words, index_options="freqs"))
    made.field("pinyin", Text(analyzer=tokens, index_options="freqs"))
    made.field("initials", Text(analyzer=tokens, index_options="freqs"))
    for name in ("kind", "language", "audience", "families", "codes", "models", "about"):
        made.field(name, Keyword())
    made.field("version", Long())
    return made


def source(document: Document) -> dict[str, Any]:
    """What is sent for one document."""
    title, combined = searchable_text(document)
    return {
        "title": title,
        "all": combined,
        "pinyin": document.pinyin,
        "initials": document.initials,
        "version": document.version,
        **normal_labels(document),
    }


def actions(documents: Iterable[Document], target: str, *, at_least: int = 0) -> Iterator[dict[str, Any]]:
    """Bulk actions; the row's version decides, so that a late write never undoes a newer one."""
    for document in documents:
        action: dict[str, Any] = {
            "_op_type": "delete" if document.deleted else "index",
            "_index": target,
            "_id": document.key,
            "version": max(document.version, at_least, 1),
            "version_type": "external_gte",
        }
        if not document.deleted:
            action["_source"] = source(document)
        yield action
