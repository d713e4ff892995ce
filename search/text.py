"""Text analysis shared by documents, questions and both engines: folding, words, Han bigrams, pinyin."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from pypinyin import Style, lazy_pinyin
from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

# Words too common in English questions to tell articles apart; removed from text and questions alike.
_STOP = """
a about after all also am an and any are as at be because been but by can could did do does doing done for from get had
has have having he her here him his how i if in into is it its just like me my no not of on one or other our out please
she should so some such than that the their them then there these they this to up us was we were what when where which
while who whom why will with would you your
"""
STOP_WORDS = frozenset(_STOP.split())

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_HAN_RUN = re.compile(f"[{HAN}]+")
_POSSESSIVE = re.compile(r"(?<=\w)['\u2019\u02bc\u2018]s\b")
_APOSTROPHE = re.compile(r"(?<=\w)['\u2019\u02bc\u2018](?=\w)")
_NOT_WORD = re.compile(r"[\W_]+")
_WORD = re.compile(f"[{HAN}]|[^\\W{HAN}]+")
_SURFACE = re.compile(f"[^\\W_{HAN}]+")


def fold(text: str) -> str:
    """Fold widths, compatibility forms and case; punctuation stays."""
    return unicodedata.normalize("NFKC", text).lower()


def plain(text: str) -> str:
    """Folded text with only letters, digits and single spaces, ready for any tokenizer."""
    text = _APOSTROPHE.sub("", _POSSESSIVE.sub("", fold(text)))
    return _NOT_WORD.sub(" ", text).strip()


def surface_words(text: str) -> list[str]:
    """Latin words and numbers of plain text, unstemmed, in order."""
    return _SURFACE.findall(text)


def han_runs(text: str) -> list[str]:
    """Runs of Chinese characters, in order."""
    return _HAN_RUN.findall(text)


def bigrams(text: str) -> list[str]:
    """Overlapping pairs of each run of Chinese characters; a lone character stands for itself."""
    out: list[str] = []
    for run in _HAN_RUN.findall(text):
        if len(run) == 1:
            out.append(run)
        else:
            out.extend(run[i : i + 2] for i in range(len(run) - 1))
    return out


def word_analyzer() -> TextAnalyzer:
    """The word chain of the embedded engine: characters of Chinese, stems of English, stop words removed."""
    return (
        TextAnalyzerBuilder(Tokenizer.regex(r"\p{Han}|[\p{L}\p{N}\p{M}--\p{Han}]+"))
        .filter(Filter.remove_long(60))
        .filter(Filter.lowercase())
        .filter(Filter.custom_stopword(sorted(STOP_WORDS)))
        .filter(Filter.stemmer("english"))
        .build()
    )


_ANALYZER = word_analyzer()


def terms(text: str) -> list[str]:
    """Index terms of plain text, exactly as the engines make them."""
    return _ANALYZER.analyze(text)


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Index term of one word, or an empty string for a stop word."""
    found = _ANALYZER.analyze(word)
    return found[0] if found else ""


def is_han(text: str) -> bool:
    """Whether the text has any Chinese character."""
    return bool(_HAN_RUN.search(text))


def detect_language(text: str) -> str:
    """``zh-hans`` when Chinese characters carry the text, else ``en``."""
    han = sum(len(run) for run in _HAN_RUN.findall(text))
    latin = len(_SURFACE.findall(text))
    return "zh-hans" if han and han >= latin else "en"


def syllables(text: str) -> list[list[str]]:
    """Pinyin without tones of each Chinese run: ``洗衣机`` → ``[["xi", "yi", "ji"]]``."""
    return [lazy_pinyin(run, style=Style.NORMAL, errors="ignore") for run in _HAN_RUN.findall(text)]


def pinyin_terms(text: str) -> str:
    """Pairs of neighbouring syllables (``xiyi yiji``), what full pinyin is matched against."""
    out: list[str] = []
    for run in syllables(text):
        out.extend(run[i] + run[i + 1] for i in range(len(run) - 1))
    return " ".join(dict.fromkeys(out))


def initial_terms(text: str, *, longest: int = 6) -> str:
    """Initials of every two to six neighbouring syllables (``xy xyj yj``), what initials are matched against."""
    out: list[str] = []
    for run in syllables(text):
        letters = "".join(s[0] for s in run if s)
        for start in range(len(letters) - 1):
            for end in range(start + 2, min(start + longest, len(letters)) + 1):
                out.append(letters[start:end])
    return " ".join(dict.fromkeys(out))
