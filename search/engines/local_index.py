"""A tantivy index in one directory: the embedded engine's storage, without any idea of rows or processes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import tantivy
from tantivy import Occur, Query

from products.codes import normal_code, normal_model
from search import text
from search.documents import Document
from search.engines.base import Scored
from search.plan import ALL, INITIALS, PAIRS, PHRASE_SLOP, PINYIN, TITLE, TITLED, WORD, Filters, Group, Phrase, Plan, Term

#: Raise when fields or analysis change: every local index is then rebuilt by itself.
SCHEMA_VERSION = 4

_ANALYSED = (ALL, TITLE)
_TOKENS = (WORD, PAIRS, PINYIN, INITIALS)
_LABELS = ("kind", "language", "audience", "families", "codes", "models", "about")
_HEAP_BYTES = 64_000_000


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("key", stored=True, tokenizer_name="raw", index_option="basic")
    for name in _ANALYSED:
        builder.add_text_field(name, tokenizer_name="hearth_words", index_option="position")
    for name in _TOKENS:
        builder.add_text_field(name, tokenizer_name="hearth_tokens", index_option="freq")
    for name in _LABELS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    return builder.build()


def searchable_text(document: Document) -> tuple[str, str]:
    """Plain title, and plain combined text (title twice, then the rest), as both engines index them."""
    title = text.plain(document.title)
    rest = text.plain(" \n ".join(filter(None, (document.summary, document.keywords, document.body))))
    names = text.plain(" ".join([*document.codes, *document.models])) if document.codes or document.models else ""
    return title, " ".join(filter(None, (title, title, rest, names)))


def normal_labels(document: Document) -> dict[str, list[str]]:
    """What filters and exact parts match: kind, language, audience, families, normal forms of codes and models.

    ``about`` holds the codes of a code card and the numbers of a product: the thing itself, not what mentions it.
    """
    codes = [normal_code(code) for code in document.codes]
    models = [normal_model(number) for number in document.models]
    return {
        "kind": [document.kind],
        "language": [document.language],
        "audience": [document.audience],
        "families": list(document.families) or ["*"],
        "codes": codes,
        "models": models,
        "about": {"code": codes, "product": models}.get(document.kind, []),
    }


class LocalIndex:
    """One tantivy index; reading is thread-safe, writing needs the caller's lock."""

    def __init__(self, path: Path | None, *, create: bool = False) -> None:
        """Open or create the index at ``path``; ``None`` keeps it in memory. Raises ValueError when it is broken."""
        schema = _schema()
        if path is None:
            self._index = tantivy.Index(schema)
        elif create:
            path.mkdir(parents=True, exist_ok=True)
            self._index = tantivy.Index(schema, path=str(path), reuse=False)
        else:
            self._index = tantivy.Index.open(str(path))
        self._schema = schema
        self._index.register_tokenizer("hearth_words", text.word_analyzer())
        self._index.register_tokenizer("hearth_tokens", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
        self._index.config_reader(reload_policy="manual", num_warmers=0)
        self.reload()

    def reload(self) -> None:
        """See what was committed since."""
        self._index.reload()
        self._searcher = self._index.searcher()

    # --- writing --------------------------------------------------------------------------------------------------

    def write(self, documents: Iterable[Document], *, removed: Iterable[str] = (), replace: bool = True) -> int:
        """Add documents (replacing those of the same key unless told not to) and commit; returns how many."""
        writer = self._index.writer(_HEAP_BYTES, 1)
        count = 0
        try:
            for key in removed:
                writer.delete_documents_by_term("key", key)
            for document in documents:
                if replace:
                    writer.delete_documents_by_term("key", document.key)
                if not document.deleted:
                    writer.add_document(self._encode(document))
                    count += 1
            writer.commit()
        finally:
            writer.wait_merging_threads()
        self.reload()
        return count

    @staticmethod
    def _encode(document: Document) -> tantivy.Document:
        title, combined = searchable_text(document)
        encoded = tantivy.Document()
        encoded.add_text("key", document.key)
        encoded.add_text(ALL, combined)
        encoded.add_text(TITLE, title)
        if title:
            encoded.add_text(*TITLED)
        encoded.add_text(WORD, " ".join(text.surface_words(combined)))
        if text.is_han(combined):
            encoded.add_text(PAIRS, " ".join(text.bigrams(combined)))
        if document.pinyin:
            encoded.add_text(PINYIN, document.pinyin)
            encoded.add_text(INITIALS, document.initials)
        for name, values in normal_labels(document).items():
            for value in values:
                encoded.add_text(name, value)
        return encoded

    # --- reading --------------------------------------------------------------------------------------------------

    @property
    def total(self) -> int:
        """Number of documents."""
        return self._searcher.num_docs

    def frequency(self, field: str, term: str) -> int:
        """Number of documents with the term in the field."""
        return self._searcher.doc_freq(field, term)

    def together(self, stems: list[str], field: str = ALL) -> int:
        """Number of documents with these terms side by side in the combined text, or in the title."""
        found = self._searcher.search(Query.phrase_query(self._schema, field, list(stems)), 1, count=True)
        return int(found.count or 0)

    def completions(self, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        """Most frequent terms that begin with the prefix."""
        found: list[tuple[str, int]] = self._searcher.terms_with_prefix(field, prefix, limit=limit)
        return found

    def search(self, plan: Plan, filters: Filters, *, limit: int) -> list[Scored]:
        """The best documents for the plan, best first."""
        searcher = self._searcher
        if plan.empty or not searcher.num_docs:
            return []
        result = searcher.search(self._query(plan, filters), limit, count=False)
        return [Scored(searcher.doc(address)["key"][0], score) for score, address in result.hits]

    def _query(self, plan: Plan, filters: Filters) -> Query:
        wanted = [(Occur.Should, self._term(term)) for term in plan.terms]
        wanted += [(Occur.Should, self._group(group)) for group in plan.groups]
        wanted += [(Occur.Should, self._phrase(phrase)) for phrase in plan.phrases]
        for name, value, weight in plan.exact_parts():
            wanted.append((Occur.Should, Query.const_score_query(self._label(name, (value,)), weight)))
        clauses = [(Occur.Must, Query.boolean_query(wanted))]
        for name, allowed in (
            ("audience", filters.audiences),
            ("language", filters.languages),
            ("kind", filters.kinds),
            ("families", filters.families),
        ):
            if allowed:
                clauses.append((Occur.Must, Query.const_score_query(self._label(name, allowed), 0.0)))
        return Query.boolean_query(clauses)

    def _term(self, term: Term) -> Query:
        return Query.boost_query(Query.term_query(self._schema, term.field, term.text, "freq"), term.weight)

    def _phrase(self, phrase: Phrase) -> Query:
        return Query.boost_query(Query.phrase_query(self._schema, ALL, list(phrase.terms), PHRASE_SLOP), phrase.weight)

    def _group(self, group: Group) -> Query:
        options = [
            Query.boolean_query([(Occur.Should, self._term(term)) for term in alternative])
            for alternative in group.alternatives
            if alternative
        ]
        return options[0] if len(options) == 1 else Query.disjunction_max_query(options)

    def _label(self, name: str, values: tuple[str, ...]) -> Query:
        if len(values) == 1:
            return Query.term_query(self._schema, name, values[0], "basic")
        return Query.boolean_query([(Occur.Should, Query.term_query(self._schema, name, v, "basic")) for v in values])
