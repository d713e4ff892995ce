"""Codes and model numbers that exist, and how to recognise them in a question. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from products.codes import look_of, normal_code, normal_model, number_of
from search import text
from search.family_names import FamilyNames

_CODE = re.compile(r"(?<![a-z0-9])([a-z]{1,3})[\s\-_./·]{0,2}([0-9]{1,3})([a-z]?)(?![a-z0-9])")
_OTHER_CODE = re.compile(r"(?<![a-z0-9])([0-9]{1,2}[\s\-]?[a-z]{1,2}|[a-z]{1,3})(?![a-z0-9])")
#: Letters apart, as they stand on a display: `U E`, `d-O`.
_APART = re.compile(r"(?<![a-z0-9])[a-z](?:[\s\-_./·][a-z]){1,2}(?![a-z0-9])")
_CUES = r"报错?|显示|故障码?|代码|出现|跳|闪|错误码?|\b(?:error|code|fault|shows?|showing|displays?|displaying|says|flashes|flashing)\b"
_CUE = re.compile(_CUES)
#: What stands right behind a word that announces a code: `shows dO`, `显示：dO`.
_ANNOUNCED = re.compile(rf"(?:{_CUES})(?:代码|code)?(?:了|是|个|着|is|a|an|the|[\s:：“”\"'‘’(（])*$")
#: A number alone behind the word for it: `error 12`, `故障代码：12`, `code no. 12`.
_NUMBERED = re.compile(
    r"(?:\b(?:error|fault|code|err)\b|报错|故障码?|错误码?|代码)(?:[\s:：#.\-]|code|number|no\b|代码|是|号)*0*([0-9]{1,3})(?![\w.%°℃])"
)
#: Two to four letters and digits that might be a code misread; no part of a longer number.
_MISREAD = re.compile(r"(?<![a-z0-9])(?<![a-z0-9][\-/.])[a-z0-9]{1,2}[\s\-]?[a-z0-9]{1,2}(?![a-z0-9]|[\-/.][a-z0-9])")
_ALNUM = re.compile(r"[a-z0-9]+")
#: Kind, title, key words, codes, models and families of a document.
Listed = tuple[str, str, str, list[str], list[str], list[str]]
EVERY_FAMILY = "*"
_LONELY = 4
_SHORTEST_MODEL = 4
_LONGEST_WINDOW = 4


@dataclass
class Catalogue:
    """Known codes (any normal form → those of the cards it means), models (normal form → number as printed) and names of families.

    ``codes_of`` are the codes that a family has cards for; under ``*`` those that are for every family.
    """

    codes: dict[str, list[str]] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)
    families_of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    families: FamilyNames = field(default_factory=FamilyNames)
    codes_of: dict[str, set[str]] = field(default_factory=dict)
    _looks: dict[str, list[str]] = field(default_factory=dict)
    _numbers: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def build(
        cls, codes: Iterable[Sequence[str]], models: Iterable[tuple[str, Iterable[str]]], families: Iterable[tuple[str, str, str]] = ()
    ) -> Catalogue:
        """Collect the codes of cards (each as displayed, then its other spellings), the model numbers with their families, and families.

        ``families`` are address, name and the title of a product, as in :meth:`FamilyNames.build`.
        """
        made = cls()
        for spellings in codes:
            normal = [normal_code(spelling) for spelling in spellings if normal_code(spelling)]
            for form in normal:
                _put(made.codes, form, normal[0])
                _put(made._looks, look_of(form), normal[0])
                _put(made._numbers, number_of(form), normal[0])
        made._numbers.pop("", None)
        for number, own in models:
            normal_number = normal_model(number)
            made.models.setdefault(normal_number, number)
            made.families_of.setdefault(normal_number, tuple(own))
        made.families = FamilyNames.build(families)
        return made

    @classmethod
    def of_documents(cls, documents: Iterable[Listed]) -> Catalogue:
        """What the published code cards and products say: their codes, numbers, and the names of their families."""
        codes: list[Sequence[str]] = []
        models: list[tuple[str, Iterable[str]]] = []
        names: list[tuple[str, str, str]] = []
        codes_of: dict[str, set[str]] = {}
        for kind, title, keywords, own_codes, own_models, families in documents:
            if kind == "code":
                codes.append(own_codes)
                for family in families or [EVERY_FAMILY]:
                    codes_of.setdefault(family, set()).update(normal_code(code) for code in own_codes)
            elif kind == "product":
                models.extend((number, families) for number in own_models)
            else:
                continue
            if len(families) == 1:  # a page of a family has its name for a title, cards and products have it among their key words
                name = keywords.partition("\n")[0] if own_codes or own_models else title
                names.append((families[0], name, title if own_models and kind == "product" else ""))
        made = cls.build(codes, models, dict.fromkeys(names))
        made.codes_of = codes_of
        return made

    def has_cards(self, codes: Iterable[str], families: Iterable[str]) -> bool:
        """Whether one of the codes (normal forms) has a card for one of the families, as far as is known."""
        known = set(self.codes_of.get(EVERY_FAMILY, ())).union(*(self.codes_of.get(family, ()) for family in families))
        return not self.codes_of or not known.isdisjoint(codes)

    def find_codes(self, typed: str) -> list[str]:
        """Normal forms of the known codes in a question: ``E2``, ``e-02``, ``Ｅ２``, ``报E2``, ``E 2`` → ``E2``."""
        return self.read_codes(typed)[0]

    def read_codes(self, typed: str) -> tuple[list[str], str]:
        """The known codes in a question, and the folded question with each written in its normal form.

        Codes as they are shown win; then come letters alone, a number behind “error”, and codes misread (``L0`` for ``LO``).
        """
        if not self.codes:
            return [], text.fold(typed)
        reading = _Reading(self, typed)
        for step in (reading.plain_codes, reading.letters, reading.numbers, reading.misread):
            step()
            if reading.found:
                break
        return reading.found, reading.rest

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


def _put(table: dict[str, list[str]], form: str, card: str) -> None:
    cards = table.setdefault(form, [])
    if card not in cards:
        cards.append(card)


class _Reading:
    """One question on its way through the steps; each step sees what the one before left."""

    def __init__(self, catalogue: Catalogue, typed: str) -> None:
        self.know = catalogue
        self.typed = unicodedata.normalize("NFKC", typed)
        self.rest = text.fold(typed)
        self.found: list[str] = []
        self.lonely = len(self.rest.strip()) <= _LONELY
        self.cued = bool(_CUE.search(self.rest))

    def plain_codes(self) -> None:
        """A letter or three, then digits: a code wherever it stands."""
        self.rest = _CODE.sub(lambda match: self._keep(match, self.know.codes.get(normal_code(match.group()))), self.rest)

    def letters(self) -> None:
        """Letters alone are codes only by themselves or beside a word that announces one; common words only right behind it."""
        if not (self.lonely or self.cued):
            return
        for pattern in (_OTHER_CODE, _APART):
            self.rest = pattern.sub(lambda match: self._keep(match, self._of_letters(match)), self.rest)

    def _of_letters(self, match: re.Match[str]) -> list[str] | None:
        if not self.lonely and match.group() in text.STOP_WORDS and not self._stands_out(match):
            return None
        return self.know.codes.get(normal_code(match.group()))

    def _stands_out(self, match: re.Match[str]) -> bool:
        """Whether a common word is written or placed like a code: ``dO``, ``shows DO``, ``显示 do``."""
        whole = self.typed if len(self.typed) == len(self.rest) else ""
        written = whole[match.start() : match.end()]
        if written and any(c.isupper() for c in written[1:]) and any(c.islower() for c in whole):
            return True
        return bool(_ANNOUNCED.search(self.rest[: match.start()])) and not self.rest[match.end() :].strip(' ?？!！.。,，"”')

    def numbers(self) -> None:
        """A number behind “error” means the codes of that number."""
        self.rest = _NUMBERED.sub(lambda match: self._keep(match, self.know._numbers.get(match.group(1)), whole=False), self.rest)

    def misread(self) -> None:
        """Letters taken for digits and the other way round, as displays make them look."""
        self.rest = _MISREAD.sub(lambda match: self._keep(match, self._alike(match)), self.rest)

    def _alike(self, match: re.Match[str]) -> list[str] | None:
        typed = match.group()
        mixed = any(c.isdigit() for c in typed) and any(c.isalpha() for c in typed)
        if not mixed and not self.lonely and (typed in text.STOP_WORDS or not _ANNOUNCED.search(self.rest[: match.start()])):
            return None
        normal = normal_code(typed)
        return self.know.codes.get(normal) or self.know._looks.get(look_of(normal))

    def _keep(self, match: re.Match[str], cards: list[str] | None, *, whole: bool = True) -> str:
        if not cards:
            return match.group()
        self.found.extend(card for card in cards if card not in self.found)
        written = " ".join(card.lower() for card in cards)
        return f" {written} " if whole else f"{match.group()} {written} "
