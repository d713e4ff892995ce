"""What an event about a guide carries."""

from typing import Any

from core.i18n import normal_language
from kb.models import GuidePage


def news_of(page: GuidePage) -> dict[str, Any]:
    """Return the ids of `guide.published` and `guide.unpublished`."""
    return {"page_id": page.pk, "translation_key": str(page.translation_key), "language": normal_language(page.locale.language_code)}
