"""Template tags of the public pages: picture addresses, phone links, machine-readable data."""

import json
import re
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from wagtail.images.shortcuts import get_rendition_or_not_found

from core.text import without_word

register = template.Library()

# The space between a number and Chinese.
_LOOSE_NUMBER = re.compile(r"(?<=[0-9℃%]) (?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff]) (?=[0-9])")
# What must not appear inside <script>: the same three characters as django.utils.html.json_script.
_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@register.filter
def with_region(title: str, region: str) -> str:
    """A title with the region it holds for, in brackets, where it holds for one; no line ends between a number and its word."""
    from portal import queries

    return together(queries.with_region(title, region))


@register.filter
def together(text: str) -> str:
    """A text whose numbers stay on one line with the Chinese words around them: `2025 年 3—5 月` is not torn at its spaces."""
    return _LOOSE_NUMBER.sub("\u00a0", text)


@register.filter(name="region_words")
def region_in_words(region: str) -> str:
    """The region of an announcement in the language in force, as far as we know its name there."""
    from kb.regions import region_words

    return region_words(region)


@register.simple_tag
def picture_url(image: Any, spec: str = "max-640x480") -> str:
    """Address of an image in a size; drawings (SVG) are given as they are, so that they follow the colours of the page.

    Args:
        image: an image or None.
        spec: a Wagtail filter for photographs.
    """
    if image is None:
        return ""
    if image.is_svg():
        return image.file.url
    return get_rendition_or_not_found(image, spec).url


register.filter("without_word", without_word)


@register.filter
def tel(number: str | None) -> str:
    """A phone number as a `tel:` link wants it: digits and a leading plus only."""
    return "".join(ch for ch in number or "" if ch.isdigit() or ch == "+")


@register.simple_tag(takes_context=True)
def json_ld(context: template.Context, data: Any) -> SafeString:
    """Structured data (schema.org) as a script of its own, with the page's nonce."""
    request = context.get("request")
    body = json.dumps(data, ensure_ascii=False).translate(_ESCAPES)
    return format_html('<script type="application/ld+json" nonce="{}">{}</script>', getattr(request, "csp_nonce", ""), mark_safe(body))


@register.simple_tag(takes_context=True)
def guide_announcements(context: template.Context, page: Any) -> list[dict[str, Any]]:
    """Announcements in force about the machines of a guide."""
    from portal.queries import announcements_of_guide

    return announcements_of_guide(page, context["request"])
