"""Rows every installation starts with: seven roles, each a group of permissions. Loading again adds what is missing, takes nothing away."""

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

from accounts.models import Role

# key, Chinese, English, works at the desk
ROLES = (
    ("agent", "一线客服", "Agent", True),
    ("second_line", "二线技术", "Second line", True),
    ("supervisor", "客服主管", "Supervisor", True),
    ("editor", "内容编辑", "Editor", False),
    ("reviewer", "内容审核", "Reviewer", False),
    ("safety_reviewer", "安全审核", "Safety reviewer", False),
    ("administrator", "系统管理员", "Administrator", True),
)
DESK = ("tickets.work_desk", "warranty.review_registration", "fieldservice.move_repair", "kb.propose_guide")
CHAT = ("chat.work_chat",)
CMS = ("wagtailadmin.access_admin",)
# `app.codename`; `app.*` all permissions of an app, `app.model:*` all of one model.
GRANTS: dict[str, tuple[str, ...]] = {
    "agent": (*DESK, *CHAT),
    "second_line": (*DESK, *CHAT, "tickets.work_second_line"),
    "supervisor": (
        *DESK,
        *CHAT,
        "chat.supervise_chat",
        "chat.agentprofile:*",
        *CMS,
        "tickets.work_second_line",
        "tickets.supervise_desk",
        "tickets.queue:*",
        "tickets.priority:*",
        "tickets.slapolicy:*",
        "tickets.cannedreply:*",
        "core.businesscalendar:*",
        "core.view_taskattempt",
        "core.view_outboundmessage",
        "fieldservice.serviceoutlet:*",
        "reports.view_reports",
        "kb.announcement:*",
        "kb.publish_urgently",
        "warranty.*",
    ),
    "editor": (
        *CMS,
        "kb.announcement:*",
        "kb.safetynote:*",
        "products.*",
        "search.synonym:*",
        "search.stopword:*",
        "search.domainword:*",
        "search.promotedresult:*",
        "search.view_searchlog",
        "kb.view_articlevote",
        "core.hearthimage:*",
        "wagtailimages.choose_image",
        "wagtaildocs.*",
        "wagtail_localize.submit_translation",
    ),
    "reviewer": (
        *CMS,
        "kb.review_guide",
        "kb.announcement:*",
        "kb.safetynote:*",
        "kb.view_articlevote",
        "search.view_searchlog",
        "core.hearthimage:*",
        "wagtaildocs.*",
        "wagtail_localize.submit_translation",
    ),
    "safety_reviewer": (
        *CMS,
        "kb.review_guide",
        "kb.safetynote:*",
        "kb.view_articlevote",
        "core.hearthimage:*",
        "wagtail_localize.submit_translation",
    ),
    "administrator": (
        *CMS,
        "accounts.*",
        "auth.group:*",
        "chat.*",
        "core.*",
        "diagnosis.*",
        "fieldservice.*",
        "kb.*",
        "products.*",
        "reports.*",
        "search.*",
        "tickets.*",
        "warranty.*",
        "wagtailcore.*",
        "wagtailimages.*",
        "wagtaildocs.*",
        "wagtailredirects.*",
        "wagtail_localize.*",
        "wagtailusers.*",
    ),
}


def permissions_for(grants: Iterable[str]) -> list[Permission]:
    """Return the permissions a list of grants names; what is not installed is left out."""
    wanted = Q(pk__in=[])
    for grant in grants:
        app, _dot, name = grant.partition(".")
        if name == "*":
            wanted |= Q(content_type__app_label=app)
        elif name.endswith(":*"):
            wanted |= Q(content_type__app_label=app, content_type__model=name[:-2])
        else:
            wanted |= Q(content_type__app_label=app, codename=name)
    return list(Permission.objects.filter(wanted))


@transaction.atomic
def load_defaults() -> None:
    """Create the roles that are missing and give every shipped role the permissions it ships with."""
    for order, (key, chinese, english, works_desk) in enumerate(ROLES):
        role = Role.objects.filter(key=key).select_related("group").first()
        if role is None:
            group, _created = Group.objects.get_or_create(name=english)
            role = Role.objects.create(key=key, name_zh_hans=chinese, name_en=english, group=group, works_desk=works_desk, order=order)
        role.group.permissions.add(*permissions_for(GRANTS[key]))
