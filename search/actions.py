"""Every change of what can be found: documents, the dictionary, clicks, and keeping the engines true to the rows."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core.tasks import enqueue
from search import extractors, text
from search.documents import COLUMNS, Document
from search.meaning import Encoder, encode, stamp_of
from search.models import Audience, DomainWord, PromotedResult, SearchCounter, SearchDocument, SearchLog, SearchVector, StopWord, Synonym

logger = logging.getLogger(__name__)

_PUSH = "search.tasks.push_documents"


def next_version() -> int:
    """The next version, in order of commit. Must be called inside the transaction of the change."""
    if not SearchCounter.objects.filter(pk=1).update(value=F("value") + 1):
        SearchCounter.objects.get_or_create(pk=1)
        SearchCounter.objects.filter(pk=1).update(value=F("value") + 1)
    return SearchCounter.objects.values_list("value", flat=True).get(pk=1)


def touch_dictionary() -> None:
    """Put a changed dictionary in force at the next question, in every process."""
    with transaction.atomic():
        SearchCounter.objects.get_or_create(pk=1)
        SearchCounter.objects.filter(pk=1).update(dictionary=F("dictionary") + 1)


def save_entry(entry: Synonym | StopWord | DomainWord | PromotedResult) -> None:
    """Save a row of the dictionary and put it in force."""
    with transaction.atomic():
        entry.save()
        touch_dictionary()


def put_document(
    *,
    key: str,
    subject: str,
    kind: str,
    language: str,
    title: str,
    url: str,
    summary: str = "",
    body: str = "",
    keywords: str = "",
    codes: Iterable[str] = (),
    models: Iterable[str] = (),
    families: Iterable[str] = (),
    extra: dict[str, Any] | None = None,
    audience: str = Audience.PUBLIC,
    popularity: float = 0.0,
) -> SearchDocument:
    """Make something findable, or change what is found.

    ``key`` is unique for a thing and a language (``guide:<id>:en``), ``subject`` names the row it was made from
    (``guide:12``). ``models`` are numbers as printed, ``families`` addresses of families; none means for every product.
    """
    values: dict[str, Any] = {
        "subject": subject,
        "kind": kind,
        "language": language,
        "title": title[:500],
        "summary": summary,
        "body": body,
        "keywords": keywords,
        "url": url,
        "codes": list(codes),
        "models": list(models),
        "families": list(families),
        "extra": extra or {},
        "pinyin": text.pinyin_terms(text.plain(f"{title} {keywords}")),
        "initials": text.initial_terms(text.plain(title)),
        "audience": audience,
        "popularity": popularity,
        "deleted": False,
    }
    with transaction.atomic():
        values["version"] = next_version()
        document, _ = SearchDocument.objects.update_or_create(key=key, defaults=values)
        _push_later([key])
    return document


def remove_document(key: str) -> bool:
    """Make something unfindable; returns whether it was findable."""
    return _remove(SearchDocument.objects.filter(key=key, deleted=False)) > 0


def remove_subject(subject: str, *, keep: Iterable[str] = ()) -> int:
    """Make all documents of a subject unfindable but those of some keys; returns how many were."""
    return _remove(SearchDocument.objects.filter(subject=subject, deleted=False).exclude(key__in=list(keep)))


def _remove(rows: Any) -> int:
    with transaction.atomic():
        keys = list(rows.values_list("key", flat=True))
        for key in keys:
            SearchDocument.objects.filter(key=key).update(
                deleted=True, body="", keywords="", version=next_version(), updated_at=timezone.now()
            )
        if keys:
            _push_later(keys)
    return len(keys)


def _push_later(keys: list[str]) -> None:
    if settings.ELASTICSEARCH_URL:
        enqueue(_PUSH, keys=keys)


def index_subject(kind: str, pk: int) -> int:
    """Bring the documents of one subject in line with its present state; returns how many it has now.

    ``kind`` is ``guide``, ``diagnosis``, ``announcement``, ``product``, ``family`` or ``code``. What is missing, not live or not
    public loses its documents.
    """
    subject = f"{kind}:{pk}"
    with transaction.atomic():
        drafts = extractors.extract(kind, pk)
        for draft in drafts:
            put_document(subject=subject, **draft)
        remove_subject(subject, keep=[draft["key"] for draft in drafts])
    return len(drafts)


def index_everything() -> int:
    """Extract every subject again; returns the number of documents."""
    total = 0
    seen: set[str] = set()
    for kind, pk in extractors.subjects():
        total += index_subject(kind, pk)
        seen.add(f"{kind}:{pk}")
    known = set(SearchDocument.objects.filter(deleted=False).values_list("subject", flat=True).distinct())
    for subject in known - seen:
        if subject.partition(":")[0] in extractors.KINDS:
            remove_subject(subject)
    return total


def index_due() -> int:
    """Bring announcements in line whose time has come or gone without an event; returns how many changed."""
    found = dict(SearchDocument.objects.filter(subject__startswith="announcement:", deleted=False).values_list("subject", "audience"))
    changed = 0
    for pk, audience in extractors.announcement_audiences():
        subject = f"announcement:{pk}"
        if found.get(subject) != audience:
            index_subject("announcement", pk)
            changed += 1
    return changed


def encode_due(encoder: Encoder, *, seconds: float) -> tuple[int, bool]:
    """Make vectors for documents that have none or outdated ones, for about so many seconds.

    Returns how many were made, and whether some are left. Safe beside itself: the work is only done twice.
    """
    until = time.monotonic() + seconds
    stamps = {str(key): stamp for key, stamp in SearchVector.objects.filter(encoder=encoder.name).values_list("document_id", "stamp")}
    SearchVector.objects.filter(document__deleted=True).delete()
    made = 0
    for row in SearchDocument.objects.filter(deleted=False).order_by("-popularity", "pk").values_list(*COLUMNS).iterator(200):
        document = Document(*row)
        stamp = stamp_of(document)
        if stamps.get(document.key) == stamp:
            continue
        if time.monotonic() > until:
            return made, True
        values = {"encoder": encoder.name, "stamp": stamp, "data": encode(encoder, document)}
        SearchVector.objects.update_or_create(document_id=document.key, defaults=values)
        made += 1
    return made, False


def record_click(*, reference: str, key: str, rank: int | None = None) -> bool:
    """Remember that a result was opened from a logged search; returns whether it was the first one.

    ``key`` is the document's, ``rank`` its place in the list from 1 (None when unknown). The first result opened is kept
    with its place, the others are only counted.
    """
    row = SearchLog.objects.filter(reference=reference)
    first = row.filter(clicked_key="").update(clicked_key=key[:120], clicked_rank=rank, clicked_at=timezone.now())
    row.update(clicks=F("clicks") + 1)
    return bool(first)


def documents_of(keys: Iterable[str]) -> list[Document]:
    """Present state of documents, removed ones included, for an engine."""
    rows = SearchDocument.objects.filter(key__in=list(keys)).values_list(*COLUMNS)
    return [Document(*row) for row in rows]
