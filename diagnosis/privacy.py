"""Traces of a person in guided diagnosis: what the copy of their data holds, and what is cut loose when an account closes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from core.files import attachments_by_subject, delete_attachment
from core.models import Attachment
from diagnosis.models import DiagnosisRun


def runs_of(user: Any) -> QuerySet[DiagnosisRun]:
    """Return the person's runs, also those of a help session of theirs or about a machine of theirs."""
    mine = Q(user=user) | Q(help_session__user=user) | Q(help_session__contact__user=user)
    return DiagnosisRun.objects.filter(mine).distinct()


def export(user: Any) -> dict[str, list[dict[str, Any]]]:
    """Return what the person answered, in words."""
    rows = runs_of(user).select_related("version").prefetch_related("steps")
    return {"diagnoses": [_row(run) for run in rows]}


def _row(run: DiagnosisRun) -> dict[str, Any]:
    tree = run.version.tree
    answers = []
    for step in run.steps.all():
        node = tree.node(step.node_key)
        answer = node.answer(step.answer_key) if node else None
        answers.append(
            {"question": node.title if node else step.node_key, "answer": answer.text if answer else step.answer_key, "at": step.at}
        )
    return {
        "diagnosis": run.version.title,
        "started_at": run.started_at,
        "state": run.state,
        "solved": run.solved,
        "answers": answers,
        "note": run.note,
        "became": run.case_reference,
    }


def files(user: Any) -> list[Attachment]:
    """Return the photos the person sent with their runs."""
    return [item for found in attachments_by_subject(runs_of(user)).values() for item in found]


def anonymise(user: Any, *, now: datetime) -> dict[str, int]:
    """Cut the runs loose from the person and their machine, take notes and photos away; the answers stay for the figures."""
    for item in files(user):
        delete_attachment(item)
    keys = list(runs_of(user).filter(Q(user__isnull=False) | Q(unit__isnull=False) | ~Q(visitor_key="")).values_list("pk", flat=True))
    return {"diagnoses": DiagnosisRun.objects.filter(pk__in=keys).update(user=None, unit=None, visitor_key="", note="", code=None)}


def outlived(*, before: datetime) -> QuerySet[DiagnosisRun]:
    """Return the runs in which nothing has happened since a moment and that still lead to somebody."""
    leads = Q(user__isnull=False) | Q(unit__isnull=False) | Q(code__isnull=False) | ~Q(visitor_key="") | ~Q(note="")
    return DiagnosisRun.objects.filter(leads, last_at__lt=before)


def let_go(rows: Sequence[DiagnosisRun], *, now: datetime) -> int:
    """Cut these runs loose from person and machine, delete notes and photos; every answer stays for the figures and for its case.

    What was handed over was copied to the case and stays as long as the case does.
    """
    for found in attachments_by_subject(rows).values():
        for item in found:
            delete_attachment(item)
    return DiagnosisRun.objects.filter(pk__in=[row.pk for row in rows]).update(user=None, unit=None, visitor_key="", note="", code=None)
