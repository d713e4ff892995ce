"""Makes guides in both languages, announcements and help sessions; the page tree comes from the shipped defaults."""

import uuid
from typing import Any

import factory
from django.utils import timezone
from wagtail.models import Locale

from kb.models import Announcement, GuideIndexPage, GuidePage, HelpSession

STEPS = [
    {"title": "关机、拔插头", "text": "<p>先按电源键关机。</p>", "tip": "等 30 分钟。"},
    {"title": "逆时针拧下过滤器", "text": "<p>慢慢拧。</p>", "warning": "水可能还是烫的。"},
]


def items(values: list[Any]) -> list[dict[str, Any]]:
    """Return the entries of a list block as the CMS saves them (with ids, which translations need)."""
    return [{"type": "item", "id": str(uuid.uuid4()), "value": value} for value in values]


def body(**changes: Any) -> list[dict[str, Any]]:
    """Return a guide's content with one block of most kinds."""
    blocks = [
        {
            "type": "tools",
            "value": {
                "tools": items([{"name": "毛巾", "quantity": "2"}]),
                "parts": items([{"name": "过滤器", "number": "DP-F2"}]),
                "note": "",
            },
        },
        {"type": "steps", "value": {"title": "两步清理", "steps": items(changes.get("steps", STEPS))}},
        {"type": "warning", "value": {"level": "warning", "title": "先断电，再碰水", "text": "<p>有触电的危险。</p>"}},
        {"type": "faq", "value": {"title": "", "questions": items([{"question": "会影响保修吗？", "answer": "<p>不会。</p>"}])}},
        {"type": "stop", "value": {"text": "<p>闻到焦味就停。</p>"}},
    ]
    return [{**block, "id": str(uuid.uuid4())} for block in blocks + changes.get("more", [])]


def page_tree() -> dict[str, GuideIndexPage]:
    """Create the shipped page tree where there is none and return language → list of guides."""
    from kb.defaults import load_defaults

    if not GuideIndexPage.objects.exists():
        load_defaults()
    return {page.locale.language_code: page for page in GuideIndexPage.objects.select_related("locale")}


def make_guide(
    *,
    language: str = "zh-hans",
    live: bool = True,
    title: str = "滚筒洗衣机不排水",
    slug: str = "",
    translation_of: GuidePage | None = None,
    by: Any = None,
    families: Any = (),
    models: Any = (),
    codes: Any = (),
    **fields: Any,
) -> GuidePage:
    """Create a guide below the shipped list; `live` publishes it through a revision, as the CMS does."""
    index = page_tree()[language]
    fields.setdefault("summary", "水排不出去，先清理过滤器。")
    fields.setdefault("body", body())
    if translation_of is not None:
        fields["translation_key"] = translation_of.translation_key
    page = GuidePage(
        title=title,
        slug=slug or f"guide-{uuid.uuid4().hex[:8]}",
        locale=Locale.objects.get(language_code=language),
        live=False,
        owner=by,
        **fields,
    )
    index.add_child(instance=page)
    page.families.set(families)
    page.product_models.set(models)
    page.error_codes.set(codes)
    revision = page.save_revision(user=by)
    if live:
        revision.publish()
    return GuidePage.objects.get(pk=page.pk)


def approve(page: Any, by: Any) -> Any:
    """Approve a page at the step where it is, as somebody; return it as it is then."""
    page = type(page).objects.get(pk=page.pk)
    page.current_workflow_task.specific.on_action(page.current_workflow_task_state, by, "approve")
    return type(page).objects.get(pk=page.pk)


class AnnouncementFactory(factory.django.DjangoModelFactory):
    """An announcement; live and for everybody unless told otherwise."""

    class Meta:
        model = Announcement

    title_zh_hans = factory.Sequence(lambda n: f"排水泵批次检查 {n}")
    title_en = factory.Sequence(lambda n: f"Check of pump batch {n}")
    body_zh_hans = "<p>请看机身标签。</p>"
    body_en = "<p>Please look at the label.</p>"
    live = True
    starts_at = factory.LazyFunction(timezone.now)


class HelpSessionFactory(factory.django.DjangoModelFactory):
    """An attempt to find an answer."""

    class Meta:
        model = HelpSession

    visitor_key = factory.Sequence(lambda n: f"visitor-{n}")
