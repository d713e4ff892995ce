"""Where guides came from: the addresses of requests and chats are known to rooms above, which register here how to make them."""

from collections.abc import Callable
from typing import Any

from kb.models import GuidePage, GuideSource

# (user, reference) → the address for this person, or an empty text for whoever may not see it.
Resolver = Callable[[Any, str], str]
_resolvers: dict[str, Resolver] = {}


def add_resolver(kind: str, resolver: Resolver) -> None:
    """Say how sources of a kind are reached; called once, from the room's `AppConfig.ready`."""
    _resolvers[kind] = resolver


def sources_of(page: GuidePage, user: Any) -> list[tuple[GuideSource, str]]:
    """Return the sources of a guide in all its languages, each with its address for `user` (empty where they may not see it)."""
    rows = GuideSource.objects.filter(page__translation_key=page.translation_key).select_related("created_by").order_by("created_at")
    return [(row, _resolvers[row.kind](user, row.reference) if row.kind in _resolvers else "") for row in rows]


def drafts_from(kind: str, reference: str) -> list[GuidePage]:
    """Return the guides that were made from a request or chat."""
    rows = GuideSource.objects.filter(kind=kind, reference=reference).select_related("page", "page__locale")
    return [row.page for row in rows]
