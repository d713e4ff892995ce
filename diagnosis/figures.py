"""Figures for editors: how far people come, what they answer, where they stop, whether it helped (defined in docs/diagnosis.md)."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from diagnosis.models import DiagnosisRun, DiagnosisVersion, RunStep
from diagnosis.tree import UNSURE, Tree

GIVEN_UP_AFTER = timedelta(minutes=30)
"""Who has not answered for so long is counted as having stopped there."""
CONTACT_DAYS = 7
CAME_BACK = Q(run__solved=True, run__help_session__contact_days__lt=CONTACT_DAYS)


@dataclass(frozen=True)
class Choice:
    """Which runs to count: language (both when empty), version number (all when None), only those begun since."""

    language: str = ""
    number: int | None = None
    since: datetime | None = None


class Helped:
    """The shares of whatever counts how many told, solved and came back."""

    told: int
    solved: int
    came_back: int

    @property
    def solved_share(self) -> float | None:
        """Share of yes among those who said whether it helped."""
        return share(self.solved, self.told)

    @property
    def came_back_share(self) -> float | None:
        """Share of those who said it was solved and contacted us all the same."""
        return share(self.came_back, self.solved)


class Ended(Helped):
    """The same for whole runs, with how many reached an outcome."""

    runs: int
    ended: int

    @property
    def ended_share(self) -> float | None:
        """Share of runs that reached an outcome."""
        return share(self.ended, self.runs)


@dataclass
class NodeFigures(Helped):
    """What happened at one node; counts of runs.

    Attributes:
        reached: stood here, whatever came next.
        answers: answer key → how many gave it (as it stands now, changed answers are not counted).
        stopped: stood here and did not go on for half an hour, or longer.
        ended: of an outcome, how many reached it.
        told: of those who passed or reached it, how many said whether it helped.
        solved: of those, how many said yes.
        came_back: of those, how many contacted us within seven days.
    """

    reached: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    stopped: int = 0
    ended: int = 0
    told: int = 0
    solved: int = 0
    came_back: int = 0

    @property
    def unsure_share(self) -> float | None:
        """Share of “not sure” among the answers."""
        return share(self.answers[UNSURE], self.answers.total())

    @property
    def stopped_share(self) -> float | None:
        """Share of those who stood here and stopped."""
        return share(self.stopped, self.reached)


@dataclass
class Figures(Ended):
    """The whole of a diagnosis, and each node by key."""

    runs: int = 0
    ended: int = 0
    stopped: int = 0
    told: int = 0
    solved: int = 0
    came_back: int = 0
    handed_over: int = 0
    nodes: dict[str, NodeFigures] = field(default_factory=lambda: defaultdict(NodeFigures))


def share(part: int, whole: int) -> float | None:
    """Return part of whole between 0 and 1; None where there is no whole."""
    return part / whole if whole else None


def runs_of(translation_key: Any, choice: Choice) -> QuerySet[DiagnosisRun]:
    """Return the runs of a diagnosis that a choice leaves."""
    rows = DiagnosisRun.objects.filter(version__translation_key=translation_key)
    if choice.language:
        rows = rows.filter(version__language=choice.language)
    if choice.number is not None:
        rows = rows.filter(version__number=choice.number)
    if choice.since is not None:
        rows = rows.filter(started_at__gte=choice.since)
    return rows


def figures_of(translation_key: Any, choice: Choice, *, now: datetime | None = None) -> Figures:
    """Count a diagnosis's runs, node by node: the same number of queries for one run and for a million."""
    now = now or timezone.now()
    runs = runs_of(translation_key, choice)
    found = _totals(runs, now)
    _passed(found, runs)
    _outcomes(found, runs)
    trees = {version.pk: version.tree for version in DiagnosisVersion.objects.filter(translation_key=translation_key)}
    _standing(found, runs, trees, now)
    return found


def _totals(runs: QuerySet[DiagnosisRun], now: datetime) -> Figures:
    ended = Q(state=DiagnosisRun.State.ENDED)
    row = runs.aggregate(
        n_runs=Count("pk"),
        n_ended=Count("pk", filter=ended),
        n_stopped=Count("pk", filter=~ended & Q(last_at__lt=now - GIVEN_UP_AFTER)),
        n_told=Count("pk", filter=Q(solved__isnull=False)),
        n_solved=Count("pk", filter=Q(solved=True)),
        n_came_back=Count("pk", filter=Q(solved=True, help_session__contact_days__lt=CONTACT_DAYS)),
        n_handed_over=Count("pk", filter=~Q(case_reference="")),
    )
    return Figures(**{name.removeprefix("n_"): value for name, value in row.items()})


def _passed(found: Figures, runs: QuerySet[DiagnosisRun]) -> None:
    """Count the answers that stand, and how the runs that gave them went on."""
    rows = (
        RunStep.objects.filter(run__in=runs, replaced_at__isnull=True)
        .order_by()
        .values("node_key", "answer_key")
        .annotate(
            given=Count("pk"),
            told=Count("pk", filter=Q(run__solved__isnull=False)),
            solved=Count("pk", filter=Q(run__solved=True)),
            came_back=Count("pk", filter=CAME_BACK),
        )
    )
    for row in rows:
        node = found.nodes[row["node_key"]]
        node.reached += row["given"]
        node.answers[row["answer_key"]] += row["given"]
        node.told += row["told"]
        node.solved += row["solved"]
        node.came_back += row["came_back"]


def _outcomes(found: Figures, runs: QuerySet[DiagnosisRun]) -> None:
    rows = (
        runs.exclude(outcome_node="")
        .order_by()
        .values("outcome_node")
        .annotate(
            n=Count("pk"),
            told=Count("pk", filter=Q(solved__isnull=False)),
            yes=Count("pk", filter=Q(solved=True)),
            again=Count("pk", filter=Q(solved=True, help_session__contact_days__lt=CONTACT_DAYS)),
        )
    )
    for row in rows:
        node = found.nodes[row["outcome_node"]]
        node.reached += row["n"]
        node.ended += row["n"]
        node.told += row["told"]
        node.solved += row["yes"]
        node.came_back += row["again"]


def _standing(found: Figures, runs: QuerySet[DiagnosisRun], trees: Mapping[int, Tree], now: datetime) -> None:
    """Count those who still stand at a question: their last answer says at which, no answer means the first."""
    still = runs.filter(state=DiagnosisRun.State.OPEN)
    later = RunStep.objects.filter(run=OuterRef("run"), replaced_at__isnull=True, position__gt=OuterRef("position"))
    old = Count("pk", filter=Q(run__last_at__lt=now - GIVEN_UP_AFTER))
    last = RunStep.objects.filter(~Exists(later), run__in=still, replaced_at__isnull=True).order_by()
    for row in last.values("run__version", "node_key", "answer_key").annotate(n=Count("pk"), old=old):
        node = trees[row["run__version"]].node(row["node_key"])
        here = dict(node.ways()).get(row["answer_key"], "") if node is not None else ""
        if here:
            found.nodes[here].reached += row["n"]
            found.nodes[here].stopped += row["old"]
    answered = RunStep.objects.filter(run=OuterRef("pk"), replaced_at__isnull=True)
    silent = still.filter(~Exists(answered)).order_by().values("version")
    for begun in silent.annotate(n=Count("pk"), old=Count("pk", filter=Q(last_at__lt=now - GIVEN_UP_AFTER))):
        start = trees[begun["version"]].start
        found.nodes[start].reached += begun["n"]
        found.nodes[start].stopped += begun["old"]


@dataclass(frozen=True)
class Line(Ended):
    """One diagnosis in the overview."""

    translation_key: Any
    runs: int
    ended: int
    told: int
    solved: int
    came_back: int
    unsure: int
    steps: int

    @property
    def unsure_share(self) -> float | None:
        """Share of “not sure” among all answers."""
        return share(self.unsure, self.steps)


def overview(choice: Choice) -> dict[Any, Line]:
    """Return translation key → figures of every diagnosis that somebody walked through; two queries."""
    runs = DiagnosisRun.objects.all()
    if choice.language:
        runs = runs.filter(version__language=choice.language)
    if choice.since is not None:
        runs = runs.filter(started_at__gte=choice.since)
    steps = {
        row["run__version__translation_key"]: row
        for row in RunStep.objects.filter(run__in=runs, replaced_at__isnull=True)
        .order_by()
        .values("run__version__translation_key")
        .annotate(n=Count("pk"), unsure=Count("pk", filter=Q(answer_key=UNSURE)))
    }
    rows = (
        runs.order_by()
        .values("version__translation_key")
        .annotate(
            n=Count("pk"),
            ended=Count("pk", filter=Q(state=DiagnosisRun.State.ENDED)),
            told=Count("pk", filter=Q(solved__isnull=False)),
            yes=Count("pk", filter=Q(solved=True)),
            again=Count("pk", filter=Q(solved=True, help_session__contact_days__lt=CONTACT_DAYS)),
        )
    )
    found = {}
    for row in rows:
        key = row["version__translation_key"]
        of_steps = steps.get(key, {"n": 0, "unsure": 0})
        found[key] = Line(key, row["n"], row["ended"], row["told"], row["yes"], row["again"], of_steps["unsure"], of_steps["n"])
    return found
