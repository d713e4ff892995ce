"""Starting a guide from something else: a row of a work list, a solved request, an imported file."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext
from wagtail.models import Page

from core import history
from core.errors import InvalidInput, NotAllowed
from core.events import emit
from core.i18n import normal_language
from kb.models import GuideIndexPage, GuidePage, GuideSource
from products.models import ErrorCode, ProductFamily, ProductModel

TITLE_LENGTH = 255
SUMMARY_LENGTH = 240


def index_for(language: str) -> GuideIndexPage:
    """Return the list of guides of a language. Raises InvalidInput where there is none."""
    for page in GuideIndexPage.objects.select_related("locale"):
        if normal_language(page.locale.language_code) == normal_language(language):
            return page
    raise InvalidInput(_("There is no list of guides in this language."), field="language")


def may_start(user: Any, language: str = "zh-hans") -> bool:
    """Tell whether `user` may write a new guide in a language."""
    try:
        index = index_for(language)
    except InvalidInput:
        return False
    return bool(getattr(user, "is_active", False) and Page.objects.get(pk=index.pk).permissions_for_user(user).can_add_subpage())


def block(kind: str, value: Any) -> dict[str, Any]:
    """Return one raw block of a guide's body."""
    return {"type": kind, "value": value, "id": str(uuid.uuid4())}


def items(values: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the entries of a list block."""
    return [{"type": "item", "value": value, "id": str(uuid.uuid4())} for value in values]


def rich(text: str) -> str:
    """Return plain text as paragraphs of rich text; nothing in it is markup."""
    parts = [part.strip() for part in text.replace("\r\n", "\n").split("\n") if part.strip()]
    return "".join(f"<p>{escape(part)}</p>" for part in parts)


def skeleton(language: str) -> list[dict[str, Any]]:
    """Return the empty body of a new guide: what is asked of every one (symptom, steps, when to stop)."""
    with override(normal_language(language)):
        return [
            block("paragraph", {"title": _("What you notice"), "text": rich(_("Describe it in the customer's words."))}),
            block("steps", {"title": pgettext("guide", "What to do"), "steps": items([_step(_("The first thing to do"))])}),
            block("stop", {"text": rich(_("Say when to stop and call us."))}),
        ]


def _step(title: str) -> dict[str, Any]:
    return {"title": title, "text": "", "image": None, "image_alt": "", "caption": "", "tip": "", "warning": ""}


def start_guide(
    *,
    by: Any,
    language: str,
    title: str,
    summary: str = "",
    keywords: Iterable[str] = (),
    family: ProductFamily | None = None,
    model: ProductModel | None = None,
    codes: Sequence[ErrorCode] = (),
    body: Sequence[Mapping[str, Any]] | None = None,
    source: tuple[str, str] | None = None,
    verb: str = "started",
    trusted: bool = False,
    **fields: Any,
) -> GuidePage:
    """Create a draft below the list of guides; nothing of it is public. Emits `guide.drafted`.

    Args:
        body: raw blocks; an empty frame by default.
        source: (kind, reference) of the request or chat it comes from.
        trusted: skip the right to add pages: the caller has checked another one (an agent handing over a solution).
        fields: further fields of GuidePage.
    Raises:
        NotAllowed; InvalidInput without a title or for a language that has no list of guides.
    """
    index = index_for(language)
    if not trusted and not may_start(by, language):
        raise NotAllowed()
    words = " ".join(title.split())[:TITLE_LENGTH]
    if not words:
        raise InvalidInput(_("Give it a title."), field="title")
    with transaction.atomic():
        page = GuidePage(
            title=words,
            locale=index.locale,
            live=False,
            owner=by,
            summary=" ".join(summary.split())[:SUMMARY_LENGTH] or words[:SUMMARY_LENGTH],
            keywords="\n".join(dict.fromkeys(" ".join(line.split()) for line in keywords if line.strip())),
            body=list(body if body is not None else skeleton(language)),
            **fields,
        )
        parent = Page.objects.get(pk=index.pk)
        page.slug = page.slug or page.slug_of_title(parent=parent)
        page.families = [family] if family else []
        page.product_models = [model] if model else []
        page.error_codes = list(codes)
        parent.add_child(instance=page)
        page.save_revision(user=by, changed=True, clean=False)
        if source is not None:
            GuideSource.objects.create(page=page, kind=source[0], reference=source[1], created_by=by)
        history.record(page, verb, by=by, source=list(source or ()))
        emit("guide.drafted", page_id=page.pk)
    return GuidePage.objects.get(pk=page.pk)


def start_from_row(*, by: Any, prefill: Mapping[str, Any], language: str = "") -> GuidePage:
    """Start a guide from what a row of a work list knows. Raises as `start_guide`."""
    spoken = normal_language(language or str(prefill.get("language", "")) or "zh-hans")
    model = ProductModel.objects.select_related("family").filter(slug=prefill.get("model", "")).first() if prefill.get("model") else None
    family = ProductFamily.objects.filter(slug=prefill.get("family", "")).first() if prefill.get("family") else None
    codes = ErrorCode.objects.filter(code_normal__in=prefill.get("codes", ()))
    if family or model:
        codes = codes.filter(family=family or (model.family if model else None))
    return start_guide(
        by=by,
        language=spoken,
        title=str(prefill.get("title", "")),
        summary=str(prefill.get("summary", "")),
        keywords=[str(words) for words in prefill.get("keywords", ())],
        family=family or (model.family if model else None),
        model=model,
        codes=list(codes) if prefill.get("codes") else (),
    )
