"""Language versions of guides and diagnoses: flagging those whose source has changed, finishing a translation through the workflow."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Locale, Page
from wagtail_localize.models import StringSegment, StringTranslation, Translation, TranslationSource
from wagtail_localize.operations import translate_object
from wagtail_localize.segments import StringSegmentValue
from wagtail_localize.segments.extract import extract_segments

from core import history
from core.errors import Conflict, NotAllowed, NotFound
from core.i18n import normal_language
from kb.checks import unpublished_notes
from kb.models import GuidePage, SafetyNote
from kb.permissions import can_translate

TOLD = frozenset({GuidePage.Significance.MINOR, GuidePage.Significance.MAJOR})


def source_locale_id(page: GuidePage) -> int | None:
    """Return the locale in which a guide is written first: that of its translation source, else the site's language."""
    found = TranslationSource.objects.filter(object_id=page.translation_key).values_list("locale_id", flat=True).first()
    if found is not None:
        return found
    default = Locale.objects.filter(language_code=settings.LANGUAGE_CODE).values_list("pk", flat=True).first()
    has_default = type(page).objects.filter(translation_key=page.translation_key, locale_id=default).exists()
    return default if has_default else page.locale_id


def source_was_published(page: GuidePage) -> None:
    """Bring the other language versions' state up to date after `page` was published.

    A published source refreshes the translators' texts and flags its translations, unless the change was a typo; a published
    translation loses its flag. A flag never weakens: a major change stays major until the translation is out.
    """
    if page.locale_id != source_locale_id(page):
        type(page).objects.filter(pk=page.pk).update(source_changed_at=None, source_change="")
        page.source_changed_at, page.source_change = None, ""
        return
    source = TranslationSource.objects.filter(object_id=page.translation_key, locale_id=page.locale_id).first()
    if source is not None:
        source.update_from_db()
    if page.significance not in TOLD:
        return
    others = type(page).objects.filter(translation_key=page.translation_key).exclude(pk=page.pk)
    now = timezone.now()
    others.filter(first_published_at__isnull=False).exclude(source_change=GuidePage.Significance.MAJOR).update(
        source_changed_at=now, source_change=page.significance
    )
    others.filter(source_change=GuidePage.Significance.MAJOR).update(source_changed_at=now)


def start_translation(page: GuidePage, *, language: str, by: Any) -> GuidePage:
    """Open the translation of `page` into `language` as a draft for the translator. Raises NotAllowed."""
    if not can_translate(by):
        raise NotAllowed()
    locale = Locale.objects.get(language_code=language)
    with transaction.atomic():
        keep_notes(page, [locale])
        translate_object(page, [locale], user=by)
        history.record(page, "translation_started", by=by, language=language)
    return type(page).objects.get(translation_key=page.translation_key, locale=locale)


def progress_of(translation: Translation) -> tuple[int, int]:
    """Return (texts translated, texts in all)."""
    total, done = translation.get_progress()
    return done, total


def target_of(translation: Translation) -> Any:
    """Return the page or note that a translation writes. Raises NotFound when it was deleted."""
    try:
        found = translation.get_target_instance()
    except ObjectDoesNotExist as error:
        raise NotFound() from error
    return found.specific if isinstance(found, Page) else found


def _may_edit(user: Any, content: Any) -> bool:
    if isinstance(content, Page):
        return bool(content.permissions_for_user(user).can_edit())
    return bool(user.has_perm(f"{content._meta.app_label}.change_{content._meta.model_name}"))


def finish_translation(translation: Translation, *, by: Any) -> Any:
    """Save a complete translation (of a page or a safety note) as a draft and hand it to the review workflow; nothing goes live here.

    A version that is already live stays as it is until the reviewer approves. Raises NotAllowed; Conflict (`incomplete`) while texts are
    missing, (`under_review`) while a review is running, or (`note_not_published`) while a safety note of the text is a draft.
    """
    content = target_of(translation)
    if not can_translate(by) or not _may_edit(by, content):
        raise NotAllowed()
    done, total = progress_of(translation)
    if done < total:
        raise Conflict(
            _("%(missing)s of %(total)s texts are not translated yet.") % {"missing": total - done, "total": total},
            code="incomplete",
            missing=total - done,
        )
    with transaction.atomic():
        if content.workflow_in_progress:
            raise Conflict(
                _("A reviewer is looking at this version. Wait for the answer, or cancel the review first."), code="under_review"
            )
        draft = translation.source.get_ephemeral_translated_instance(translation.target_locale, fallback=False)
        for note in unpublished_notes(getattr(draft, "body", ())):
            words = _("The safety note “%(note)s” is not published: have it approved first.") % {"note": note.title}
            raise Conflict(words, code="note_not_published")
        draft.save_revision(user=by, changed=True)
        content.refresh_from_db()
        workflow, sent_back = content.get_workflow(), content.current_workflow_state
        if sent_back is not None:
            sent_back.resume(by)  # a reviewer had asked for changes
        elif workflow is not None:
            workflow.start(content, by)
        history.record(content, "translation_finished", by=by, language=normal_language(translation.target_locale.language_code))
    return content


def keep_notes(page: Any, locales: Iterable[Locale]) -> None:
    """Give the translators' tool the words of the safety notes of a page that were written by hand in the other language before.

    Translating a guide makes translations of its notes as well; without their words the tool would offer the source's.
    """
    notes = [block.value["note"] for block in getattr(page, "body", ()) if block.block_type == "safety" and block.value["note"]]
    for note in notes:
        for locale in locales:
            written = SafetyNote.objects.filter(translation_key=note.translation_key, locale=locale).first()
            if written is not None and locale.pk != note.locale_id:
                source, _created = TranslationSource.get_or_create_from_instance(note)
                translation, made = Translation.objects.get_or_create(source=source, target_locale=locale)
                if made:
                    _keep_words(translation, written)


def _keep_words(translation: Translation, note: SafetyNote) -> None:
    given = sorted((part for part in extract_segments(note) if isinstance(part, StringSegmentValue)), key=lambda part: part.order)
    asked = list(StringSegment.objects.filter(source=translation.source).select_related("context").order_by("order"))
    if [part.path for part in given] != [segment.context.path for segment in asked]:
        return
    for part, segment in zip(given, asked, strict=True):
        StringTranslation.objects.get_or_create(
            translation_of_id=segment.string_id,
            locale_id=translation.target_locale_id,
            context=segment.context,
            defaults={"data": part.string.data, "translation_type": StringTranslation.TRANSLATION_TYPE_MANUAL},
        )


def note_major_change(page: GuidePage, *, today: date) -> None:
    """Keep the day and the words of a major change, which readers are told for a while; a first publication changes nothing."""
    if page.significance != GuidePage.Significance.MAJOR or page.first_published_at == page.last_published_at:
        return
    GuidePage.objects.filter(pk=page.pk).update(changed_on=today, changed_note=page.change_note)
    page.changed_on, page.changed_note = today, page.change_note


def stale_safety_notes() -> Any:
    """Return the safety notes whose source has changed, the oldest change first."""
    return SafetyNote.objects.filter(source_changed_at__isnull=False).select_related("locale").order_by("source_changed_at")


def stale_translations() -> Any:
    """Return the language versions whose source has changed, the oldest change first."""
    return GuidePage.objects.filter(source_changed_at__isnull=False).select_related("locale").order_by("source_changed_at")
