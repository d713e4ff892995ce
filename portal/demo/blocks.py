"""Turns a guide of the data files into the raw content of a StreamField, in one language."""

import re
import uuid
from typing import Any

from django.utils.html import escape
from django.utils.text import slugify

from core.models import HearthImage
from portal.demo.data import side

NAMESPACE = uuid.UUID("5b1c3e0e-6a0b-4c1f-9a53-2f4f6a1d7c10")
Raw = dict[str, Any]
# `[words](page:12)`, `[words](document:3)`, `[words](url:https://…)`
LINK = re.compile(r"\[([^\]]+)\]\((page|document|url):([^)]+)\)")


def _link(match: re.Match[str]) -> str:
    words, kind, target = match.groups()
    return f'<a href="{target}">{words}</a>' if kind == "url" else f'<a linktype="{kind}" id="{target}">{words}</a>'


def only_for(content: Raw | None) -> Raw:
    """Return whom a block or step is for, as the CMS keeps it; models are named by their numbers in the data files."""
    given = content or {}
    return {
        "families": given.get("families", []),
        "models": [slugify(number) for number in given.get("models", [])],
        "markets": given.get("markets", []),
        "serials": given.get("serials", ""),
        "software_from": given.get("software_from", ""),
        "software_to": given.get("software_to", ""),
    }


class GuideWriter:
    """Writes the blocks of one guide; ids are the same in both languages, so that translators' tools can match them."""

    def __init__(
        self,
        guide: dict[str, Any],
        language: str,
        images: dict[str, HearthImage],
        parts: dict[str, Raw],
        notes: dict[str, int] | None = None,
    ) -> None:
        self.guide, self.side, self.images, self.parts = guide, side(language), images, parts
        self.notes = notes or {}
        self.heading = ""
        self.lists = 0

    def blocks(self) -> list[Raw]:
        """Return the raw blocks of the guide's body; tools and parts stand before the first steps."""
        written: list[Raw] = []
        needs = self._needs()
        for number, block in enumerate(self.guide["body"]):
            kind, content = self._split(block)
            if kind == "heading":
                self.heading = self._said(content)
                continue
            if needs and kind not in {"warning", "safety", "paragraph"}:
                written.append(self._block("tools", needs, "needs"))
                needs = None
            value = {**self._value(kind, content, block), "only_for": only_for(block.get("only"))}
            written.append(self._block(kind, value, str(number)))
        if needs:
            written.append(self._block("tools", needs, "needs"))
        return written

    def _split(self, block: Raw) -> tuple[str, Any]:
        kind = next(key for key in ("heading", "warning", "safety", "steps", "paragraph", "faq", "table", "stop") if key in block)
        return kind, block[kind]

    def _value(self, kind: str, content: Any, block: Raw) -> Any:
        if kind == "warning":
            return {"level": content, "title": self._said(block["title"]), "text": self._rich(block["text"])}
        if kind == "safety":
            return {"note": self.notes.get(content)}
        if kind == "steps":
            return {"title": self._take_heading(), "steps": self._list("step", [self._step(step) for step in content])}
        if kind == "paragraph":
            return {"title": self._take_heading(), "text": self._rich(content)}
        if kind == "faq":
            questions = [{"question": self._said(question), "answer": self._rich(answer)} for question, answer in content]
            return {"title": self._take_heading(), "questions": self._list("question", questions)}
        if kind == "table":
            return {"caption": self._said(content["caption"]), "table": self._table(content)}
        return {"text": self._rich(content)}

    def _needs(self) -> Raw | None:
        tools = [{"name": self._said(tool), "number": "", "quantity": ""} for tool in self.guide.get("tools", [])]
        parts = [
            {"name": self._said(self.parts[number]["name"]), "number": number, "quantity": ""} for number in self.guide.get("parts", [])
        ]
        if not tools and not parts:
            return None
        note = self.guide.get("parts_note")
        return {"tools": self._list("tool", tools), "parts": self._list("part", parts), "note": self._said(note) if note else ""}

    def _step(self, step: Raw) -> Raw:
        picture = self.images.get(step["image"])
        caption = self._said(step["caption"]) if "caption" in step else ""
        return {
            "title": self._said(step["title"]),
            "text": self._rich(step["text"]),
            "image": picture.pk if picture else None,
            "image_alt": caption or self._said(step["title"]),
            "caption": caption,
            "tip": self._said(step["tip"]) if "tip" in step else "",
            "warning": "",
            "only_for": only_for(step.get("only")),
        }

    def _table(self, content: Raw) -> Raw:
        return {
            "columns": [{"type": "text", "heading": heading} for heading in content["header"][self.side]],
            "rows": [{"values": list(row[self.side])} for row in content["rows"]],
            "caption": "",
        }

    def _take_heading(self) -> str:
        heading, self.heading = self.heading, ""
        return heading

    def _said(self, value: Any) -> str:
        return value[self.side]

    def _rich(self, value: Any) -> str:
        return f"<p>{LINK.sub(_link, escape(value[self.side]))}</p>"

    def _block(self, kind: str, value: Any, place: str) -> Raw:
        return {"type": kind, "value": value, "id": self._id(place)}

    def _list(self, kind: str, values: list[Raw]) -> list[Raw]:
        self.lists += 1
        return [{"type": "item", "value": value, "id": self._id(f"{self.lists}/{kind}/{number}")} for number, value in enumerate(values)]

    def _id(self, place: str) -> str:
        return str(uuid.uuid5(NAMESPACE, f"{self.guide['slug']}/{place}"))
