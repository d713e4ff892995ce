"""Safety notes: where they are shown, and what a change of one means for its guides and translations."""

from typing import Any

from kb.models import GuidePage, SafetyNote


def guides_showing(note: SafetyNote, *, live: bool = True) -> list[GuidePage]:
    """Return the guides whose text shows a safety note, by title.

    Read off the texts themselves: Wagtail's own index of references follows in the background, and a warning cannot wait for it.

    Args:
        live: only published guides; else every one, by the text of its latest draft.
    """
    pages = GuidePage.objects.select_related("locale").order_by("title")
    if live:
        return [page for page in pages.filter(live=True).iterator() if _shows(page.body.raw_data, note.pk)]
    drafts = (page.get_latest_revision_as_object() for page in pages.iterator())
    return [page for page in drafts if _shows(page.body.raw_data, note.pk)]


def _shows(raw: Any, pk: int) -> bool:
    return any(block["type"] == "safety" and (block["value"] or {}).get("note") == pk for block in raw)
