"""One row, two languages: reading bilingual fields by the language in force."""

from typing import Any

from django.utils.translation import get_language

LANGUAGES = ("zh-hans", "en")
_SUFFIX = {"zh-hans": "zh_hans", "en": "en"}


def language_suffix(language: str | None = None) -> str:
    """Return the field suffix (`zh_hans` or `en`) of `language`, by default of the active one."""
    code = (language or get_language() or "zh-hans").lower()
    return "zh_hans" if code.startswith("zh") else "en"


def normal_language(language: str | None) -> str:
    """Return `zh-hans` or `en` for any language code."""
    return "zh-hans" if (language or "").lower().startswith("zh") else "en"


def bilingual(obj: Any, field: str, language: str | None = None) -> str:
    """Return `obj.<field>_<language>`, falling back to the other language where it is empty."""
    first = language_suffix(language)
    second = "en" if first == "zh_hans" else "zh_hans"
    return getattr(obj, f"{field}_{first}", "") or getattr(obj, f"{field}_{second}", "") or ""


class BilingualMixin:
    """Gives `obj.name`, `obj.title` … for pairs of fields named in `bilingual_fields`; `name` by default."""

    bilingual_fields: tuple[str, ...] = ("name",)

    def __getattr__(self, item: str) -> Any:
        if item in type(self).bilingual_fields:
            return bilingual(self, item)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {item!r}")

    def __str__(self) -> str:
        fields = type(self).bilingual_fields
        return bilingual(self, fields[0]) if fields else super().__str__()
