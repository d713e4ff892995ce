"""The repair as its customer sees it: what happens next and by when, and the timeline."""

from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from fieldservice import states, words
from fieldservice.queries import RepairView


def promise(view: RepairView) -> str:
    """Return by when the next thing happens, in one sentence; empty where nothing is promised."""
    order = view.order
    kind = view.state.promise
    if kind == states.VISIT:
        if view.visit is None:
            return ""
        if order.engineer:
            return _("%(when)s. %(name)s comes.") % {"when": view.visit.words, "name": order.engineer}
        return _("%(when)s.") % {"when": view.visit.words}
    if order.due_at is None or not kind:
        return ""
    if kind == states.PART:
        day = formats.date_format(timezone.localdate(order.due_at), "DATE_FORMAT")
        if order.due_at < timezone.now():
            return _("It was expected on %(day)s and is late. We ask the supplier and tell you.") % {"day": day}
        return _("Expected on %(day)s.") % {"day": day}
    when = formats.date_format(timezone.localtime(order.due_at), "DATETIME_FORMAT")
    if kind == states.QUOTE:
        return _("It is valid until %(when)s.") % {"when": when}
    if kind == states.CLOSING:
        return _("Without word from you the repair is closed on %(when)s.") % {"when": when}
    if order.due_at < timezone.now():
        return _("This takes longer than we said, sorry. Call us or write below.")
    return _("You hear from us by %(when)s.") % {"when": when}


def timeline(view: RepairView) -> list[dict[str, Any]]:
    """Return the rows of the timeline component: what was done with its time, what is now, what is to come; always in words."""
    rows: list[dict[str, Any]] = [
        {"state": "done", "title": words.step_title(step), "time": step.at, "text": words.step_text(step)} for step in view.steps
    ]
    final = view.order.state in states.FINAL
    if rows and not final:
        rows[-1]["state"] = "now"
    if final or view.order.state == states.RETURNED:
        return rows
    places = states.PLACES
    if view.order.state == states.DECLINED:
        return [*rows, {"state": "next", "title": _("You have your machine back"), "time": None, "text": ""}]
    for place in places[view.state.place + 1 :]:
        if place.always:
            rows.append({"state": "next", "title": place.to_come, "time": None, "text": ""})
    return rows
