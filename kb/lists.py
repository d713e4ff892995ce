"""The work lists about guides: unhelpful ones, much read and out of date, stale translations, broken links, without an owner."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.documents import get_document_model
from wagtail.models import Page

from core.i18n import normal_language
from kb.links import LinkFound, is_well_formed, links_in
from kb.models import ArticleVote, GuidePage, HelpEvent
from kb.translations import stale_translations
from kb.worklists import Filters, Row, WorkList, add_list
from products.models import ErrorCode

YEAR = timedelta(days=365)
MOST_VOTES = 3000
QUOTED = 2
STILL_RIGHT = gettext_lazy("Reviewed, still right")


def _families(page: GuidePage) -> tuple[str, ...]:
    return tuple({family.slug for family in page.families.all()} | {model.family.slug for model in page.product_models.all()})


def _with_products(pages: QuerySet[GuidePage]) -> QuerySet[GuidePage]:
    return pages.select_related("locale", "owner").prefetch_related("families", "product_models__family").defer("body")


def _language(page: GuidePage) -> str:
    return normal_language(page.locale.language_code)


def _since(filters: Filters) -> datetime:
    return timezone.now() - timedelta(days=filters.days)


def _day(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


def _row(page: GuidePage, *, key: str = "", count: int = 0, facts: Iterable[str] = (), at: datetime | None = None) -> Row:
    return Row(
        key=key or str(page.pk),
        title=page.get_admin_display_title(),
        facts=tuple(facts),
        count=count,
        language=_language(page),
        families=_families(page),
        at=at,
        page_id=page.pk,
    )


def unhelpful_rows(filters: Filters) -> list[Row]:
    """Return one row a guide or card with open “no” votes: how many, why, what was said."""
    votes = ArticleVote.objects.filter(helpful=False, handled_at__isnull=True, created_at__gte=_since(filters)).order_by("-created_at")
    groups: dict[tuple[str, str], list[ArticleVote]] = defaultdict(list)
    for vote in votes[:MOST_VOTES]:
        groups[vote.subject_key, vote.language].append(vote)
    pages = {page.pk: page for page in _with_products(GuidePage.objects.filter(pk__in={vote.page_id for vote in votes[:MOST_VOTES]}))}
    named = {tuple(subject.split(":")[1:3]) for subject, _language in groups if subject.startswith("code:")}
    codes = ErrorCode.objects.filter(code_normal__in={pair[1] for pair in named if len(pair) == 2}) if named else ErrorCode.objects.none()
    cards = {(family, code): pk for family, code, pk in codes.values_list("family__slug", "code_normal", "pk")}
    rows = []
    for (subject, language), found in groups.items():
        page = next((pages[vote.page_id] for vote in found if vote.page_id in pages), None)
        family = subject.split(":")[1] if subject.startswith("code:") else ""
        rows.append(
            Row(
                key=f"{subject}:{language}"[:200],
                title=found[0].title,
                facts=_said(found),
                count=len(found),
                language=language,
                families=_families(page) if page else (family,) if family else (),
                at=found[0].created_at,
                page_id=page.pk if page else None,
                url="" if page else _card_address(subject, cards),
            )
        )
    return sorted(rows, key=lambda row: -row.count)


def settle_row(key: str) -> None:
    """Take the votes of a row off the other lists of votes, too: somebody has dealt with them."""
    subject, _colon, language = key.rpartition(":")
    ArticleVote.objects.filter(subject_key=subject, language=language, helpful=False, handled_at__isnull=True).update(
        handled_at=timezone.now()
    )


def _card_address(subject: str, cards: dict[tuple[str, str], int]) -> str:
    """Return where the card of an error code is edited; empty for what is gone."""
    parts = subject.split(":")
    pk = cards.get((parts[1], parts[2])) if len(parts) == 3 else None
    return reverse("errorcode:edit", args=[pk]) if pk else ""


def _said(votes: list[ArticleVote]) -> tuple[str, ...]:
    reasons = Counter(str(vote.get_reason_display()) for vote in votes if vote.reason)
    facts = [f"{reason} × {times}" for reason, times in reasons.most_common()]
    facts += [_("“%(words)s”") % {"words": vote.comment[:160]} for vote in votes if vote.comment][:QUOTED]
    searched = list(dict.fromkeys(vote.query for vote in votes if vote.query))[:QUOTED]
    return tuple(facts + [_("searched “%(words)s”") % {"words": words} for words in searched])


def outdated_rows(filters: Filters) -> list[Row]:
    """Return the most read guides whose review is overdue or that nobody has looked at for a year, most read first."""
    today = timezone.localdate()
    late = Q(review_due_on__lt=today) | Q(review_due_on__isnull=True, reviewed_on__lt=today - YEAR)
    late |= Q(review_due_on__isnull=True, reviewed_on__isnull=True, last_published_at__lt=timezone.now() - YEAR)
    opened = (
        HelpEvent.objects.filter(kind=HelpEvent.Kind.OPENED, at__gte=_since(filters), document_key__startswith="guide:")
        .order_by()
        .values("document_key", "session__language")
        .annotate(times=Count("pk"))
    )
    reads = {(row["document_key"], normal_language(row["session__language"])): row["times"] for row in opened}
    rows = []
    for page in _with_products(GuidePage.objects.live().filter(late)):
        times = reads.get((f"guide:{page.translation_key}", _language(page)), 0)
        due = page.review_due_on
        fact = _("review was due on %(day)s") % {"day": _day(due)} if due else _("not reviewed for a year")
        since = timezone.make_aware(datetime.combine(due, datetime.min.time())) if due else page.last_published_at
        rows.append(_row(page, count=times, facts=[fact], at=since))
    return sorted(rows, key=lambda row: (-row.count, row.title))


def stale_rows(filters: Filters) -> list[Row]:
    """Return the language versions whose source has changed, important changes first."""
    rows = []
    for page in _with_products(stale_translations()):
        at = page.source_changed_at or timezone.now()
        days = (timezone.now() - at).days
        facts = [str(page.get_source_change_display()), _("source changed on %(day)s") % {"day": _day(timezone.localdate(at))}]
        rows.append((page.source_change != GuidePage.Significance.MAJOR, _row(page, count=days, facts=facts, at=page.source_changed_at)))
    return [row for _minor, row in sorted(rows, key=lambda pair: (pair[0], -pair[1].count))]


def ownerless_rows(filters: Filters) -> list[Row]:
    """Return the live guides nobody looks after, those without a review date, and those past it; the longest past first."""
    today = timezone.localdate()
    gone = Q(owner__isnull=True) | Q(owner__is_active=False)
    pages = _with_products(GuidePage.objects.live().filter(gone | Q(review_due_on__isnull=True) | Q(review_due_on__lt=today)))
    rows = []
    for page in pages:
        facts = []
        if page.owner is None:
            facts.append(_("no owner"))
        elif not page.owner.is_active:
            facts.append(_("the owner has left"))
        if page.review_due_on is None:
            facts.append(_("no review date"))
        due = page.review_due_on or today
        late = (today - due).days
        if late > 0:
            facts.append(_("review was due on %(day)s") % {"day": _day(due)})
        rows.append(_row(page, count=max(late, 0), facts=facts, at=page.last_published_at))
    return sorted(rows, key=lambda row: (-row.count, row.title))


def broken_rows(filters: Filters) -> list[Row]:
    """Return the live guides with links that lead nowhere: pages and documents that are gone, addresses that cannot be right."""
    pages = GuidePage.objects.live().select_related("locale").prefetch_related("families", "product_models__family")
    links = {page: found for page in pages if (found := links_in(list(page.body.raw_data)))}
    every = [link for found in links.values() for link in found]
    live = {str(pk) for pk in Page.objects.live().filter(pk__in=_numbers(every, "page")).values_list("pk", flat=True)}
    documents = {str(pk) for pk in get_document_model().objects.filter(pk__in=_numbers(every, "document")).values_list("pk", flat=True)}
    addresses = _page_addresses() if any(link.kind == "url" and link.target.startswith("/") for link in every) else set()
    rows = []
    for page, found in links.items():
        problems = [words for link in found if (words := _problem(link, live, documents, addresses))]
        if problems:
            mark = hashlib.blake2b("\n".join(problems).encode(), digest_size=6).hexdigest()
            rows.append(_row(page, key=f"{page.pk}:{mark}", count=len(problems), facts=problems[:5]))
    return sorted(rows, key=lambda row: (-row.count, row.title))


def _numbers(links: Iterable[LinkFound], kind: str) -> set[int]:
    return {int(link.target) for link in links if link.kind == kind and link.target.isdigit()}


def _page_addresses() -> set[str]:
    paths = Page.objects.live().values_list("url_path", "locale__language_code")
    return {f"/{language}/" + "/".join(path.strip("/").split("/")[1:]) for path, language in paths}


def _problem(link: LinkFound, live: set[str], documents: set[str], addresses: set[str]) -> str:
    values = {"text": link.text or link.target, "target": link.target}
    if link.kind == "page":
        return "" if link.target in live else _("“%(text)s” leads to a page that is gone or not public") % values
    if link.kind == "document":
        return "" if link.target in documents else _("“%(text)s” leads to a document that is gone") % values
    if not is_well_formed(link.target):
        return _("“%(text)s” has an address that cannot be right: %(target)s") % values
    return _("“%(text)s” leads to a page that is gone or not public") % values if _gone(link.target, addresses) else ""


def _gone(address: str, addresses: set[str]) -> bool:
    path = address.split("#")[0].split("?")[0]
    if not path.startswith("/"):
        return False
    try:
        match = resolve(path)
    except Resolver404:
        return True
    return match.url_name == "wagtail_serve" and path.rstrip("/") not in {known.rstrip("/") for known in addresses}


def _bulk(action: str, key: str) -> Callable[[Row], str]:
    """Return a further action of a list: one of the list of guides, for the row's guide, back to the work list afterwards."""

    def address(row: Row) -> str:
        query = urlencode({"id": row.page_id or "", "next": reverse("kb_work_list", args=[key])})
        return f"{reverse('wagtail_bulk_action', args=['wagtailcore', 'page', action])}?{query}"

    return address


def _source(row: Row) -> str:
    """Return where the original of a translation is compared with what it was when the translation was published."""
    return reverse("kb_source_changes", args=[row.page_id]) if row.page_id else ""


def register() -> None:
    """Put the lists about guides into the table."""
    for work_list in (
        WorkList(
            key="unhelpful",
            title=gettext_lazy("Unhelpful pages"),
            text=gettext_lazy("Readers said no to “Did this solve it?”. The reasons say what to change."),
            counted=gettext_lazy("Did not help"),
            icon="warning",
            rows=unhelpful_rows,
            order=30,
            more=((gettext_lazy("All votes"), lambda row: reverse("kb_unhelpful")),),
            when_closed=settle_row,
        ),
        WorkList(
            key="outdated",
            ends_by_itself=True,
            title=gettext_lazy("Much read and out of date"),
            text=gettext_lazy("The review is overdue, or nobody has looked at it for a year. The most read come first."),
            counted=gettext_lazy("Times opened"),
            icon="time",
            rows=outdated_rows,
            order=40,
            more=((STILL_RIGHT, _bulk("guides-reviewed", "outdated")),),
        ),
        WorkList(
            key="stale",
            ends_by_itself=True,
            title=gettext_lazy("Stale translations"),
            text=gettext_lazy("The source has changed since this version was published."),
            counted=gettext_lazy("Days"),
            icon="wagtail-localize-language",
            rows=stale_rows,
            order=50,
            more=((gettext_lazy("What has changed"), _source),),
        ),
        WorkList(
            key="broken-links",
            ends_by_itself=True,
            title=gettext_lazy("Broken links"),
            text=gettext_lazy("Links to pages and documents that are gone, and addresses that cannot be right. Other sites are not asked."),
            counted=gettext_lazy("Links"),
            icon="link",
            rows=broken_rows,
            order=60,
        ),
        WorkList(
            key="ownerless",
            ends_by_itself=True,
            title=gettext_lazy("Without an owner or past review"),
            text=gettext_lazy("Nobody looks after these guides, or the day of their review is missing or past."),
            counted=gettext_lazy("Days late"),
            icon="user",
            rows=ownerless_rows,
            order=70,
            more=(
                (gettext_lazy("Change the owner"), _bulk("guides-give", "ownerless")),
                (STILL_RIGHT, _bulk("guides-reviewed", "ownerless")),
            ),
        ),
    ):
        add_list(work_list)
