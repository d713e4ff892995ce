"""Handlers of Wagtail's signals: what is published becomes a version and an event of ours."""

from typing import Any

from django.db import transaction
from django.dispatch import receiver
from wagtail.models import Page
from wagtail.signals import page_published, page_unpublished, post_page_move

from core.events import emit
from core.i18n import normal_language
from diagnosis.actions import keep_version
from diagnosis.models import DiagnosisPage
from kb.translations import source_was_published


def _ids(page: DiagnosisPage) -> dict[str, Any]:
    return {"page_id": page.pk, "translation_key": str(page.translation_key), "language": normal_language(page.locale.language_code)}


@receiver(page_published)
def diagnosis_published(sender: type, instance: Page, **kwargs: Any) -> None:
    """Keep what was published for the runs that begin now, bring the translations' state up to date, tell the house."""
    if isinstance(instance, DiagnosisPage):
        with transaction.atomic():
            keep_version(instance)
            source_was_published(instance)
            emit("diagnosis.published", **_ids(instance))


@receiver(page_unpublished)
def diagnosis_unpublished(sender: type, instance: Page, **kwargs: Any) -> None:
    """Tell the house about a diagnosis that was taken down; runs under way may end."""
    page = instance.specific
    if isinstance(page, DiagnosisPage):
        emit("diagnosis.unpublished", **_ids(page))


@receiver(post_page_move)
def page_moved(sender: type, instance: Page, **kwargs: Any) -> None:
    """Tell the house about new addresses of diagnoses."""
    if kwargs.get("url_path_before") == kwargs.get("url_path_after"):
        return
    with transaction.atomic():
        for page in DiagnosisPage.objects.descendant_of(instance, inclusive=True).live().select_related("locale"):
            emit("diagnosis.published", **_ids(page))
