"""What can be done with diagnoses: keep what was published as a version."""

from django.db import transaction
from django.utils import timezone

from core.i18n import normal_language
from diagnosis.models import DiagnosisPage, DiagnosisVersion
from diagnosis.outline import content_of


def keep_version(page: DiagnosisPage) -> DiagnosisVersion:
    """Return the version that holds the content of `page` as it is now, making the next one when it has changed."""
    language = normal_language(page.locale.language_code)
    content = content_of(page)
    with transaction.atomic():
        DiagnosisPage.objects.select_for_update().filter(pk=page.pk).first()
        last = DiagnosisVersion.objects.filter(translation_key=page.translation_key, language=language).order_by("-number").first()
        if last is not None and last.content == content:
            return last
        return DiagnosisVersion.objects.create(
            translation_key=page.translation_key,
            language=language,
            number=last.number + 1 if last else 1,
            page=page,
            content=content,
            published_at=timezone.now(),
        )
