"""Loads what editors find on their desk: announcements in every state, tasks, drafts from solved requests, searches hardly opened."""

from datetime import timedelta
from typing import Any

from django.utils import timezone, translation

from accounts.models import User
from core.history import record
from core.imports import runs
from core.imports.table import importer_for
from core.models import ImportRun
from kb.models import Announcement, EditorTask, GuideSource
from kb.proposals import make_draft, propose
from portal.demo.data import pair, read
from portal.solutions import case_of_ticket
from products.models import ProductFamily
from search.models import SearchLog
from tickets import states
from tickets.models import Ticket

DRAFTS = {"zh-hans": 2, "en": 1}
SAYS_ENOUGH = {"zh-hans": 30, "en": 180}
State = Announcement.State


def load_editors(users: dict[str, Any]) -> None:
    """Write what is not there yet."""
    content = read("editors")
    for row in content["announcements"]:
        if not Announcement.objects.filter(title_zh_hans=row["title"][0]).exists():
            _announcement(row, users["editor"])
    for row in content["tasks"]:
        if not EditorTask.objects.filter(title=row["title"]).exists():
            _task(row, users["editor"], users["reviewer"])
    if not GuideSource.objects.exists():
        _drafts(users["supervisor"])
    for words, language, times in content["hardly_opened"]:
        if not SearchLog.objects.filter(query=words, language=language).exists():
            _searches(words, language, times)
    for row in content["imports"]:
        if not ImportRun.objects.filter(name=row["name"]).exists():
            _import(row, users[row["by"]])


def _announcement(row: dict[str, Any], editor: User) -> None:
    now = timezone.now()
    item = Announcement(
        **pair(row["title"], "title"),
        **pair(row["text"], "body"),
        audience=row.get("audience", "public"),
        department=row["department"][0],
        department_en=row["department"][1],
        person=row["person"],
        author=editor,
        live=False,
    )
    state = row["state"]
    if state in {"current", "withdrawn", "archived"}:
        item.live = True
        item.starts_at = item.first_published_at = item.last_published_at = now - timedelta(days=9)
    item.withdrawn_at = now - timedelta(days=3) if state == "withdrawn" else None
    item.archived_at = now - timedelta(days=4) if state == "archived" else None
    item.submitted_at = now - timedelta(hours=5) if state == "submitted" else None
    item.submitted_by = editor if state in {"submitted", "returned"} else None
    item.returned_reason = row["reason"] if state == "returned" else ""
    item.families = list(ProductFamily.objects.filter(slug__in=row.get("families", [])))
    item.starts_at = now + timedelta(days=row["starts"]) if state == "scheduled" else item.starts_at
    item.clean()
    item.save()
    revision = item.save_revision(user=editor)
    if state == "scheduled":
        revision.publish(user=editor)
    if row.get("reason"):
        record(item, state, by=editor, reason=row["reason"])


def _task(row: dict[str, Any], editor: User, reviewer: User) -> None:
    today, now = timezone.localdate(), timezone.now()
    closed = EditorTask.State.DONE if row.get("done") else EditorTask.State.DISMISSED if row.get("dismissed") else None
    EditorTask.objects.create(
        list_key=row.get("list", ""),
        row_key=row.get("row", ""),
        title=row["title"],
        note=row.get("note", ""),
        language="zh-hans",
        prefill={"title": row["title"], "language": "zh-hans"},
        assignee=editor,
        due_on=today + timedelta(days=row["due"]) if "due" in row else None,
        state=closed or EditorTask.State.OPEN,
        reason=row.get("dismissed", ""),
        created_by=reviewer,
        closed_by=editor if closed else None,
        closed_at=now if closed else None,
    )


def _drafts(supervisor: User) -> None:
    """Make drafts from the latest solved requests whose answers say enough."""
    left = dict(DRAFTS)
    for ticket in Ticket.objects.filter(status__in=states.DONE, family__isnull=False).order_by("-resolved_at")[:150]:
        case = case_of_ticket(ticket)
        proposal = propose(case)
        if not left[case.language] or len(proposal.parts["solution"]) < SAYS_ENOUGH[case.language]:
            continue
        make_draft(case, by=supervisor, title=proposal.title, texts=proposal.parts)
        left[case.language] -= 1
        if not any(left.values()):
            return


def _searches(words: str, language: str, times: int) -> None:
    now = timezone.now()
    SearchLog.objects.bulk_create(
        SearchLog(
            query=words,
            language=language,
            total=5,
            engine="embedded",
            visitor_key=f"demo-low-{number}",
            took_ms=2.1,
            at=now - timedelta(days=1 + number * 2),
        )
        for number in range(times)
    )


def _import(row: dict[str, Any], by: User) -> None:
    """Look a file through as its sender would, and write it where it was confirmed."""
    importer = importer_for(by, row["kind"])
    if importer is None:
        return
    at = timezone.now() - timedelta(days=row["days"], minutes=12)
    with translation.override(row["language"]):
        run = runs.look_through(importer, content=row["lines"].encode(), name=row["name"], by=by)
        if row.get("written"):
            ImportRun.objects.filter(pk=run.pk).update(state=ImportRun.State.QUEUED, confirmed_at=at)
            runs.carry_out(run.pk)
    ImportRun.objects.filter(pk=run.pk).update(created_at=at)
