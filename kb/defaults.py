"""Rows every installation starts with: languages, the page tree, the review workflow, and what editors and reviewers may do."""

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.utils.translation import gettext, override
from django.utils.translation import gettext_noop as _
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    Locale,
    Page,
    Site,
    Task,
    Workflow,
    WorkflowContentType,
    WorkflowPage,
    WorkflowTask,
)

from accounts.models import Role
from kb.models import Announcement, GuideIndexPage, HomePage, ReviewTask, SafetyNote, SafetyReviewTask, StyleWord

SOURCE = "zh-hans"
HOME = _("Home")
GUIDES = _("Guides and videos")
INTRO = _("Fix it yourself, step by step; how things work; answers to common questions.")
WORKFLOW = "指南审核 Guide review"
ANNOUNCEMENT_WORKFLOW = "公告安全审核 Safety review of announcements"
TASK = "技术审核 Technical review"
SAFETY_TASK = "安全审核 Safety review"
WRITERS = ("editor", "reviewer", "safety_reviewer", "administrator")
REVIEWERS = ("reviewer", "administrator")
SAFETY_REVIEWERS = ("safety_reviewer", "administrator")
PAGE_PERMISSIONS = {
    "editor": ("add_page", "change_page"),
    "reviewer": ("add_page", "change_page", "publish_page", "unlock_page", "lock_page"),
    "safety_reviewer": ("add_page", "change_page", "publish_page", "unlock_page", "lock_page"),
    "administrator": ("add_page", "change_page", "publish_page", "unlock_page", "lock_page", "bulk_delete_page"),
}
WRITING = (
    "wagtailadmin.access_admin",
    "wagtail_localize.submit_translation",
    "kb.add_announcement",
    "kb.change_announcement",
    "kb.view_announcement",
    "kb.publish_announcement",
    "kb.add_safetynote",
    "kb.change_safetynote",
    "kb.view_safetynote",
    "kb.view_articlevote",
    "kb.change_guidepage",
    "kb.view_styleword",
)
REVIEWING = (
    "kb.add_styleword",
    "kb.change_styleword",
    "kb.delete_styleword",
    "kb.review_guide",
    "kb.delete_announcement",
    "kb.publish_safetynote",
    "kb.delete_safetynote",
)
CATALOGUE = tuple(
    f"products.{verb}_{model}"
    for model in ("productfamily", "productmodel", "modelalias", "part", "errorcode", "problemnode", "market")
    for verb in ("add", "change", "view", "delete")
)
# (language, kind, word to avoid, what to say instead): what stands in every maker's manuals and in no customer's mouth.
STYLE_WORDS = (
    ("zh-hans", "plain", "进行清洁", "清洁"),
    ("zh-hans", "plain", "进行检查", "检查"),
    ("zh-hans", "plain", "进行拆卸", "拆下"),
    ("zh-hans", "plain", "进行安装", "安装"),
    ("zh-hans", "plain", "予以", ""),
    ("zh-hans", "plain", "如若", "如果"),
    ("zh-hans", "plain", "方可", "才能"),
    ("zh-hans", "plain", "请知悉", ""),
    ("zh-hans", "plain", "操作人员", "您"),
    ("zh-hans", "plain", "本产品", "机器"),
    ("zh-hans", "plain", "上述", "上面说的"),
    ("zh-hans", "plain", "该部件", "它"),
    ("zh-hans", "term", "错误代码", "故障码"),
    ("zh-hans", "term", "故障代码", "故障码"),
    ("zh-hans", "term", "错误码", "故障码"),
    ("en", "plain", "utilise", "use"),
    ("en", "plain", "utilize", "use"),
    ("en", "plain", "prior to", "before"),
    ("en", "plain", "subsequent to", "after"),
    ("en", "plain", "in order to", "to"),
    ("en", "plain", "commence", "start"),
    ("en", "plain", "terminate", "stop"),
    ("en", "plain", "ascertain", "check"),
    ("en", "plain", "in the event that", "if"),
    ("en", "plain", "ensure that", "make sure"),
    ("en", "plain", "please be advised", ""),
    ("en", "plain", "the user", "you"),
    ("en", "plain", "malfunction", "fault"),
    ("en", "term", "fault code", "error code"),
    ("en", "term", "failure code", "error code"),
)
COLLECTION_PERMISSIONS = ("add_image", "change_image", "choose_image", "add_document", "change_document", "choose_document")


def load_defaults() -> None:
    """Create what is missing; run again, it changes nothing that somebody has edited."""
    locales = {code: Locale.objects.get_or_create(language_code=code)[0] for code, _name in settings.LANGUAGES}
    homes = _homes(locales)
    indexes = _indexes(homes)
    groups = {role.key: role.group for role in Role.objects.filter(key__in=WRITERS).select_related("group")}
    _workflow(indexes, groups)
    _style_words()
    _permissions(groups, indexes)


def _words(text: str, code: str) -> str:
    with override(code):
        return gettext(text)


def _homes(locales: dict[str, Locale]) -> dict[str, HomePage]:
    site = Site.objects.filter(is_default_site=True).first()
    if site is not None and isinstance(site.root_page.specific, HomePage):
        source = HomePage.objects.get(translation_key=site.root_page.translation_key, locale=locales[SOURCE])
    else:
        root = Page.get_first_root_node()
        old = site.root_page if site is not None else None
        source = root.add_child(instance=HomePage(title=_words(HOME, SOURCE), slug="home-zh-hans", locale=locales[SOURCE]))
        if site is None:
            site = Site(hostname="localhost", is_default_site=True)
        site.root_page, site.site_name = source, settings.WAGTAIL_SITE_NAME
        site.save()
        if old is not None and not old.get_children().exists() and old.depth > 1:
            old.delete()
    homes = {SOURCE: source}
    for code, locale in locales.items():
        if code == SOURCE:
            continue
        found = HomePage.objects.filter(translation_key=source.translation_key, locale=locale).first()
        if found is None:
            found = HomePage(title=_words(HOME, code), slug=f"home-{code}", locale=locale, translation_key=source.translation_key)
            Page.get_first_root_node().add_child(instance=found)
        homes[code] = found
    return homes


def _indexes(homes: dict[str, HomePage]) -> dict[str, GuideIndexPage]:
    indexes: dict[str, GuideIndexPage] = {}
    for code, home in homes.items():
        found = GuideIndexPage.objects.child_of(home).first()
        if found is None:
            key = {"translation_key": indexes[SOURCE].translation_key} if SOURCE in indexes else {}
            found = GuideIndexPage(title=_words(GUIDES, code), intro=_words(INTRO, code), slug="guides", locale=home.locale, **key)
            Page.objects.get(pk=home.pk).add_child(instance=found)
        indexes[code] = found
    return indexes


def _workflow(indexes: dict[str, GuideIndexPage], groups: dict[str, Group]) -> None:
    tasks = [
        _task(ReviewTask, TASK, [groups[key] for key in REVIEWERS if key in groups]),
        _task(SafetyReviewTask, SAFETY_TASK, [groups[key] for key in SAFETY_REVIEWERS if key in groups]),
    ]
    workflow = _workflow_of(WORKFLOW, tasks)
    for index in indexes.values():
        WorkflowPage.objects.get_or_create(page=Page.objects.get(pk=index.pk), defaults={"workflow": workflow})
    # The publishing desk reads the words of an announcement itself: only what is about safety is somebody else's, too.
    for model, found in ((SafetyNote, workflow), (Announcement, _workflow_of(ANNOUNCEMENT_WORKFLOW, tasks[1:]))):
        WorkflowContentType.objects.get_or_create(content_type=_content_type(model), defaults={"workflow": found})


def _workflow_of(name: str, tasks: list[Task]) -> Workflow:
    workflow = Workflow.objects.filter(name=name).first()
    if workflow is None:
        workflow = Workflow.objects.create(name=name)
        for place, task in enumerate(tasks):
            WorkflowTask.objects.create(workflow=workflow, task=Task.objects.get(pk=task.pk), sort_order=place)
    return workflow


def _style_words() -> None:
    """Put the shipped words to avoid into an empty table; what editors leave of them stays so."""
    if not StyleWord.objects.exists():
        StyleWord.objects.bulk_create(
            StyleWord(language=language, kind=kind, avoid=avoid, instead=instead) for language, kind, avoid, instead in STYLE_WORDS
        )


def _task(model: type[ReviewTask] | type[SafetyReviewTask], name: str, groups: list[Group]) -> Task:
    task = model.objects.first() or model.objects.create(name=name)
    if not task.groups.exists():
        task.groups.set(groups)
    return task


def _content_type(model: type) -> object:
    from django.contrib.contenttypes.models import ContentType

    return ContentType.objects.get_for_model(model)


def _permissions(groups: dict[str, Group], indexes: dict[str, GuideIndexPage]) -> None:
    for key, group in groups.items():
        wanted = [*WRITING, *CATALOGUE, *(REVIEWING if key in {*REVIEWERS, *SAFETY_REVIEWERS} else ())]
        group.permissions.add(*_named(wanted))
        for index in indexes.values():
            page = Page.objects.get(pk=index.pk)
            for codename in PAGE_PERMISSIONS[key]:
                permission = Permission.objects.get(content_type__app_label="wagtailcore", content_type__model="page", codename=codename)
                GroupPagePermission.objects.get_or_create(group=group, page=page, permission=permission)
        root = Collection.get_first_root_node()
        for permission in Permission.objects.filter(
            codename__in=COLLECTION_PERMISSIONS, content_type__app_label__in=["wagtailimages", "wagtaildocs", "core"]
        ):
            GroupCollectionPermission.objects.get_or_create(group=group, collection=root, permission=permission)


def _named(names: list[str]) -> list[Permission]:
    found = []
    for name in names:
        app, codename = name.split(".")
        found += list(Permission.objects.filter(content_type__app_label=app, codename=codename))
    return found
