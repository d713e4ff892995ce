"""The Elasticsearch engine: one index behind a read and a write alias, rebuilt without downtime."""

from __future__ import annotations

import itertools
import logging
import time
import uuid
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError
from elasticsearch.dsl import Index
from elasticsearch.helpers import BulkIndexError, scan, streaming_bulk

from search.documents import Document
from search.engines import elastic_schema as schema
from search.engines.base import EngineUnavailable, Scored
from search.plan import ALL, PHRASE_SLOP, Filters, Group, Phrase, Plan, Term

logger = logging.getLogger(__name__)

_QUERY_TIMEOUT = 1.0
_WRITE_TIMEOUT = 30.0
_CHUNK = 500
_ANSWER_PARTS = "hits.hits._id,hits.hits._score,timed_out"
_FAILURES = (TransportError, ApiError, BulkIndexError)


def connect(urls: list[str], *, user: str = "", password: str = "", ca_certs: str = "", timeout: float = _QUERY_TIMEOUT) -> Elasticsearch:
    """A client of a list of nodes that never retries by itself; ``timeout`` in seconds."""
    options: dict[str, Any] = {"request_timeout": timeout, "max_retries": 0, "retry_on_timeout": False}
    if user:
        options["basic_auth"] = (user, password)
    if ca_certs:
        options["ca_certs"] = ca_certs
    return Elasticsearch(urls, **options)


class ElasticEngine:
    """Searches the read alias; writes go to the write alias, whatever index is behind it."""

    name = "elasticsearch"

    def __init__(self, client: Elasticsearch, *, prefix: str = "hearth") -> None:
        self.prefix = prefix
        self.read_alias = f"{prefix}-read"
        self.write_alias = f"{prefix}-write"
        self._client = client
        self._writer = client.options(request_timeout=_WRITE_TIMEOUT)

    # --- searching ------------------------------------------------------------------------------------------------

    def search(self, plan: Plan, filters: Filters, *, limit: int) -> list[Scored]:
        """The best documents for the plan. Raises EngineUnavailable within about a second when there is no answer."""
        if plan.empty:
            return []
        request = {"query": query_body(plan, filters), "size": limit, "_source": False, "track_total_hits": False}
        try:
            answer = self._client.search(index=self.read_alias, body=request, filter_path=_ANSWER_PARTS)
        except _FAILURES as error:
            raise EngineUnavailable(_reason(error)) from error
        try:
            hits = answer.body.get("hits", {}).get("hits", [])
            return [Scored(hit["_id"], hit["_score"]) for hit in hits]
        except (AttributeError, KeyError, TypeError) as error:
            raise EngineUnavailable(f"the answer is not one of a search server: {error}") from error

    def probe(self) -> None:
        """Ask for one document; raises EngineUnavailable when that does not work."""
        try:
            self._client.search(index=self.read_alias, size=0, terminate_after=1)
        except _FAILURES as error:
            raise EngineUnavailable(_reason(error)) from error

    def count(self) -> int:
        """Number of documents behind the read alias. Raises EngineUnavailable."""
        try:
            return int(self._client.count(index=self.read_alias)["count"])
        except _FAILURES as error:
            raise EngineUnavailable(_reason(error)) from error

    def health(self) -> dict[str, object]:
        """State for operators; never raises."""
        try:
            return {"state": "ok", "documents": self.count()}
        except EngineUnavailable as error:
            return {"state": "unavailable", "reason": str(error)}

    # --- writing --------------------------------------------------------------------------------------------------

    def index(self, documents: Iterable[Document], *, into: str = "", at_least: int = 0) -> int:
        """Add, replace or (those marked so) remove documents; an older version never overwrites a newer one.

        ``at_least`` raises the version the server compares: repairs must win over removals nobody asked for.
        """
        return self._bulk(documents, into or self.write_alias, at_least)

    def remove(self, keys: Iterable[str]) -> None:
        """Remove documents whatever their version; unknown keys are no error."""
        actions = ({"_op_type": "delete", "_index": self.write_alias, "_id": key} for key in keys)
        try:
            for ok, item in streaming_bulk(self._writer, actions, raise_on_error=False):
                if not ok and item["delete"].get("status") != 404:
                    raise EngineUnavailable(str(item)[:200])
        except _FAILURES as error:
            raise EngineUnavailable(_reason(error)) from error

    def _bulk(self, documents: Iterable[Document], target: str, at_least: int) -> int:
        actions = schema.actions(documents, target, at_least=at_least)
        done = 0
        try:
            self._require(target)
            first = list(itertools.islice(actions, _CHUNK))
            if len(first) < _CHUNK:
                return self._send(first)
            # The next chunk is read and prepared here while the server works on the one before.
            with ThreadPoolExecutor(1, thread_name_prefix="search-bulk") as sender:
                under_way = sender.submit(self._send, first)
                while chunk := list(itertools.islice(actions, _CHUNK)):
                    done += under_way.result()
                    under_way = sender.submit(self._send, chunk)
                done += under_way.result()
        except _FAILURES as error:
            raise EngineUnavailable(_reason(error)) from error
        return done

    def _send(self, actions: list[dict[str, Any]]) -> int:
        done = 0
        for ok, item in streaming_bulk(self._writer, actions, chunk_size=_CHUNK, raise_on_error=False):
            (result,) = item.values()
            if ok:
                done += 1
            elif result.get("status") not in (404, 409):
                raise EngineUnavailable(str(result)[:300])
        return done

    def _require(self, target: str) -> None:
        # A bulk request to a missing alias would silently create an index of that name with guessed fields.
        if not self._writer.indices.exists(index=target):
            raise EngineUnavailable(f"index {target} is missing")

    # --- the index behind the aliases -----------------------------------------------------------------------------

    def create_index(self) -> str:
        """Make an empty index with fields and analyzers; returns its name. Raises EngineUnavailable."""
        name = f"{self.prefix}-docs-{time.strftime('%Y%m%d%H%M%S')}-{uuid.uuid4().hex[:6]}"
        made = Index(name, using=self._writer)
        made.settings(**schema.SETTINGS)
        made.mapping(schema.mapping())
        for item in schema.ANALYZERS:
            made.analyzer(item)
        try:
            made.create()
        except _FAILURES as error:
            raise EngineUnavailable(_reason(error)) from error
        return name

    def switch_to(self, name: str) -> None:
        """Point both aliases at an index in one step and drop what they pointed at before."""
        indices = self._writer.indices
        try:
            indices.put_settings(index=name, settings={"refresh_interval": "500ms"})
            indices.refresh(index=name)
            steps: list[dict[str, Any]] = []
            old = self._indices_behind()
            for alias in (self.read_alias, self.write_alias):
                if not old and indices.exists(index=alias) and not indices.exists_alias(name=alias):
                    steps.append({"remove_index": {"index": alias}})
                steps += [{"remove": {"index": index, "alias": alias, "must_exist": False}} for index in old - {name}]
                steps.append({"add": {"index": name, "alias": alias}})
            indices.update_aliases(actions=steps)
            for index in old - {name}:
                indices.delete(index=index, ignore_unavailable=True)
        except _FAILURES as error:
            raise EngineUnavailable(_reason(error)) from error

    def _indices_behind(self) -> set[str]:
        found: set[str] = set()
        for alias in (self.read_alias, self.write_alias):
            try:
                found |= set(self._writer.indices.get_alias(name=alias).body)
            except NotFoundError:
                continue
        return found

    def ready(self) -> bool:
        """Whether both aliases point at one index of the present schema. Raises EngineUnavailable when not reachable."""
        try:
            behind = self._indices_behind()
            if len(behind) != 1:
                return False
            (name,) = behind
            aliases = self._writer.indices.get_alias(index=name).body[name]["aliases"]
            meta = self._writer.indices.get_mapping(index=name).body[name]["mappings"].get("_meta", {})
        except NotFoundError:
            return False
        except _FAILURES as error:
            raise EngineUnavailable(_reason(error)) from error
        return {self.read_alias, self.write_alias} <= set(aliases) and meta.get("schema") == schema.SCHEMA_VERSION

    def versions(self) -> Iterator[tuple[str, int]]:
        """Key and version of every document behind the write alias. Raises EngineUnavailable."""
        try:
            self._writer.indices.refresh(index=self.write_alias)
            for hit in scan(self._writer, index=self.write_alias, query={"_source": ["version"]}, size=1000):
                yield hit["_id"], int(hit["_source"]["version"])
        except _FAILURES as error:
            raise EngineUnavailable(_reason(error)) from error

    def refresh(self) -> None:
        """Make writes visible at once (tests, reports)."""
        self._writer.indices.refresh(index=self.write_alias)

    def sweep(self, *, pattern: str, keep: set[str] | None = None, older_than: float = 3600.0) -> int:
        """Delete unaliased indices of a pattern that are older than so many seconds; returns how many."""
        dropped = 0
        try:
            found = self._writer.indices.get(index=pattern, allow_no_indices=True).body
            for name, info in found.items():
                age = time.time() - int(info["settings"]["index"]["creation_date"]) / 1000
                if not info.get("aliases") and name not in (keep or set()) and age > older_than:
                    self._writer.indices.delete(index=name, ignore_unavailable=True)
                    dropped += 1
        except _FAILURES as error:
            raise EngineUnavailable(_reason(error)) from error
        return dropped

    def sweep_orphans(self) -> int:
        """Drop what interrupted rebuilds and evaluations left behind."""
        return self.sweep(pattern=f"{self.prefix}-docs-*") + self.sweep(pattern=f"{self.prefix}-scratch-*")

    def reset(self) -> None:
        """Replace the index by an empty one."""
        self.switch_to(self.create_index())

    def drop(self) -> None:
        """Delete the index and its aliases; unknown ones are no error."""
        try:
            for name in self._indices_behind():
                self._writer.indices.delete(index=name, ignore_unavailable=True)
        except _FAILURES as error:
            raise EngineUnavailable(_reason(error)) from error


def _reason(error: Exception) -> str:
    if isinstance(error, ApiError):
        return f"{error.status_code} {error.message}"[:200]
    return f"{type(error).__name__}: {error}"[:200]


# --- a plan as a request ------------------------------------------------------------------------------------------


def query_body(plan: Plan, filters: Filters) -> dict[str, Any]:
    """The request for a plan: scored parts of which one at least must match, and filters without a score."""
    should = [_term(term) for term in plan.terms]
    should += [_group(group) for group in plan.groups]
    should += [_phrase(phrase) for phrase in plan.phrases]
    for name, value, weight in plan.exact_parts():
        should.append({"constant_score": {"filter": {"term": {name: value}}, "boost": weight}})
    required = [
        {"terms": {name: list(values)}}
        for name, values in (
            ("audience", filters.audiences),
            ("language", filters.languages),
            ("kind", filters.kinds),
            ("families", filters.families),
        )
        if values
    ]
    return {"bool": {"should": should, "filter": required, "minimum_should_match": 1}}


def _term(term: Term) -> dict[str, Any]:
    return {"term": {schema.FIELDS[term.field]: {"value": term.text, "boost": term.weight}}}


def _phrase(phrase: Phrase) -> dict[str, Any]:
    near = {"query": " ".join(phrase.terms), "analyzer": schema.TOKENS, "slop": PHRASE_SLOP, "boost": phrase.weight}
    return {"match_phrase": {schema.FIELDS[ALL]: near}}


def _group(group: Group) -> dict[str, Any]:
    options = [
        _term(alternative[0]) if len(alternative) == 1 else {"bool": {"should": [_term(t) for t in alternative]}}
        for alternative in group.alternatives
        if alternative
    ]
    return options[0] if len(options) == 1 else {"dis_max": {"queries": options}}
