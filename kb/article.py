"""A guide made ready for reading: its blocks as HTML with anchors, its contents list, and what stands around it; kept in the cache."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import quote

from django.core.cache import cache
from django.db.models import Prefetch, prefetch_related_objects
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from wagtail.images import get_image_model
from wagtail.images.models import SourceImageIOError

from core.i18n import bilingual, normal_language
from kb import queries
from kb.caching import SECONDS, generation
from kb.condition_blocks import condition_of
from kb.conditional import conditions_in
from kb.conditions import Reader, Verdict, judge
from kb.fit import NOTHING_KNOWN, Fit, Names, Reading, fit_of, reader_within
from kb.models import GuidePage, KnowledgeSettings

STEP_SPEC = "max-720x720|format-webp"
WIDE_SPEC = "max-1440x1080|format-webp"
URGENT = frozenset({"danger", "warning"})


@dataclass(frozen=True)
class Picture:
    """An image as a template needs it: address, size in CSS pixels, text alternative."""

    url: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True)
class Link:
    """A place to go: address, words, a remark beside it."""

    url: str
    text: str
    note: str = ""


@dataclass
class Article:
    """All that the page of a guide shows; plain values, so that it can be cached."""

    body: SafeString
    entries: list[dict[str, str]]
    crumbs: list[dict[str, str]]
    models: list[Link]
    codes: list[Link]
    families: list[Link]
    related: list[Link]
    alternates: list[dict[str, str]]
    index_urls: dict[str, str]
    has_steps: bool
    videos: list[dict[str, str]] = field(default_factory=list)
    questions: list[dict[str, str]] = field(default_factory=list)
    picture: Picture | None = None
    help_query: str = ""
    source_changed: bool = False
    source_url: str = ""
    source_language: str = ""
    changed_on: date | None = None
    fit: Fit | None = None


def article_of(page: GuidePage, *, hotline: str = "", fresh: bool = False, reading: Reading = NOTHING_KNOWN) -> Article:
    """Return the article of `page` in the language in force, for a reader.

    Args:
        page: the guide, live or a draft under preview.
        hotline: the maker's number, shown where the reader has to stop.
        fresh: neither read nor fill the cache (previews).
        reading: what is known of the reader's machine; what the guide does not ask about makes no difference.
    """
    key = f"kb:article:{generation()}:{page.pk}:{_version(page)}:{get_language()}:{quote(hotline)}:{_known(page, reading)}"
    found: Article | None = None if fresh else cache.get(key)
    if found is None:
        found = _build(page, hotline, reading, draft=fresh)
        if not fresh:
            cache.set(key, found, SECONDS)
    return found


def _version(page: GuidePage) -> str:
    return f"{page.live_revision_id}-{page.last_published_at.timestamp() if page.last_published_at else 0}"


def _known(page: GuidePage, reading: Reading) -> str:
    """Return what of the reader makes a difference to the page, in few signs; a serial number is not readable in it."""
    if not page.is_conditional and not reading.given:
        return ""
    asked = repr((reading.reader, reading.reader.serial, reading.given))
    return hashlib.blake2b(asked.encode(), digest_size=12).hexdigest()


def _build(page: GuidePage, hotline: str, reading: Reading, *, draft: bool = False) -> Article:
    parts = Parts(page, reader_within(page, reading))
    whole = safety_first(list(page.body))
    blocks = [block for block in whole if parts.verdict(block.value) is not Verdict.OTHERS]
    images = {id(image): image for image in _images(page, blocks)}
    prepare_renditions(list(images.values()))
    anchors = dict(zip((id(block) for block in blocks), _anchors(blocks), strict=True))
    context = {"page": page, "hotline": hotline, "draft": draft, "parts": parts}
    body = format_html_join(
        "\n",
        "{}",
        (
            (parts.framed(block, {**context, "anchor": anchors.get(id(block), ("", ""))[0], "steps_key": f"{page.translation_key}:{n}"}),)
            for n, block in enumerate(whole)
        ),
    )
    families = queries.families_of(page)
    models = queries.models_of(page)
    codes = queries.codes_of(page)
    translations = queries.translations_of(page)
    index_urls = queries.index_urls()
    language = normal_language(page.locale.language_code)
    source = next((other for other in translations if page.source_changed_at and other.pk != page.pk), None)
    first_family = families[0] if families else None
    return Article(
        body=mark_safe(body),
        entries=[{"id": anchor, "title": title} for anchor, title in anchors.values() if title],
        crumbs=_crumbs(index_urls.get(language, ""), first_family),
        models=[Link(url=_url("portal:model", model.family.slug, model.slug), text=model.number, note=model.name) for model in models],
        codes=[
            Link(url=_url("portal:code", code.family.slug, code.code_normal.lower()), text=code.code, note=code.title) for code in codes
        ],
        families=[Link(url=_url("portal:family", family.slug), text=family.name) for family in families],
        related=[Link(url=other.url or "", text=other.title, note=_minutes(other)) for other in queries.related_guides(page)],
        alternates=[{"lang": normal_language(other.locale.language_code), "url": other.url or ""} for other in translations],
        index_urls=index_urls,
        has_steps=any(block.block_type == "steps" for block in blocks),
        videos=[_video(block) for block in blocks if block.block_type == "video"],
        questions=[
            {"question": str(item["question"]), "answer": str(item["answer"])}
            for block in blocks
            if block.block_type == "faq"
            for item in block.value["questions"]
            if parts.verdict(item) is not Verdict.OTHERS
        ],
        picture=picture(page.picture, spec=WIDE_SPEC) if page.picture else None,
        help_query=_help_query(families, models),
        source_changed=bool(page.source_changed_at) and page.source_change == GuidePage.Significance.MAJOR,
        source_url=(source.url or "") if source else "",
        source_language=normal_language(source.locale.language_code) if source else "",
        changed_on=_told_change(page),
        fit=fit_of(page, reading, left_out=parts.left_out, open_parts=parts.open_parts),
    )


def _told_change(page: GuidePage) -> date | None:
    """Return the day of the last major change while readers are told of it."""
    if page.changed_on is None:
        return None
    days = (timezone.localdate() - page.changed_on).days
    return page.changed_on if days <= KnowledgeSettings.load().change_days else None


class Parts:
    """The blocks and list entries of one guide before one reader: which are for them, in words, and how many are not."""

    def __init__(self, page: GuidePage, reader: Reader) -> None:
        self.reader = reader
        self.names = Names(conditions_in(page.body))
        self.left_out = self.open_parts = 0

    def verdict(self, value: Any) -> Verdict:
        """Return whether a block's or entry's value is for the reader."""
        return judge(condition_of(value.get("only_for")), self.reader)

    def label(self, value: Any) -> dict[str, Any]:
        """Return what stands beside a value, and count it: `words` (empty for everybody's), `fits`, `open`, `others`."""
        condition = condition_of(value.get("only_for"))
        verdict = judge(condition, self.reader)
        self.left_out += verdict is Verdict.OTHERS
        self.open_parts += verdict is Verdict.UNKNOWN
        return {
            "words": self.names.words(condition),
            "fits": bool(condition) and verdict is Verdict.FITS,
            "open": verdict is Verdict.UNKNOWN,
            "others": verdict is Verdict.OTHERS,
        }

    def framed(self, block: Any, context: dict[str, Any]) -> SafeString:
        """Return a block as HTML: as it is, with its label, or the line that says it is left out."""
        label = self.label(block.value)
        if label["others"]:
            return render_to_string("kb/blocks/_left_out.html", {"label": label})
        html = block.render(context=context)
        return render_to_string("kb/blocks/_only_for.html", {"label": label, "html": html}) if label["words"] else html


def safety_first(blocks: list[Any]) -> list[Any]:
    """Return the blocks with every danger, warning and shared safety note before the first steps; cautions stay where they were."""
    first = next((place for place, block in enumerate(blocks) if block.block_type == "steps"), None)
    if first is None:
        return blocks
    late = [block for block in blocks[first + 1 :] if _is_urgent(block)]
    if not late:
        return blocks
    rest = [block for block in blocks[first:] if not any(block is moved for moved in late)]
    return [*blocks[:first], *late, *rest]


def _is_urgent(block: Any) -> bool:
    if block.block_type == "safety":
        return block.value["note"] is not None and block.value["note"].level in URGENT
    return block.block_type == "warning" and block.value["level"] in URGENT


def _anchors(blocks: list[Any]) -> Iterator[tuple[str, str]]:
    """Yield (id, title for the contents list or empty) for each block; the first of its kind has the plain name."""
    seen: dict[str, int] = {}
    for block in blocks:
        kind = block.block_type
        seen[kind] = seen.get(kind, 0) + 1
        yield (kind if seen[kind] == 1 else f"{kind}-{seen[kind]}"), _entry_title(block)


def _entry_title(block: Any) -> str:
    value = block.value
    match block.block_type:
        case "steps":
            return value["title"] or _("Steps")
        case "tools":
            return _("What you need")
        case "faq":
            return value["title"] or _("Questions and answers")
        case "stop":
            return _("When to stop")
        case "video" | "paragraph":
            return value["title"] or ""
        case "table":
            return value["caption"]
    return ""


def _images(page: GuidePage, blocks: list[Any]) -> Iterator[Any]:
    if page.picture:
        yield page.picture
    for block in blocks:
        match block.block_type:
            case "steps":
                yield from (step["image"] for step in block.value["steps"] if step["image"])
            case "picture" if block.value["image"]:
                yield block.value["image"]
            case "video" if block.value["poster"]:
                yield block.value["poster"]


def prepare_renditions(images: list[Any]) -> None:
    """Read the sizes that guides use of all `images` in one query; drawings need none."""
    photographs = [image for image in images if not image.is_svg()]
    if not photographs:
        return
    renditions = get_image_model().get_rendition_model().objects.filter(filter_spec__in=[STEP_SPEC, WIDE_SPEC])
    prefetch_related_objects(photographs, Prefetch("renditions", queryset=renditions, to_attr="prefetched_renditions"))


def picture(image: Any, *, alt: str = "", spec: str = STEP_SPEC, draft: bool = False) -> Picture | None:
    """Return a picture; drawings (SVG) as they are, photographs in the size of `spec`; None where the file is gone.

    In a draft a picture without written words gets its file name, which the CMS's content check reports.
    """
    if image is None:
        return None
    words = alt or (image.filename if draft and not bilingual(image, "alt") else image.default_alt_text)
    if image.is_svg():
        return Picture(url=image.file.url, width=image.width or 320, height=image.height or 240, alt=words)
    try:
        rendition = image.get_rendition(spec)
    except (SourceImageIOError, FileNotFoundError):
        return None
    return Picture(url=rendition.url, width=rendition.width, height=rendition.height, alt=words)


def _video(block: Any) -> dict[str, str]:
    value = block.value
    poster = picture(value["poster"], spec=WIDE_SPEC)
    return {"title": value["title"], "url": value["video"].file.url if value["video"] else "", "poster": poster.url if poster else ""}


def _crumbs(index_url: str, family: Any) -> list[dict[str, str]]:
    crumbs = [{"label": _("Guides"), "url": index_url}]
    if family is not None:
        crumbs.append({"label": family.name, "url": _url("portal:family", family.slug)})
    return crumbs


def _minutes(page: GuidePage) -> str:
    return _("%(minutes)s min") % {"minutes": page.minutes} if page.minutes else str(page.get_kind_display())


def _help_query(families: list[Any], models: list[Any]) -> str:
    """Return the query string that carries the product to the help form: the model where there is one, else the family."""
    if len(models) == 1:
        return f"product={models[0].slug}"
    return f"family={families[0].slug}" if len(families) == 1 else ""


def _url(name: str, *args: str) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
