"""Work lists of the editors as a table: each room adds its own at start-up, the CMS shows them all alike.

A list gives rows; a row says what was noticed, how often and when last, and what a page written because of it starts with.
Which rows are already being worked on, or were dealt with since they last happened, is known from the editors' tasks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from kb.models import EditorTask
from kb.permissions import can_see_work_lists

MOST_ROWS = 20_000  # more than anybody works off; a file of a list that was cut says so
PERIODS = (7, 30, 90)


@dataclass(frozen=True)
class Filters:
    """What the person looks at: the last `days`, a `language` and a product `family` (its slug); empty means all."""

    days: int = 30
    language: str = ""
    family: str = ""


@dataclass(frozen=True)
class Row:
    """One row of a work list.

    Attributes:
        key: natural key of the row in its list; the same thing noticed again has the same key.
        title: what it is about, as people said it or as the page is called.
        facts: short remarks, in words.
        count: how often; the order of the list.
        language: `zh-hans`, `en` or empty.
        families: slugs of the families it is about.
        at: when it happened last; a row dealt with earlier than this comes back.
        page_id: the guide it is about, if there is one.
        url: where to look closer (a search, a request, a card).
        prefill: what a new guide starts with: title, keywords, language, family, model, codes, source_kind, source_reference.
        task: the open task of the row, filled in by `rows_of`.
    """

    key: str
    title: str
    facts: tuple[str, ...] = ()
    count: int = 0
    language: str = ""
    families: tuple[str, ...] = ()
    at: datetime | None = None
    page_id: int | None = None
    url: str = ""
    prefill: Mapping[str, Any] = field(default_factory=dict)
    task: EditorTask | None = None


@dataclass(frozen=True)
class WorkList:
    """One list: its words, how its rows are read, and what can be started from a row.

    Attributes:
        title, text, counted: name, one sentence, what `count` counts (lazy texts).
        rows: reads the rows; filters that a list knows nothing of are applied to what it returns.
        may: who sees it.
        starts_page: whether a new guide can be started from a row.
        more: names of further actions a row offers, as (label, function of the row → address).
        may_open: who reaches the rows' own addresses and further actions (a case at the desk is closed to editors).
        ends_by_itself: whether a row is gone once its guide was put right; its task is then done without a click.
        when_closed: told the key of a row that was done or set aside.
    """

    key: str
    title: Any
    text: Any
    counted: Any
    icon: str
    rows: Callable[[Filters], Sequence[Row]]
    may: Callable[[Any], bool] = can_see_work_lists
    starts_page: bool = False
    order: int = 100
    more: tuple[tuple[Any, Callable[[Row], str]], ...] = ()
    may_open: Callable[[Any], bool] = can_see_work_lists
    ends_by_itself: bool = False
    when_closed: Callable[[str], None] | None = None


_lists: dict[str, WorkList] = {}


def add_list(work_list: WorkList) -> None:
    """Add a list; called once, from the room's `AppConfig.ready`."""
    _lists[work_list.key] = work_list


def list_named(key: str) -> WorkList | None:
    """Return a list whoever asks: for what happens without a person."""
    return _lists.get(key)


def lists_for(user: Any) -> list[WorkList]:
    """Return the lists a person sees, in order."""
    return sorted((item for item in _lists.values() if item.may(user)), key=lambda item: (item.order, item.key))


def list_for(user: Any, key: str) -> WorkList | None:
    """Return one list if the person may see it."""
    found = _lists.get(key)
    return found if found is not None and found.may(user) else None


def rows_of(work_list: WorkList, filters: Filters, *, settled: bool = False) -> list[Row]:
    """Return the rows that still need somebody, each with its open task; one query more than the list's own.

    Args:
        settled: return the rows that were dealt with instead.
    """
    rows = [row for row in work_list.rows(filters) if _fits(row, filters)]
    tasks: dict[str, list[EditorTask]] = {}
    for task in EditorTask.objects.filter(list_key=work_list.key).select_related("assignee"):
        tasks.setdefault(task.row_key, []).append(task)
    shown = []
    for row in rows:
        mine = tasks.get(row.key, [])
        open_task = next((task for task in mine if task.state == EditorTask.State.OPEN), None)
        if _dealt_with(row, mine) is not settled:
            continue
        shown.append(replace(row, task=open_task))
    return shown[:MOST_ROWS]


def _fits(row: Row, filters: Filters) -> bool:
    if filters.language and row.language and row.language != filters.language:
        return False
    return not filters.family or filters.family in row.families


def _dealt_with(row: Row, tasks: Sequence[EditorTask]) -> bool:
    """Tell whether somebody closed the row's task after it last happened."""
    if any(task.state == EditorTask.State.OPEN for task in tasks):
        return False
    closed = [task.closed_at for task in tasks if task.closed_at]
    return bool(closed) and (row.at is None or max(closed) >= row.at)
