"""What can be done with the knowledge base: vote on an answer, publish and withdraw announcements, bring translations up to date."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import history
from core.errors import Conflict, InvalidInput, LimitReached, NotAllowed, NotFound
from core.events import emit
from core.i18n import normal_language
from kb import ledger
from kb.announcing import check_complete
from kb.caching import forget
from kb.ledger import (
    help_session_for,
    mark_solved,
    mark_still_needs_help,
    record_diagnosis,
    record_offer,
    record_opened,
    record_product,
    record_query,
    record_read,
    record_shown,
)
from kb.ledger_contacts import record_contact
from kb.models import Announcement, ArticleVote, GuidePage
from kb.models.announcement_safety import awaits_review
from kb.permissions import can_publish_announcements, can_publish_urgently
from kb.subjects import is_key

__all__ = [
    "archive_announcement",
    "explain_vote",
    "help_session_for",
    "mark_solved",
    "mark_still_needs_help",
    "publish_announcement",
    "record_contact",
    "record_diagnosis",
    "record_offer",
    "record_opened",
    "record_product",
    "record_query",
    "record_read",
    "record_shown",
    "schedule_announcement",
    "settle_votes",
    "vote",
    "withdraw_announcement",
]

VOTES_A_DAY = 10


def vote(
    *,
    subject_key: str,
    helpful: bool,
    visitor_key: str,
    title: str,
    language: str,
    user: Any = None,
    page: GuidePage | None = None,
    query: str = "",
    referrer: str = "",
) -> ArticleVote:
    """Record one answer to “Did this solve it?”; a yes also ends the visitor's attempt as solved.

    Args:
        subject_key: `guide:<translation key>` or `code:<family>:<code>`.
        visitor_key: the visitor's cookie key; one vote a visitor and subject.
        title: of the subject, as the visitor saw it.
        query: the search that led here; `referrer`: the page before.
    Raises:
        InvalidInput for a malformed key; Conflict (`already_voted`); LimitReached after VOTES_A_DAY votes within 24 hours.
    """
    if not is_key(subject_key):
        raise InvalidInput(field="subject")
    account = user if getattr(user, "is_authenticated", False) else None
    now = timezone.now()
    if ArticleVote.objects.filter(subject_key=subject_key, visitor_key=visitor_key).exists():
        raise Conflict(_("You have already answered here. Thank you."), code="already_voted")
    today = ArticleVote.objects.filter(visitor_key=visitor_key, created_at__gt=now - timedelta(days=1)).order_by("created_at")
    if today.count() >= VOTES_A_DAY:
        oldest = today[0].created_at
        raise LimitReached(
            _("That was a lot of answers for one day. Please come back tomorrow."),
            retry_after=int((oldest + timedelta(days=1) - now).total_seconds()) + 1,
        )
    try:
        with transaction.atomic():
            row = ArticleVote.objects.create(
                subject_key=subject_key,
                page=page,
                title=title[:255],
                language=normal_language(language),
                helpful=helpful,
                query=" ".join(query.split())[:200],
                referrer=referrer[:300],
                visitor_key=visitor_key,
                user=account,
            )
    except IntegrityError as error:
        raise Conflict(_("You have already answered here. Thank you."), code="already_voted") from error
    session = ledger.help_session_for(visitor_key=visitor_key, user=account, language=language, create=helpful)
    ledger.record_vote(session, key=subject_key, title=title, helpful=helpful)
    if helpful:
        if page is not None:
            ledger.record_product(session, family=page.families.first(), model=_only(page.product_models.all()[:2]))
        ledger.mark_solved(session, by_key=subject_key, title=title)
    return row


def _only(rows: Any) -> Any:
    found = list(rows)
    return found[0] if len(found) == 1 else None


def explain_vote(*, subject_key: str, visitor_key: str, reason: str, comment: str) -> ArticleVote:
    """Add reason and comment to the visitor's own “no”, once.

    Raises:
        InvalidInput where neither a reason nor a comment is given or the reason is unknown; NotFound without such a vote;
        Conflict when explained already.
    """
    words = comment.strip()[:1000]
    if reason and reason not in ArticleVote.Reason.values:
        raise InvalidInput(field="reason")
    if not reason and not words:
        raise InvalidInput(_("Choose a reason or write a few words."), field="reason")
    with transaction.atomic():
        row = ArticleVote.objects.select_for_update().filter(subject_key=subject_key, visitor_key=visitor_key, helpful=False).first()
        if row is None:
            raise NotFound()
        if row.reason or row.comment:
            raise Conflict(_("You have already answered here. Thank you."), code="already_voted")
        row.reason = reason or ArticleVote.Reason.OTHER
        row.comment = words
        row.save(update_fields=["reason", "comment"])
    return row


def settle_votes(*, page: GuidePage, by: Any) -> int:
    """Take the open “no” votes of a page off the editors' list: it was improved, or they need nothing. Returns how many."""
    with transaction.atomic():
        open_votes = ArticleVote.objects.filter(subject_key__contains=str(page.translation_key), helpful=False, handled_at__isnull=True)
        count = open_votes.update(handled_at=timezone.now())
        if count:
            history.record(page, "votes_settled", by=by, count=count)
    return count


# --- Announcements (states of processes.md P3) -----------------------------------------------------------------------


def _locked(announcement: Announcement) -> Announcement:
    return Announcement.objects.select_for_update().get(pk=announcement.pk)


def _check_publisher(by: Any) -> None:
    if not can_publish_announcements(by):
        raise NotAllowed()


def publish_announcement(announcement: Announcement, *, by: Any, urgent_reason: str = "") -> Announcement:
    """Put the latest draft before its audience now; a start in the future is dropped.

    Args:
        urgent_reason: why what is about safety cannot wait for the safety review. It is kept, and the reviewers are asked at once.
    Raises NotAllowed, also where the safety review is missing and `by` may not do without; InvalidInput where they may and say no reason;
    Conflict for a withdrawn, archived or ended one. Emits `announcement.published` through Wagtail's signal.
    """
    _check_publisher(by)
    with transaction.atomic():
        row = _locked(announcement)
        _refuse_finished(row)
        draft = row.get_latest_revision_as_object()
        urgent = _check_safety(row, draft, by=by, urgent_reason=urgent_reason.strip())
        if draft.starts_at is None or draft.starts_at > timezone.now():
            draft.starts_at = timezone.now()
        if draft.ends_at and draft.ends_at <= timezone.now():
            raise Conflict(_("Its end has passed. Choose a later one first."))
        check_complete(draft)
        row.publish(draft.save_revision(user=by), by, urgent=urgent)
        _taken_on(row)
        history.record(row, "published", by=by)
        if urgent:
            history.record(row, "published_urgently", by=by, reason=urgent_reason.strip()[:255])
            row.get_workflow().start(_locked(row), by)
    return _fresh(announcement)


def _check_safety(row: Announcement, draft: Announcement, *, by: Any, urgent_reason: str = "") -> bool:
    """Return whether a draft goes live before its safety review; refuse where it may not."""
    if not awaits_review(row, draft):
        return False
    if not can_publish_urgently(by):
        raise NotAllowed(_("This is about safety: it goes live when the safety reviewers have approved it."), code="needs_safety_review")
    if not urgent_reason:
        raise InvalidInput(_("Say why it cannot wait for the safety review."), field="reason")
    return True


def schedule_announcement(announcement: Announcement, *, by: Any, starts_at: datetime) -> Announcement:
    """Let the latest draft appear by itself at `starts_at`.

    Raises NotAllowed, also while the safety review is missing: what can wait for its time can wait for the review;
    InvalidInput for a time that is past or after the end; Conflict for a finished one.
    """
    _check_publisher(by)
    if starts_at <= timezone.now():
        raise InvalidInput(_("Choose a time that is still to come."), field="starts_at")
    with transaction.atomic():
        row = _locked(announcement)
        _refuse_finished(row)
        draft = row.get_latest_revision_as_object()
        if draft.ends_at and draft.ends_at <= starts_at:
            raise InvalidInput(_("The end must be later than the start."), field="starts_at")
        draft.starts_at = starts_at
        check_complete(draft)
        draft.save_revision(user=by).publish(user=by)
        _taken_on(row)
        history.record(row, "scheduled", by=by, starts_at=starts_at.isoformat())
    return _fresh(announcement)


def withdraw_announcement(announcement: Announcement, *, by: Any, reason: str) -> Announcement:
    """Take a current or scheduled announcement back; staff still find it.

    Raises NotAllowed; InvalidInput without a reason; Conflict in any other state.
    """
    _check_publisher(by)
    words = reason.strip()
    if not words:
        raise InvalidInput(_("Say why, so that colleagues can answer questions."), field="reason")
    return _end(
        announcement,
        by=by,
        verb="withdrawn",
        field="withdrawn_at",
        allowed={Announcement.State.CURRENT, Announcement.State.SCHEDULED},
        reason=words[:255],
    )


def archive_announcement(announcement: Announcement, *, by: Any) -> Announcement:
    """File a current announcement that is over; staff still find it. Raises NotAllowed; Conflict otherwise."""
    _check_publisher(by)
    return _end(announcement, by=by, verb="archived", field="archived_at", allowed={Announcement.State.CURRENT})


def _end(announcement: Announcement, *, by: Any, verb: str, field: str, allowed: set[Any], **data: Any) -> Announcement:
    with transaction.atomic():
        row = _locked(announcement)
        if row.state not in allowed:
            raise Conflict()
        setattr(row, field, timezone.now())
        row.save(update_fields=[field])
        row.revisions.filter(approved_go_live_at__isnull=False).update(approved_go_live_at=None)
        history.record(row, verb, by=by, **data)
        emit("announcement.withdrawn", announcement_id=row.pk)
        transaction.on_commit(forget)
    return _fresh(announcement)


def _taken_on(row: Announcement) -> None:
    """The desk has taken the announcement on: it is no longer waiting for it."""
    Announcement.objects.filter(pk=row.pk).update(submitted_at=None, returned_reason="")


def _refuse_finished(row: Announcement) -> None:
    if row.state in {Announcement.State.WITHDRAWN, Announcement.State.ARCHIVED}:
        raise Conflict(_("It was withdrawn or archived. Write a new one instead."))


def _fresh(announcement: Announcement) -> Announcement:
    announcement.refresh_from_db()
    return announcement
