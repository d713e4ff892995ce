"""Template tags of the reports: numbers in words, where they lead, charts as SVG drawn here (no script, no inline style)."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils import formats
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.estimate import Estimate
from reports.filters import Filters
from reports.tables import Column, Row, Table, cell_address

register = template.Library()
SERIES = ("solved", "failed", "escalated", "unknown", "open")
WIDE, HIGH, FOOT = 720, 180, 22


@register.filter
def number(value: Any, kind: str = "count") -> str:
    """A value as text: shares in percent, moments as dates; a dash where there is none."""
    if value is None:
        return "–"
    if kind == "percent":
        return f"{formats.number_format(value * 100, 1)}%"
    if kind == "points":
        return f"{value * 100:+.1f}"
    if kind == "change":
        return f"{value:+d}" if value else "0"
    if kind == "seconds":
        return formats.number_format(round(value), 0)
    if kind == "moment":
        return formats.date_format(value, "Y-m-d")
    return formats.number_format(value, 0, force_grouping=True) if isinstance(value, (int, float)) else str(value)


@register.simple_tag
def figure_value(figure: Any) -> str:
    """The value of a key figure."""
    return number(figure.value, "count" if figure.whole is None else "percent")


@register.simple_tag
def figure_change(figure: Any) -> str:
    """The change against the period before, in words."""
    change = figure.change
    if change is None:
        return _("nothing to compare with")
    if figure.whole is not None:
        return _("%(points)s points") % {"points": f"{change * 100:+.1f}"}
    return f"{change * 100:+.0f}%"


@register.simple_tag
def figure_url(filters: Filters, figure: Any, which: str = "part") -> str:
    """Where the number of a key figure leads; `which` is part or whole."""
    params = figure.whole_params if which == "whole" else figure.params
    return filters.address(reverse(f"reports:{figure.path}"), **(params or {}))


@register.simple_tag
def table_url(filters: Filters, key: str, format: str = "") -> str:
    """Where a table stands whole, or its CSV."""
    return filters.address(reverse("reports:table", args=[key]), format=format)


@register.simple_tag
def rows_url(filters: Filters, name: str, **params: Any) -> str:
    """A list with the report's filters."""
    return filters.address(reverse(f"reports:{name}"), **params)


@register.simple_tag
def cell(filters: Filters, table: Table, row: Row | None, column: Column) -> SafeString | str:
    """A cell of a table: its number, linked to its rows where it has any."""
    values = row.values if row else (table.total or {})
    value = values.get(column.key)
    if column.kind == "text":
        return format_html('<a href="{}">{}</a>', row.url, value) if row and row.url and column.key == "name" else str(value or "")
    text = number(value, column.kind)
    listed = reverse(f"reports:{table.list_name}")
    address = cell_address(filters, table, row, column, listed) if value else ""
    return format_html('<a href="{}">{}</a>', address, text) if address else text


@register.simple_tag
def share_bar(value: Any, most: Any) -> SafeString:
    """A bar beside a number; the number itself says it in words."""
    width = round(100 * value / most, 1) if value and most else 0
    return format_html(
        '<svg class="rbar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect width="{}" height="8"/></svg>',
        width,
    )


@register.simple_tag
def outcomes_chart(table: Table) -> SafeString:
    """Stacked bars of how attempts ended, a bar a day or week; the table beside it says the same."""
    rows = table.rows
    most = max((row.values["attempts"] for row in rows), default=0)
    if not most:
        return mark_safe("")
    step = WIDE / len(rows)
    wide = min(46.0, step * 0.72)
    bars, labels = [], []
    every = max(1, -(-len(rows) // 14))
    for place, row in enumerate(rows):
        left, bottom = place * step + (step - wide) / 2, float(HIGH)
        for name in SERIES:
            tall = row.values[name] / most * (HIGH - 14)
            if tall:
                bottom -= tall
                bars.append((name, f"{left:.1f}", f"{bottom:.1f}", f"{wide:.1f}", f"{tall:.1f}"))
        if place % every == 0:
            labels.append((f"{place * step + step / 2:.1f}", HIGH + 16, row.values.get("short", "")))
    return format_html(
        '<svg class="rchart" viewBox="0 0 {} {}" role="img" aria-label="{}"><line class="axis" x1="0" x2="{}" y1="{}" y2="{}"/>{}{}</svg>',
        WIDE,
        HIGH + FOOT,
        _("Bars of how attempts ended; the table below has the numbers."),
        WIDE,
        HIGH,
        HIGH,
        format_html_join("", '<rect class="s-{}" x="{}" y="{}" width="{}" height="{}"/>', bars),
        format_html_join("", '<text x="{}" y="{}" text-anchor="middle">{}</text>', labels),
    )


@register.simple_tag
def interval_chart(estimate: Estimate) -> SafeString:
    """An estimate as a point with its interval on a line with zero marked."""
    span = max(0.1, abs(estimate.low), abs(estimate.high)) * 1.15
    low, high, value = (50 + 50 * part / span for part in (estimate.low, estimate.high, estimate.value))
    return format_html(
        '<svg class="rinterval" viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<line class="zero" x1="50" x2="50" y1="0" y2="16"/><rect class="reach" x="{}" y="6" width="{}" height="4"/>'
        '<rect class="point" x="{}" y="2" width="1.2" height="12"/></svg>',
        f"{low:.1f}",
        f"{max(high - low, 0.5):.1f}",
        f"{value - 0.6:.1f}",
    )


@register.simple_tag
def days_words(session: Any) -> str:
    """After how long the contact came."""
    days = session.contact_days
    if days is None:
        return ""
    if days == 0:
        return _("the same day")
    return ngettext("after %(days)s day", "after %(days)s days", days) % {"days": days}


@register.filter
def outcome_tone(outcome: str) -> str:
    """Tone of an outcome's tag."""
    return {"solved": "good", "failed": "care", "escalated": "info"}.get(outcome, "")
