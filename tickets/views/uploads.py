"""Files as the upload component shows them."""

from collections.abc import Iterable

from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from core.models import Attachment


def as_rows(items: Iterable[Attachment]) -> list[dict[str, str]]:
    """Return {reference, name, size_text, thumb} of each file."""
    return [
        {
            "reference": item.reference,
            "name": item.original_name,
            "size_text": filesizeformat(item.size),
            "thumb": reverse("site:private_media", args=[item.reference]) if item.kind == Attachment.Kind.IMAGE else "",
        }
        for item in items
    ]
