"""What can be done with diagnoses: keep what was published as a version; begin a run, answer, finish, hand over to a person."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import files, history
from core.errors import Conflict, InvalidInput, InvalidUpload
from core.events import emit
from core.i18n import normal_language
from core.text import plain_text
from diagnosis import walk
from diagnosis.models import DiagnosisPage, DiagnosisRun, DiagnosisVersion, RunStep
from diagnosis.models.runs import run_code
from diagnosis.outline import content_of
from diagnosis.queries import diagnosis_key, given_of, is_withdrawn
from diagnosis.tree import DANGER, Node
from diagnosis.walk import Change
from kb import ledger
from kb.models import HelpSession


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


# --- Runs ---------------------------------------------------------------------------------------------------------

NOTE_LENGTH = 2000
SAME_START = timedelta(minutes=10)  # pressing Start twice begins one run
CLOSED = _("Your answers stand now, because you said how it ended or a person has them. Start again to answer anew.")
WITHDRAWN = _("This diagnosis has been taken back. Your answers are kept; a person helps you on.")
MOVED = _("Your answers have been changed in another window. This is where you are now.")
UNKNOWN = _("Choose one of the answers.")
NOTE_TOO_LONG = _("This is too long: %(given)s characters, at most %(limit)s. Shorten it a little; a photo says more.")


def start_run(
    *,
    version: DiagnosisVersion,
    language: str,
    visitor_key: str = "",
    user: Any = None,
    family: Any = None,
    model: Any = None,
    unit: Any = None,
    help_session: HelpSession | None = None,
) -> DiagnosisRun:
    """Begin a run of a published version; pressing twice returns the run that has just begun.

    Args:
        version: what the page holds now (queries.current_version).
        visitor_key, user: whose run it is, so that they find it again; the key of the run alone opens it.
        family, model, unit: what it is about; a unit (of the person's own, the caller has asked the door) brings its model. Without any
            of them it is about the diagnosis' own family, if that is one.
        help_session: the ledger's attempt.
    Raises:
        Conflict (`withdrawn`): the diagnosis is no longer published or asks nothing. Nothing is written then.
    """
    if is_withdrawn(version) or version.tree.node(version.tree.start) is None:
        raise Conflict(WITHDRAWN, code="withdrawn")
    model = unit.model if unit is not None else model
    account = user if getattr(user, "pk", None) else None
    draft = DiagnosisRun(
        version=version,
        language=normal_language(language),
        visitor_key=visitor_key[:64],
        user=account,
        family=model.family if model is not None else family or _only_family(version),
        model=model,
        unit=unit,
        help_session=help_session,
    )
    with transaction.atomic():
        if twin := _just_begun(draft):
            return twin
        draft.code = _free_code()
        draft.save()
        history.record(draft, "started", by=account, label="" if account else "visitor", version=version.number, language=draft.language)
        ledger.record_product(help_session, family=draft.family, model=draft.model)
        _note_in_ledger(draft)
    return draft


def _only_family(version: DiagnosisVersion) -> Any:
    """Return the one family that a diagnosis is about, so that no form asks for it; None where it is about several, or any."""
    if version.page is None:
        return None
    families = {family.pk: family for family in version.page.families.all()}
    families |= {model.family_id: model.family for model in version.page.product_models.select_related("family")}
    return next(iter(families.values())) if len(families) == 1 else None


def _just_begun(draft: DiagnosisRun) -> DiagnosisRun | None:
    """Return the run the same person began a moment ago about the same thing, while nothing is answered."""
    who = Q(pk__in=[])
    if draft.user is not None:
        who |= Q(user=draft.user)
    elif draft.visitor_key:
        who |= Q(visitor_key=draft.visitor_key, user__isnull=True)
    same = DiagnosisRun.objects.filter(who, version=draft.version, model=draft.model, unit=draft.unit, state=DiagnosisRun.State.OPEN)
    return same.filter(started_at__gte=timezone.now() - SAME_START, steps__isnull=True).first()


def _free_code() -> str:
    code = run_code()
    while DiagnosisRun.objects.filter(code=code).exists():
        code = run_code()
    return code


def _locked(run: DiagnosisRun) -> DiagnosisRun:
    return DiagnosisRun.objects.select_for_update(of=("self",)).select_related("version", "help_session", "model", "family").get(pk=run.pk)


def answer(*, run: DiagnosisRun, node_key: str, answer_key: str, by: Any = None) -> Change:
    """Answer a question of a run, the present one or an earlier one in place of its answer; the same again changes nothing.

    Later answers stay where they still lie on the way; the others keep their rows, marked as replaced.

    Args:
        answer_key: one of the node's answers, or diagnosis.tree.UNSURE.
        by: the signed-in person; a run of nobody's becomes theirs.
    Raises:
        Conflict: `closed` (solved, or a person has the answers), `withdrawn`, `moved` (the question is no longer on the way).
        InvalidInput (`unknown`): no such answer. Nothing is written then.
    """
    with transaction.atomic():
        locked = _locked(run)
        _demand_open(locked)
        try:
            change = walk.give(locked.version.tree, given_of(locked), node_key, answer_key)
        except walk.NotOnThePath as error:
            raise Conflict(MOVED, code="moved") from error
        except walk.UnknownAnswer as error:
            raise InvalidInput(UNKNOWN, field="answer", code="unknown") from error
        if change.changed:
            _write_steps(locked, change, node_key)
            _stand(locked, change, by=by)
    return change


def _demand_open(run: DiagnosisRun) -> None:
    if run.is_closed:
        raise Conflict(CLOSED, code="closed")
    if is_withdrawn(run.version):
        raise Conflict(WITHDRAWN, code="withdrawn")


def _write_steps(run: DiagnosisRun, change: Change, node_key: str) -> None:
    """Mark what no longer counts, move up what stays, write the new answer at its place."""
    now = timezone.now()
    steps = {step.node_key: step for step in run.steps.filter(replaced_at__isnull=True)}
    gone = [step.pk for key, step in steps.items() if key in change.dropped or key == node_key]
    RunStep.objects.filter(pk__in=gone).update(replaced_at=now)
    for place, item in enumerate(change.path):
        if item.node_key == node_key:
            RunStep.objects.create(run=run, position=place, node_key=node_key, answer_key=item.answer_key, at=now)
        elif steps[item.node_key].position != place:
            # What stays only ever moves towards the start, so that no two steps share a place on the way.
            RunStep.objects.filter(pk=steps[item.node_key].pk).update(position=place)


def _stand(run: DiagnosisRun, change: Change, *, by: Any) -> None:
    """Keep where the run stands now; tell the ledger and the house."""
    node = run.version.tree.node(change.here)
    outcome = node.key if node is not None and not node.is_question else ""
    reached = outcome and outcome != run.outcome_node
    run.outcome_node = outcome
    run.state = DiagnosisRun.State.ENDED if outcome else DiagnosisRun.State.OPEN
    run.solved = None
    run.last_at = timezone.now()
    if run.user_id is None and getattr(by, "pk", None):
        run.user = by
    run.save(update_fields=["outcome_node", "state", "solved", "last_at", "user"])
    _note_in_ledger(run, answers=len(change.path))
    if reached and node is not None:
        history.record(run, "ended", by=by, label="" if getattr(by, "pk", None) else "visitor", node=node.key, outcome=node.outcome)
        emit("diagnosis.ended", run_id=run.pk)


def finish_run(*, run: DiagnosisRun, solved: bool, by: Any = None) -> DiagnosisRun:
    """Keep whether the outcome solved it, as the person says; saying it again changes nothing.

    Solved ends the ledger's attempt as self-service. Not solved leaves it open for the person who helps.
    Raises Conflict: `under_way` (no outcome yet), `danger` (nothing there is solved by oneself), `closed` (a person has it).
    """
    with transaction.atomic():
        locked = _locked(run)
        node = locked.version.tree.node(locked.outcome_node) if locked.outcome_node else None
        if node is None:
            raise Conflict(code="under_way")
        if locked.case_reference and locked.solved is not solved:
            raise Conflict(CLOSED, code="closed")
        if solved and node.outcome == DANGER:
            raise Conflict(code="danger")
        if locked.solved is not solved:
            _finish(locked, node, solved=solved, by=by)
        return locked


def _finish(run: DiagnosisRun, node: Node, *, solved: bool, by: Any) -> None:
    run.solved, run.last_at = solved, timezone.now()
    run.save(update_fields=["solved", "last_at"])
    _note_in_ledger(run)
    if solved:
        key = f"guide:{node.guide_key}" if node.guide_key else diagnosis_key(run.version)
        ledger.mark_solved(run.help_session, by_key=key, title=node.title)
    label = "" if getattr(by, "pk", None) else "visitor"
    history.record(run, "solved" if solved else "unsolved", by=by, label=label, node=node.key, outcome=node.outcome)
    emit("diagnosis.finished", run_id=run.pk, solved=solved)


def keep_note(*, run: DiagnosisRun, note: str, attachments: Iterable[str] = (), visitor_key: str = "", by: Any = None) -> DiagnosisRun:
    """Keep what else the person says, and photos, with the run: they go along to whoever helps.

    Args:
        note: at most NOTE_LENGTH characters; takes the place of an earlier one.
        attachments: references of drafts of `by` or of the visitor `visitor_key`; with those of before at most core.files.MAX_FILES.
    Raises:
        InvalidInput (field `note`, code `too_long`), InvalidUpload. Nothing is written then.
    """
    words = plain_text(note)
    if len(words) > NOTE_LENGTH:
        raise InvalidInput(NOTE_TOO_LONG % {"given": len(words), "limit": NOTE_LENGTH}, field="note", code="too_long")
    wanted = [reference for reference in attachments if reference]
    with transaction.atomic():
        locked = _locked(run)
        if wanted and files.attachments_of(locked).count() + len(set(wanted)) > files.MAX_FILES:
            raise InvalidUpload(files.TOO_MANY % {"count": files.MAX_FILES}, code="too_many", field="attachments")
        files.attach_uploads(wanted, subject=locked, by=by, visitor_key=visitor_key)
        locked.note, locked.last_at = words, timezone.now()
        locked.save(update_fields=["note", "last_at"])
        return locked


def hand_over(*, run: DiagnosisRun, reference: str, help_session: HelpSession | None = None, by: Any = None) -> bool:
    """Note that a person has it now: the ticket, chat or repair `reference`. From then on the answers stand.

    A second case of the same run keeps the first one's number. `help_session`: the one the case points down to, kept where the run
    has none. Call inside the transaction that opens the case. Returns whether this case is news; the same one again changes nothing.
    """
    with transaction.atomic():
        locked = _locked(run)
        if history.history_of(locked).filter(verb="handed_over", data__reference=reference).exists():
            return False
        if locked.help_session_id is None:
            locked.help_session = help_session
        first = not locked.case_reference
        locked.case_reference = locked.case_reference or reference[:24]
        locked.last_at = timezone.now()
        locked.save(update_fields=["help_session", "case_reference", "last_at"])
        label = "" if getattr(by, "pk", None) else "visitor"
        history.record(locked, "handed_over", by=by, label=label, reference=reference)
        node = locked.version.tree.node(locked.outcome_node) if locked.outcome_node else None
        if first and node is not None and locked.solved is None:
            _finish(locked, node, solved=False, by=by)
        return True


def _note_in_ledger(run: DiagnosisRun, *, answers: int | None = None) -> None:
    node = run.version.tree.node(run.outcome_node) if run.outcome_node else None
    ledger.record_diagnosis(
        run.help_session,
        key=diagnosis_key(run.version),
        title=run.version.title,
        url=run.version.page.url or "" if run.version.page else "",
        answers=answers if answers is not None else run.steps.filter(replaced_at__isnull=True).count(),
        outcome=node.outcome if node is not None else "",
        solved=run.solved,
    )
