"""The page of the copy of one's data: every list in words, readable in any browser without a program for data. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django.utils import formats, timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import pgettext

from portal.copy_words import FIELDS, FOR_PROGRAMS, LISTS, OUR_KEYS, VALUES

#: Fields that hold a moment or a day, and those that hold one of our keys: what people typed is never touched.
WHEN = re.compile(r"(^|_)(at|on|day)$")
EMPTY: tuple[Any, ...] = (None, "", [], {}, ())


def sections(rows: Mapping[str, Mapping[str, Sequence[Any]]]) -> list[dict[str, Any]]:
    """Return the lists as the page shows them, in the language in force.

    Args:
        rows: {part: {name: rows}} as in the JSON files.
    Returns:
        [{path, title, count, body}], the known ones in the order of `LISTS`.
    """
    found = {f"{part}/{name}": entries for part, named in rows.items() for name, entries in named.items()}
    order = [key for key in LISTS if key in found] + [key for key in found if key not in LISTS]
    return [
        {
            "path": f"{key}.json",
            "title": LISTS.get(key, key),
            "count": len(found[key]),
            "body": format_html_join("", "{}", ((shown(row),) for row in found[key])),
        }
        for key in order
    ]


def shown(value: Any, key: str = "") -> SafeString:
    """Return a value of a list as HTML: names and values in words, days and times as people write them, nothing that is empty."""
    if isinstance(value, Mapping):
        pairs = [
            (FIELDS.get(name, name.replace("_", " ")), shown(held, name))
            for name, held in value.items()
            if held not in EMPTY and name not in FOR_PROGRAMS
        ]
        return format_html("<dl>{}</dl>", format_html_join("", "<dt>{}</dt><dd>{}</dd>", pairs))
    if isinstance(value, (list, tuple)):
        return format_html("<ol>{}</ol>", format_html_join("", "<li>{}</li>", ((shown(held, key),) for held in value)))
    return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in _words(value, key).split("\n")))


def _words(value: Any, key: str) -> str:
    if isinstance(value, bool):
        return pgettext("copy of data", "yes") if value else pgettext("copy of data", "no")
    if isinstance(value, int) and key.endswith("_fen"):
        return f"¥{value / 100:.2f}"
    if isinstance(value, str) and WHEN.search(key):
        value = _moment(value)
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value) if timezone.is_aware(value) else value, "DATETIME_FORMAT")
    if isinstance(value, date):
        return formats.date_format(value, "DATE_FORMAT")
    if isinstance(value, time):
        return formats.time_format(value)
    return str(VALUES.get(value, value)) if key in OUR_KEYS else str(value)


def _moment(text: str) -> Any:
    """Return the moment or the day that a text names; the text where it names none."""
    try:
        return (parse_datetime(text) if "T" in text else parse_date(text)) or text
    except ValueError:
        return text
