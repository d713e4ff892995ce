"""Files of lines: CSV in any usual encoding, XLSX, Markdown alone or in a ZIP. Pure; says what is wrong with line and column."""

import csv
import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

MEGABYTE = 1024 * 1024
MOST_BYTES = 5 * MEGABYTE
MOST_UNPACKED = 60 * MEGABYTE
MOST_LINES = 20_000
MOST_FILES = 500
MOST_CELL = 20_000
FORMULA = re.compile(r"^[=@]|^[+-](?=[A-Za-z(])")


class Unreadable(Exception):
    """The file as a whole cannot be read; the message is for the person."""


@dataclass(frozen=True)
class Problem:
    """What is wrong: the line in the file (1 is its first), the column as its heading says, and words."""

    line: int
    column: str
    words: str


@dataclass(frozen=True)
class Column:
    """One column of a list.

    Attributes:
        name: how the importer knows it; also the English heading.
        headings: other headings it may have, Chinese first; the first stands in the template.
        required: whether the file must have it.
        help: what goes in (lazy text).
        example: a value for the template.
    """

    name: str
    headings: tuple[str, ...] = ()
    required: bool = False
    help: Any = ""
    example: str = ""


@dataclass(frozen=True)
class Line:
    """One line: its number and its values by column name; for a text file `values` holds `name` and `text`."""

    number: int
    values: Mapping[str, str]


@dataclass
class Table:
    """A file read: its lines, the heading of each column as written, and what is wrong with cells already."""

    lines: list[Line] = field(default_factory=list)
    headings: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def decoded(content: bytes) -> str:
    """Return the text of a file in UTF-8 (with or without mark), UTF-16 with mark, or GB 18030.

    Raises Unreadable, also where the last letter is cut: half of a file in UTF-8 can be read as GB 18030, and says something else.
    """
    if b"\x00" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable(_("This is not a text file."))
    tries = ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "gb18030"]
    for encoding in tries:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            if encoding == "utf-8-sig" and error.reason == "unexpected end of data":
                raise Unreadable(_("The file breaks off in the middle of a letter. Save it again and send it whole.")) from error
        except UnicodeError:
            continue
    raise Unreadable(_("The letters of this file cannot be read. Save it as UTF-8."))


def read_table(content: bytes, name: str, columns: Sequence[Column], *, most_lines: int | None = None) -> Table:
    """Read a CSV or XLSX file with a heading line; the only reader of lists there is.

    Args:
        most_lines: of the file, the heading apart; MOST_LINES by default.
    Raises:
        Unreadable for what is no such file, lacks columns or is too long.
    """
    if not content:
        raise Unreadable(_("The file is empty."))
    ending = name.rsplit(".", 1)[-1].lower()
    zipped = content.startswith(b"PK\x03\x04")
    if ending == "xlsx" or zipped:
        if not zipped:
            raise Unreadable(_("This is not an Excel file. Save it as .xlsx or as CSV."))
        rows, is_whole = _sheet(content, most_lines or MOST_LINES), True
    elif ending in {"xls", "ods", "numbers"} or content.startswith((b"\xd0\xcf\x11\xe0", b"%PDF")):
        raise Unreadable(_("This kind of file is not read. Save it as .xlsx or as CSV."))
    else:
        text = decoded(content)
        rows, is_whole = _csv_rows(text), text.endswith(("\n", "\r"))
    return _table(rows, columns, most_lines or MOST_LINES, is_whole=is_whole)


def _csv_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    head = text.lstrip().split("\n", 1)[0]
    delimiter = max(",;\t，", key=lambda sign: head.count(sign))
    reader = csv.reader(io.StringIO(text.replace("\x00", "")), delimiter=delimiter if head.count(delimiter) else ",", strict=True)
    first = 1
    try:
        for cells in reader:
            yield first, cells
            first = reader.line_num + 1
    except csv.Error as error:
        raise Unreadable(_("Line %(line)s cannot be read: a quotation mark is not closed.") % {"line": first}) from error


def _sheet(content: bytes, most_lines: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of the first sheet; formulas stay visible as such."""
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MOST_UNPACKED:
                raise Unreadable(_("The file is too large when unpacked."))
            if "xl/workbook.xml" not in packed.namelist():
                raise Unreadable(_("This is not an Excel file. Save it as .xlsx or as CSV."))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield number, [_cell(value) for value in cells]
            if number > most_lines + 1:
                break
    except Unreadable:
        raise
    except Exception as error:  # a damaged archive fails in many ways
        raise Unreadable(_("The Excel file is damaged. Open it, save it again, and try once more.")) from error


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def clean(value: str) -> str:
    """Return a cell without control characters, invisible marks and spaces around it."""
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " "))
    return "".join(ch for ch in text if ch == "\n" or unicodedata.category(ch) not in {"Cc", "Cf", "Cs"}).strip()


def _heading(text: str) -> str:
    return "".join(clean(text).lower().replace("_", " ").split())


def _table(rows: Iterator[tuple[int, list[str]]], columns: Sequence[Column], most_lines: int, *, is_whole: bool) -> Table:
    found, last = Table(), 0
    header: list[str] = []
    places: dict[str, int] = {}
    for number, cells in rows:
        values = [clean(cell) for cell in cells]
        if not any(values):
            continue
        if not header:
            header = values
            places = _places(header, columns)
            found.headings = {name: header[place] for name, place in places.items()}
            continue
        if len(found.lines) >= most_lines:
            raise Unreadable(_("The file has more than %(count)s lines. Divide it.") % {"count": most_lines})
        last = len(cells)
        found.lines.append(Line(number, {name: values[place] if place < len(values) else "" for name, place in places.items()}))
        found.problems += _bad_cells(number, values, header, places)
    if not header:
        raise Unreadable(_("The file is empty."))
    if not found.lines:
        raise Unreadable(_("Below the heading there are no lines."))
    if not is_whole and last < len(header):
        words = _("The file breaks off in this line: it has %(has)s of %(count)s cells and no end.")
        found.problems.append(Problem(found.lines[-1].number, "", words % {"has": last, "count": len(header)}))
    return found


def _places(header: Sequence[str], columns: Sequence[Column]) -> dict[str, int]:
    titles = [_heading(title) for title in header]
    doubled = sorted({header[place] for place, title in enumerate(titles) if title and titles.count(title) > 1})
    if doubled:
        raise Unreadable(_("A column stands twice: %(names)s.") % {"names": ", ".join(doubled)})
    places = {}
    for column in columns:
        for word in (column.name, *column.headings):
            if _heading(word) in titles:
                places[column.name] = titles.index(_heading(word))
                break
    missing = [
        f"{column.headings[0]} / {column.name}" if column.headings else column.name
        for column in columns
        if column.required and column.name not in places
    ]
    if missing:
        raise Unreadable(_("Columns are missing: %(names)s.") % {"names": ", ".join(missing)})
    return places


def _bad_cells(number: int, values: Sequence[str], header: Sequence[str], places: Mapping[str, int]) -> Iterator[Problem]:
    for place in places.values():
        value = values[place] if place < len(values) else ""
        if FORMULA.match(value):
            yield Problem(number, header[place], _("This is a formula. Paste its value."))
        elif len(value) > MOST_CELL:
            yield Problem(number, header[place], _("The text is longer than %(count)s characters.") % {"count": MOST_CELL})
    if any(values[len(header) :]):
        yield Problem(number, "", _("The line has more cells than the heading."))


def read_texts(content: bytes, name: str) -> list[tuple[str, str]]:
    """Return (file name, text) of a Markdown file, or of each in a ZIP. Raises Unreadable."""
    if not content.startswith(b"PK\x03\x04"):
        if name.rsplit(".", 1)[-1].lower() not in {"md", "markdown", "txt"}:
            raise Unreadable(_("This kind of file is not read. Send .md files or a .zip of them."))
        return [(name, decoded(content))]
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = [entry for entry in packed.infolist() if entry.filename.lower().endswith((".md", ".markdown")) and not _hidden(entry)]
            if sum(entry.file_size for entry in entries) > MOST_UNPACKED or len(entries) > MOST_FILES:
                raise Unreadable(_("The file is too large when unpacked."))
            found = [(_shown_name(entry), decoded(packed.read(entry))) for entry in entries]
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
        raise Unreadable(_("The ZIP file is damaged or locked.")) from error
    if not found:
        raise Unreadable(_("There is no .md file in the ZIP."))
    return found


def _hidden(entry: zipfile.ZipInfo) -> bool:
    return entry.is_dir() or any(part.startswith((".", "__")) for part in entry.filename.split("/"))


def _shown_name(entry: zipfile.ZipInfo) -> str:
    return clean(entry.filename.rsplit("/", 1)[-1])[:120] or "file.md"
