"""Markdown to the raw blocks of a guide: headings, paragraphs, numbered steps, warnings, tables, questions. Pure.

A small dialect on purpose: what guides are made of, and nothing that could carry scripts. HTML in the text stays text.
"""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

NUMBERED = re.compile(r"^\s{0,3}(?:\d{1,2}[.)、]|[（(]\d{1,2}[）)]|第[一二三四五六七八九十]+步\s*[:：]|Step \d{1,2}\s*[:.])\s*(?=\S)")
BULLET = re.compile(r"^\s{0,3}[-*+•·]\s+(?=\S)")
HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
QUOTE = re.compile(r"^\s{0,3}>\s?(.*)$")
TABLE_LINE = re.compile(r"^\s*\|(.+)\|\s*$")
TABLE_RULE = re.compile(r"^\s*\|?(?:\s*:?-{2,}:?\s*\|)+(?:\s*:?-{2,}:?\s*)?$")
BOLD = re.compile(r"\*\*(.+?)\*\*|__(.+?)__")
LINK = re.compile(r"(!?)\[([^\]]*)\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
SENTENCE = re.compile(r"[。！？；]|[.!?;](?=\s|$)")
WARNINGS = {
    "danger": ("危险", "danger"),
    "warning": ("警告", "warning", "小心"),
    "caution": ("注意", "caution", "careful"),
    "tip": ("提示", "tip", "note", "说明"),
}
FAQ = re.compile(r"常见问题|问答|问与答|FAQ|questions? and answers?", re.IGNORECASE)
STOP = re.compile(r"何时停|什么时候停|停下|停止操作|when to stop|stop and call", re.IGNORECASE)
STEP_TITLE, HEADING_LENGTH, QUESTION_LENGTH = 120, 120, 200


@dataclass
class Reading:
    """Blocks read from a text, with remarks as (line, words key, value): what was read otherwise than it was written."""

    title: str = ""
    blocks: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[tuple[int, str, str]] = field(default_factory=list)


def inline(text: str) -> str:
    """Return one line as rich text: bold and links, everything else escaped."""
    kept: list[str] = []

    def link(match: re.Match[str]) -> str:
        words, target = match[2] or match[3], match[3]
        if match[1] or not re.match(r"(?:https?://|mailto:|tel:|/(?!/)|#)", target, re.IGNORECASE):
            kept.append(escape(words))
        else:
            kept.append(f'<a href="{escape(target)}">{escape(words)}</a>')
        return f"\x00{len(kept) - 1}\x00"

    held = LINK.sub(link, text.replace("\x00", ""))
    html = BOLD.sub(lambda match: f"<b>{match[1] or match[2]}</b>", escape(held))
    return re.sub("\x00(\\d+)\x00", lambda match: kept[int(match[1])], html)


def read(text: str, *, first_line: int = 1) -> Reading:
    """Return the blocks of a text; `first_line` is the number of its first line in the file it came from."""
    return _Reader(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), first_line).run()


class _Reader:
    """Walks over the lines once, collecting the piece that is open."""

    def __init__(self, lines: Sequence[str], first_line: int) -> None:
        self.lines, self.first, self.at = lines, first_line, 0
        self.reading = Reading()
        self.heading = ""
        self.mode = ""
        self.text: list[str] = []
        self.bullets: list[str] = []
        self.questions: list[dict[str, str]] = []

    def run(self) -> Reading:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if found := HEADING.match(line):
                self._head(len(found[1]), found[2])
            elif QUOTE.match(line):
                self._quote()
            elif TABLE_LINE.match(line) and self.at + 1 < len(self.lines) and TABLE_RULE.match(self.lines[self.at + 1]):
                self._table()
            elif NUMBERED.match(line) and not self.mode:
                self._steps()
            elif found := BULLET.match(line):
                if self.text:
                    self._flush_text()
                self.bullets.append(line[found.end() :].strip())
                self.at += 1
            else:
                self._words(line)
        self._end_part()
        return self.reading

    def _words(self, line: str) -> None:
        if not line.strip():
            self._flush_text()
        elif self.bullets and line.startswith((" ", "\t")):
            self.bullets[-1] += " " + line.strip()
        else:
            self._flush_bullets()
            self.text.append(line.strip())
        self.at += 1

    # --- pieces

    def _head(self, level: int, words: str) -> None:
        plain = re.sub(r"[*_`]", "", words).strip()
        if level == 1 and not self.reading.title and not self.reading.blocks:
            self.reading.title = plain
        elif self.mode == "faq" and level >= 3:
            self._end_question()
            self.questions.append({"question": plain[:QUESTION_LENGTH], "answer": ""})
        else:
            self._end_part()
            self.mode = "faq" if FAQ.search(plain) else "stop" if STOP.search(plain) else ""
            self.heading = "" if self.mode == "stop" else plain[:HEADING_LENGTH]
        self.at += 1

    def _quote(self) -> None:
        self._close_paragraph()
        said = []
        while self.at < len(self.lines) and (found := QUOTE.match(self.lines[self.at])):
            said.append(found[1].strip())
            self.at += 1
        level, rest = _level(" ".join(part for part in said if part))
        if level == "tip":
            self._add("paragraph", {"title": self._take_heading(), "text": f"<p>{inline(rest)}</p>"})
            return
        title, _sign, text = rest.partition("。") if "。" in rest else rest.partition(". ")
        short = title if text and len(title) <= 80 else ""
        self._add("warning", {"level": level, "title": short, "text": f"<p>{inline(text.strip() if short else rest)}</p>"})

    def _table(self) -> None:
        self._close_paragraph()
        rows = []
        while self.at < len(self.lines) and (found := TABLE_LINE.match(self.lines[self.at])):
            if not TABLE_RULE.match(self.lines[self.at]):
                rows.append([cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", found[1])])
            self.at += 1
        width = len(rows[0])
        columns = [{"type": "text", "heading": heading} for heading in rows[0]]
        values = [{"values": (row + [""] * width)[:width]} for row in rows[1:]]
        caption = self._take_heading() or " / ".join(heading for heading in rows[0] if heading)[:160] or "—"
        self._add("table", {"caption": caption[:160], "table": {"columns": columns, "rows": values, "caption": ""}})

    def _steps(self) -> None:
        self._close_paragraph()
        steps: list[list[str]] = []
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if found := NUMBERED.match(line):
                steps.append([line[found.end() :].strip()])
            elif line.strip() and line.startswith((" ", "\t")):
                steps[-1].append(line.strip())
            elif line.strip() or not self._goes_on():
                break
            self.at += 1
        self._add("steps", {"title": self._take_heading(), "steps": _items([_step(parts) for parts in steps])})

    def _goes_on(self) -> bool:
        """Whether the numbered list continues after an empty line."""
        following = next((line for line in self.lines[self.at :] if line.strip()), "")
        return bool(NUMBERED.match(following)) or following.startswith(("   ", "\t"))

    # --- collecting

    def _flush_text(self) -> None:
        if self.text:
            self._put(f"<p>{inline(' '.join(self.text))}</p>")
            self.text = []
        self._flush_bullets()

    def _flush_bullets(self) -> None:
        if self.bullets:
            self._put("<ul>" + "".join(f"<li>{inline(words)}</li>" for words in self.bullets) + "</ul>")
            self.bullets = []

    def _put(self, html: str) -> None:
        if self.mode == "faq" and self.questions:
            self.questions[-1]["answer"] += html
            return
        kind = "stop" if self.mode == "stop" else "paragraph"
        last = self.reading.blocks[-1] if self.reading.blocks else None
        if last and last["type"] == kind and not self.heading:
            last["value"]["text"] += html
        elif kind == "stop":
            self._add("stop", {"text": html})
        else:
            self._add("paragraph", {"title": self._take_heading(), "text": html})

    def _close_paragraph(self) -> None:
        self._flush_text()

    def _end_question(self) -> None:
        self._flush_text()

    def _end_part(self) -> None:
        self._flush_text()
        if self.questions:
            full = [question for question in self.questions if question["answer"]]
            for question in self.questions:
                if not question["answer"]:
                    self.reading.remarks.append((self.first + self.at, "no_answer", question["question"]))
            if full:
                self._add("faq", {"title": self._take_heading(), "questions": _items(full)})
            self.questions = []
        elif self.heading:
            self.reading.remarks.append((self.first + self.at, "empty_heading", self.heading))
            self.heading = ""

    def _take_heading(self) -> str:
        heading, self.heading = self.heading, ""
        return heading

    def _add(self, kind: str, value: Any) -> None:
        self.reading.blocks.append({"type": kind, "value": value, "id": str(uuid.uuid4())})


def _items(values: Sequence[Any]) -> list[dict[str, Any]]:
    return [{"type": "item", "value": value, "id": str(uuid.uuid4())} for value in values]


def _level(said: str) -> tuple[str, str]:
    plain = said.lstrip("*_ ")
    for level, words in WARNINGS.items():
        for word in words:
            if plain[: len(word)].lower() == word and re.match(r"[*_]*\s*[:：!！.。\s]", plain[len(word) :] + " "):
                return level, re.sub(r"^[*_]*\s*[:：!！.。]?[*_]*\s*", "", plain[len(word) :])
    return "tip", said


def _step(parts: Sequence[str]) -> dict[str, Any]:
    """Return one step: what is bold or said first is the title, the rest says how."""
    first, rest = parts[0], list(parts[1:])
    bold = re.match(r"\*\*(.+?)\*\*[:：.。]?\s*", first)
    if bold:
        title, remainder = bold[1], first[bold.end() :]
    else:
        end = SENTENCE.search(first)
        title, remainder = (first[: end.start()], first[end.end() :].strip()) if end else (first, "")
    if len(title) > STEP_TITLE:
        cut = title[: STEP_TITLE - 1].rsplit(" ", 1)[0] if " " in title[60 : STEP_TITLE - 1] else title[: STEP_TITLE - 1]
        title, remainder = cut + "…", first
    text = "".join(f"<p>{inline(line)}</p>" for line in [remainder, *rest] if line.strip())
    title = re.sub(r"\*\*|__", "", LINK.sub(lambda match: match[2], title)).strip(" ：:")
    return {"title": title or "…", "text": text, "image": None, "image_alt": "", "caption": "", "tip": "", "warning": ""}
