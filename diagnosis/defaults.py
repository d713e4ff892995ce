"""Rows every installation starts with: the lists of diagnoses, who may write them, and the review they share with the guides."""

from django.contrib.auth.models import Permission
from django.utils.translation import gettext, override
from django.utils.translation import gettext_noop as _
from wagtail.models import GroupPagePermission, Page, WorkflowPage

from accounts.models import Role
from diagnosis.models import DiagnosisIndexPage
from diagnosis.models.pages import INDEX_SLUG
from kb.defaults import PAGE_PERMISSIONS, SOURCE, WRITERS
from kb.models import GuideIndexPage, HomePage

TITLE = _("Find the cause")
INTRO = _("A few questions about what you see and hear, then what to do.")


def load_defaults() -> None:
    """Create what is missing; run again, it changes nothing that somebody has edited."""
    indexes = _indexes()
    _workflow(indexes)
    for role in Role.objects.filter(key__in=WRITERS).select_related("group"):
        for index in indexes.values():
            for permission in Permission.objects.filter(
                content_type__app_label="wagtailcore", content_type__model="page", codename__in=PAGE_PERMISSIONS[role.key]
            ):
                GroupPagePermission.objects.get_or_create(group=role.group, page=Page.objects.get(pk=index.pk), permission=permission)


def _indexes() -> dict[str, DiagnosisIndexPage]:
    found: dict[str, DiagnosisIndexPage] = {}
    homes = {home.locale.language_code: home for home in HomePage.objects.select_related("locale")}
    for code in sorted(homes, key=lambda code: code != SOURCE):
        home = homes[code]
        page = DiagnosisIndexPage.objects.child_of(home).first()
        if page is None:
            key = {"translation_key": found[SOURCE].translation_key} if SOURCE in found else {}
            with override(code):
                page = DiagnosisIndexPage(title=gettext(TITLE), intro=gettext(INTRO), slug=INDEX_SLUG, locale=home.locale, **key)
            Page.objects.get(pk=home.pk).add_child(instance=page)
        found[code] = page
    return found


def _workflow(indexes: dict[str, DiagnosisIndexPage]) -> None:
    """Put the lists under the review of the guides, where they have none of their own."""
    of_guides = WorkflowPage.objects.filter(page__in=GuideIndexPage.objects.values("pk")).select_related("workflow").first()
    if of_guides is None:
        return
    for index in indexes.values():
        WorkflowPage.objects.get_or_create(page=Page.objects.get(pk=index.pk), defaults={"workflow": of_guides.workflow})
