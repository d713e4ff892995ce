"""Codes and model numbers that exist, and how to recognise them in a question. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from products.codes import normal_code, normal_model
from search import text

_CODE = re.compile(r"(?<![a-z0-9])([a-z]{1,3})[\s\-_./·]{0,2}([0-9]{1,3})([a-z]?)(?![a-z0-9])")
_OTHER_CODE = re.compile(r"(?<![a-z0-9])([0-9]{1,2}[\s\-]?[a-z]{1,2}|[a-z]{1,3})(?![a-z0-9])")
_CUE = re.compile(r"报|显示|故障|代码|出现|跳|闪|错误|\b(?:error|code|fault|shows?|displays?|says|flashes|flashing)\b")
_ALNUM = re.compile(r"[a-z0-9]+")
_SHORTEST_MODEL = 4
_LONGEST_WINDOW = 4


@dataclass
class Catalogue:
    """Known codes (normal form → forms as shown) and models (normal form → number as printed)."""

    codes: dict[str, list[str]] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)
    families_of: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def build(cls, codes: Iterable[str], models: Iterable[tuple[str, Iterable[str]]]) -> Catalogue:
        """Collect the codes, and the model numbers with their families, of documents."""
        made = cls()
        for code in codes:
            forms = made.codes.setdefault(normal_code(code), [])
            if code not in forms:
                forms.append(code)
        for number, families in models:
            normal = normal_model(number)
            made.models.setdefault(normal, number)
            made.families_of.setdefault(normal, tuple(families))
        return made

    def find_codes(self, typed: str) -> list[str]:
        """Normal forms of the known codes in a question: ``E2``, ``e-02``, ``Ｅ２``, ``报E2``, ``E 2`` → ``E2``."""
        return self.read_codes(typed)[0]

    def read_codes(self, typed: str) -> tuple[list[str], str]:
        """The known codes in a question, and the folded question with each written in its normal form."""
        folded = text.fold(typed)
        if not self.codes:
            return [], folded
        found: list[str] = []

        def keep(match: re.Match[str]) -> str:
            normal = normal_code(match.group())
            if normal not in self.codes:
                return match.group()
            if normal not in found:
                found.append(normal)
            return f" {normal.lower()} "

        rest = _CODE.sub(keep, folded)
        lonely = len(folded.strip()) <= 4
        if not found and (lonely or _CUE.search(folded)):
            rest = _OTHER_CODE.sub(lambda m: m.group() if not lonely and m.group() in text.STOP_WORDS else keep(m), folded)
        return found, rest

    def find_models(self, typed: str) -> list[str]:
        """Normal forms of the known models in a question; a beginning of four characters or more names its models."""
        if not self.models:
            return []
        parts = _ALNUM.findall(text.fold(typed))
        found: list[str] = []
        for width in range(min(_LONGEST_WINDOW, len(parts)), 0, -1):
            for start in range(len(parts) - width + 1):
                candidate = normal_model("".join(parts[start : start + width]))
                if len(candidate) < _SHORTEST_MODEL or not any(c.isdigit() for c in candidate):
                    continue
                if candidate in self.models and not any(candidate in known for known in found):
                    found.append(candidate)
        if not found:
            found = self._beginnings(parts)
        return found

    def _beginnings(self, parts: list[str]) -> list[str]:
        for width in range(min(_LONGEST_WINDOW, len(parts)), 0, -1):
            for start in range(len(parts) - width + 1):
                candidate = normal_model("".join(parts[start : start + width]))
                mixed = any(c.isdigit() for c in candidate) and any(c.isalpha() for c in candidate)
                if len(candidate) >= _SHORTEST_MODEL and mixed:
                    starts = [known for known in self.models if known.startswith(candidate)]
                    if starts:
                        return starts[:8]
        return []
