"""Loads the demo's brand, guides in both languages and announcements."""

import json
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.html import escape
from wagtail.log_actions import log
from wagtail.models import Locale, Page, Revision, Site

from accounts.models import User
from core.models import BrandSettings, BusinessCalendar, HearthImage
from kb.models import Announcement, GuideIndexPage, GuidePage, SafetyNote
from portal.demo.blocks import GuideWriter
from portal.demo.data import LANGUAGES, guides, pair, read, side
from products.models import ErrorCode, Market, ProductFamily, ProductModel

REVIEW_EVERY = timedelta(days=365)
DRAFTED_BEFORE = timedelta(days=3)


def load_brand(calendar: BusinessCalendar | None) -> None:
    """Give the site the invented maker's name, hotline and legal lines, unless somebody has named it already."""
    brand = BrandSettings.for_site(Site.objects.get(is_default_site=True))
    if brand.hotline:
        return
    row = read("brand")
    for field in ("name", "service_name", "hours", "company", "address", "privacy"):
        for name, value in pair(row[field], field).items():
            setattr(brand, name, value)
    for field in ("hotline", "email", "brand_colour", "icp_number", "police_number", "privacy_version"):
        setattr(brand, field, row[field])
    brand.calendar = calendar
    brand.save()


def load_markets() -> None:
    """Add the markets beside the one every installation starts with."""
    for order, (code, chinese, english) in enumerate((("HK", "中国香港", "Hong Kong, China"), ("SG", "新加坡", "Singapore")), start=2):
        Market.objects.get_or_create(code=code, defaults={"name_zh_hans": chinese, "name_en": english, "order": order * 10})


def load_safety_notes(locales: dict[str, Locale]) -> dict[str, dict[str, int]]:
    """Publish the safety notes that guides share; return key → language → row."""
    found: dict[str, dict[str, int]] = {}
    for row in read("safety"):
        key = None
        for language, locale in locales.items():
            half = side(language)
            note = SafetyNote.objects.filter(title=row["title"][half], locale=locale).first()
            if note is None:
                note = SafetyNote(title=row["title"][half], level=row["level"], text=f"<p>{escape(row['text'][half])}</p>", locale=locale)
                note.translation_key = key or note.translation_key
                note.first_published_at = note.last_published_at = timezone.now()
                note.save()
            key = note.translation_key
            found.setdefault(row["key"], {})[language] = note.pk
    return found


def load_guides(images: dict[str, HearthImage], *, users: dict[str, User]) -> int:
    """Publish every guide that is not there yet, the Chinese source first; return how many were written."""
    editor, reviewer = users["editor"], users["reviewer"]
    existing = set(GuidePage.objects.values_list("slug", "locale__language_code"))
    indexes = {code: GuideIndexPage.objects.get(locale__language_code=code) for code in LANGUAGES}
    locales = {code: Locale.objects.get(language_code=code) for code in LANGUAGES}
    catalogue = _Catalogue(images, load_safety_notes(locales))
    written = 0
    for guide in guides():
        key = GuidePage.objects.filter(slug=guide["slug"]).values_list("translation_key", flat=True).first()
        for language in LANGUAGES[:1] if guide.get("draft") else LANGUAGES:
            if (guide["slug"], language) in existing:
                continue
            page = catalogue.page(guide, language, locales[language])
            if key is None:
                key = page.translation_key
            page.translation_key = key
            if guide.get("draft"):
                _keep_draft(indexes[language], page, editor=editor)
            else:
                page.owner = users.get(guide.get("review", {}).get("owner", "editor"))
                _publish(indexes[language], page, guide, editor=editor, reviewer=reviewer)
            written += 1
    return written


def _publish(index: Page, page: GuidePage, guide: dict[str, Any], *, editor: User, reviewer: User) -> None:
    """Put a page online as of its review: the rows that publishing leaves, without the signals of a change that happens now."""
    reviewed = _noon(-guide["reviewed_days_ago"])
    drafted = reviewed - DRAFTED_BEFORE
    page.first_published_at = page.last_published_at = reviewed
    index.refresh_from_db()
    index.add_child(instance=page)
    revision = page.save_revision(user=editor, clean=False, changed=False)
    Revision.objects.filter(pk=revision.pk).update(created_at=drafted)
    GuidePage.objects.filter(pk=page.pk).update(live_revision=revision, latest_revision_created_at=drafted, has_unpublished_changes=False)
    log(page, "wagtail.publish", user=reviewer, revision=revision)
    if "source_changed_days_ago" in guide:
        changed = _noon(-guide["source_changed_days_ago"])
        here = GuidePage.objects.filter(pk=page.pk)
        if page.locale.language_code == LANGUAGES[0]:
            here.update(last_published_at=changed)
        else:
            here.update(source_changed_at=changed, source_change=GuidePage.Significance.MINOR)


def _keep_draft(index: Page, page: GuidePage, *, editor: User) -> None:
    """Leave a guide as its author's draft: what the searches without an answer asked for."""
    page.owner, page.live, page.reviewed_on, page.review_due_on = editor, False, None, None
    index.refresh_from_db()
    index.add_child(instance=page)
    page.save_revision(user=editor, clean=False)


class _Catalogue:
    """What guides refer to, looked up once."""

    def __init__(self, images: dict[str, HearthImage], notes: dict[str, dict[str, int]]) -> None:
        content = read("catalogue")
        self.images, self.notes = images, notes
        self.parts = {row["number"]: row for row in content["parts"]}
        self.art = {row["number"]: row["art"] for row in content["models"]}
        self.families = {family.slug: family for family in ProductFamily.objects.all()}
        self.models = {model.number: model for model in ProductModel.objects.all()}
        self.codes = list(ErrorCode.objects.select_related("family"))

    def page(self, guide: dict[str, Any], language: str, locale: Locale) -> GuidePage:
        """Return the unsaved page of `guide` in `language`."""
        half = side(language)
        families = [self.families[slug] for slug in guide.get("families", [guide["family"]] if "family" in guide else [])]
        models = [self.models[number] for number in guide.get("models", [])]
        page = GuidePage(
            title=guide["title"][half],
            slug=guide["slug"],
            locale=locale,
            kind=guide["kind"],
            summary=guide["summary"][half],
            keywords="\n".join(guide["keywords"][half].split() if half == 0 else [guide["keywords"][half]]),
            minutes=guide["minutes"],
            difficulty=guide["difficulty"] if guide["kind"] in {"guide", "how_to"} else "",
            popularity=guide["popular"],
            reviewed_on=_noon(-guide["reviewed_days_ago"]).date(),
            review_due_on=_due(guide),
            changed_on=_noon(-guide["changed"][0]).date() if "changed" in guide else None,
            changed_note=guide["changed"][1][half] if "changed" in guide else "",
            significance=GuidePage.Significance.TYPO,
            search_description=guide["summary"][half],
            picture=self._picture(guide, families),
            body=json.dumps(GuideWriter(guide, language, self.images, self.parts, self._notes(language)).blocks(), ensure_ascii=False),
            live=True,
        )
        page.families = families
        page.product_models = models if "family" in guide else []
        page.error_codes = self._codes(guide, families)
        return page

    def _notes(self, language: str) -> dict[str, int]:
        return {key: rows[language] for key, rows in self.notes.items()}

    def _picture(self, guide: dict[str, Any], families: list[ProductFamily]) -> HearthImage | None:
        numbers = guide.get("models", [])
        if numbers:
            return self.images[self.art[numbers[0]]]
        return families[0].picture if families else None

    def _codes(self, guide: dict[str, Any], families: list[ProductFamily]) -> list[ErrorCode]:
        wanted = {str(code) for code in guide.get("codes", [])}
        return [code for code in self.codes if code.code in wanted and code.family in families]


def load_announcements(*, author: User) -> None:
    """Publish the announcements that are not there yet."""
    for row in read("announcements"):
        if Announcement.objects.filter(title_zh_hans=row["title"][0]).exists():
            continue
        starts = _noon(row["starts"]) - timedelta(hours=3)
        item = Announcement(
            reference=f"A-{row['key']}",
            **pair(row["title"], "title"),
            **pair(row["body"], "body"),
            severity=row["severity"],
            department=row["department"][0],
            department_en=row["department"][1],
            author=author,
            starts_at=starts,
            ends_at=_noon(row["ends"]),
            created_at=starts,
            live=True,
            first_published_at=starts,
            last_published_at=starts,
        )
        item.families = list(ProductFamily.objects.filter(slug__in=row["families"]))
        item.product_models = list(ProductModel.objects.filter(number__in=row["models"]))
        item.save()


def _due(guide: dict[str, Any]) -> date | None:
    """Return when a guide is reviewed next: a year after the last time, unless the data say otherwise."""
    review = guide.get("review", {})
    if "due_in" in review:
        return _noon(review["due_in"]).date()
    return None if "review" in guide else (_noon(-guide["reviewed_days_ago"]) + REVIEW_EVERY).date()


def _noon(days: int) -> datetime:
    """Return noon of the day `days` from today, in the site's time zone."""
    today = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
    return today + timedelta(days=days)
