"""How a text reads: long sentences and paragraphs, words to avoid, numbers and units, how readers are addressed, dangers told too late.

Pure: works on passages of plain words with their place, knows no pages and asks no database. What it finds is advice, never a rule:
formulas of readability were left out, since none is made for short instructions in both languages.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from core.i18n import normal_language

ZH = "zh-hans"
SENTENCE = {ZH: 45, "en": 25}
PARAGRAPH = {ZH: 160, "en": 90}
SHOWN = 3
QUOTED = 24
# Words that speak of a danger: whoever reads a step with one of them should have been warned before the first step.
DANGER_WORDS = {
    ZH: re.compile(r"触电|漏电|带电|电击|燃气|煤气|天然气|一氧化碳|烫伤|高温|明火|爆炸|割伤|划伤|夹手|坠落|制冷剂|冻伤|高压"),
    "en": re.compile(
        r"\b(?:electric shock|live wire|mains|gas leak|carbon monoxide|burns?|scald\w*|open flame|explo\w+"
        r"|sharp|refrigerant|frostbite|high voltage)\b",
        re.I,
    ),
}
EMPTY_LINKS = re.compile(
    r">\s*(?:请?点击?(?:这里|此处|链接)?|点此|这里|此处|链接|详情|查看(?:详情|更多)?|更多"
    r"|click(?: here)?|here|this(?: page| link)?|link|read more|more|see more|details?)\s*[。.!！]?\s*</a>",
    re.I,
)
FAKE_HEADING = re.compile(r"<p[^>]*>\s*<b>([^<]{2,40})</b>\s*[:：]?\s*</p>", re.I)
# What makes a machine safe, and what opens it: the first has to be said before the second.
MAKE_SAFE = {
    ZH: re.compile(
        r"断电|断开电源|切断电源|拉下?总闸|拔(?:下|掉|出|了)?(?:电源)?(?:插头|电源线)|关(?:闭|上|掉)?(?:进水|水|燃气|煤气)(?:阀|龙头)"
    ),
    "en": re.compile(
        r"\b(?:unplug\w*|pull (?:out )?the plug|disconnect (?:it from )?the (?:power|mains|gas)"
        r"|(?:switch|turn|shut)(?:es|ing)? off (?:at )?the (?:power|mains|breaker|electricity|water|gas)\w*)\b",
        re.I,
    ),
}
OPENS = {
    ZH: re.compile(r"(?:拆(?:下|开|掉)|打开|卸下|取下|撬开).{0,8}(?:外壳|后盖|面板|盖板|护板|内胆)|伸手进|把手伸|带电"),
    "en": re.compile(
        r"\b(?:(?:open|remove|take off|unscrew|lift off) the (?:back |rear |front |side |top )?(?:cover|panel|housing|casing)"
        r"|reach in(?:to)?)\b",
        re.I,
    ),
}
LATE_WARNING = {
    ZH: re.compile(r"(?:警告|危险|当心|小心|注意)[：:！!]"),
    "en": re.compile(r"(?:^|[.!?]\s+)(?:warning|danger|caution|be careful|careful)\b\s*[:!,]?", re.I),
}
PASSIVE = {
    ZH: re.compile(r"(?:应|须|需|要|应该|需要|必须)(?:当)?(?:被|由(?:您|用户|客户|操作人员))|被(?:您|用户|操作人员)"),
    "en": re.compile(
        r"\b(?:should|must|needs? to|ha(?:s|ve) to|can|may|is to|are to) be (?:\w+ly )?"
        r"(?:\w{2,}ed|\w{2,}en|put|set|cut|shut|held|done|found)\b",
        re.I,
    ),
}
_UNITS = r"mm|cm|km|kg|mg|ml|mL|kWh|kW|W|V|mA|GHz|MHz|kHz|Hz|MPa|kPa|bar|min|rpm|dB|m|g|L"
_NUMBER = r"(?<![A-Za-z0-9.,/\-–])\d+(?:[.,]\d+)?"
TIGHT_UNITS = {
    ZH: re.compile(rf"{_NUMBER}(?:(?:{_UNITS})(?![A-Za-z0-9])|毫米|厘米|米|分钟|小时|秒|公斤|千克|克|毫升|升|瓦|伏|安培|赫兹)"),
    "en": re.compile(rf"{_NUMBER}(?:{_UNITS}|minutes?|hours?|seconds?|days?|litres?|degrees)(?![A-Za-z0-9])"),
}
WIDE = re.compile(r"[０-９Ａ-Ｚａ-ｚ]+")
_POLITE, _FAMILIAR = re.compile(r"您"), re.compile(r"你(?!好)")
_ZH_END = re.compile(r"[。！？!?；;\n]+")
_EN_END = re.compile(r"(?<=[.!?])\s+|\n+")
_BREAK = re.compile(r"</(?:p|li|h\d)>|<br\s*/?>", re.IGNORECASE)


@dataclass(frozen=True)
class Finding:
    """Something to look at: what to do about it, where, whether it keeps the page from its reviewers, and the name of its rule."""

    text: str
    where: str = ""
    must: bool = False
    code: str = ""


@dataclass(frozen=True)
class Passage:
    """A text with its place: plain `words` (a line for each paragraph), the rich text they come from, the number of the step (0: none)."""

    where: str
    words: str
    source: str = ""
    step: int = 0


@dataclass(frozen=True)
class WordRule:
    """A word to avoid and what to say instead (may be empty). `kind`: `plain` (customers do not use it) or `term` (it has another name)."""

    avoid: str
    instead: str = ""
    kind: str = "plain"


@dataclass(frozen=True)
class Measures:
    """What counts as long, in characters (Chinese) or words, and the words to avoid in the language of the text."""

    sentence: int = SENTENCE[ZH]
    paragraph: int = PARAGRAPH[ZH]
    words: tuple[WordRule, ...] = ()


def look_at(passages: Sequence[Passage], language: str, measures: Measures) -> list[Finding]:
    """Return what to look at in the passages of one text, in their order rule by rule; at most SHOWN places a rule, then how many more."""
    spoken = ZH if normal_language(language) == ZH else "en"
    rules = (
        _sentences(passages, spoken, measures),
        _paragraphs(passages, spoken, measures),
        _words(passages, spoken, measures.words),
        _passive(passages, spoken),
        _address(passages, spoken),
        _numbers(passages, spoken),
        _links(passages),
        _fake_headings(passages),
        _late_warnings(passages, spoken),
        _order_of_steps(passages, spoken),
    )
    return [finding for rule in rules for finding in few(rule)]


def few(found: Iterable[Finding]) -> list[Finding]:
    """Return the first findings of one rule, and a last one that says how many more there are."""
    every = list(found)
    if len(every) <= SHOWN + 1:
        return every
    rest = every[SHOWN:]
    places = _(", ").join(dict.fromkeys(finding.where for finding in rest[:SHOWN] if finding.where))
    words = _("The same in %(number)s more places.") % {"number": len(rest)}
    return [*every[:SHOWN], Finding(words, places, code=every[0].code)]


# --- measures ----------------------------------------------------------------------------------------------------------


def sentences(text: str, language: str) -> list[str]:
    """Return the sentences of a plain text."""
    parts = _ZH_END.split(text) if normal_language(language) == ZH else _EN_END.split(text)
    return [" ".join(part.split()) for part in parts if part.strip()]


def length_of(sentence: str, language: str) -> int:
    """Return how long a text is: Chinese in characters (a number or Latin word counts one), others in words."""
    if normal_language(language) == ZH:
        return len(re.findall(r"[A-Za-z0-9][A-Za-z0-9.\-/°%]*|[㐀-鿿]", sentence))
    return len(re.findall(r"[\w'’\-]+", sentence))


def long_sentences(text: str, language: str, *, longest: int) -> list[str]:
    """Return the sentences of `text` that are longer than `longest` characters (Chinese) or words (English)."""
    return [sentence for sentence in sentences(text, language) if length_of(sentence, language) > longest]


def plain(source: Any) -> str:
    """Return the words of rich text, a line for each paragraph."""
    return unescape(strip_tags(_BREAK.sub("\n", str(getattr(source, "source", source) or ""))))


def _quoted(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= QUOTED else words[:QUOTED].rstrip() + "…"


# --- rules -------------------------------------------------------------------------------------------------------------


def _sentences(passages: Sequence[Passage], language: str, measures: Measures) -> Iterator[Finding]:
    for passage in passages:
        for sentence in long_sentences(passage.words, language, longest=measures.sentence):
            size = {"size": length_of(sentence, language), "start": sentence[:QUOTED]}
            words = (
                _("A sentence of %(size)s characters: “%(start)s…”. Make two of it.") % size
                if language == ZH
                else _("A sentence of %(size)s words: “%(start)s…”. Make two of it.") % size
            )
            yield Finding(words, passage.where, code="sentence")


def _paragraphs(passages: Sequence[Passage], language: str, measures: Measures) -> Iterator[Finding]:
    for passage in passages:
        for paragraph in passage.words.split("\n"):
            if length_of(paragraph, language) > measures.paragraph:
                words = _("A long paragraph: “%(start)s”. Divide it, or make a list of it.")
                yield Finding(words % {"start": _quoted(paragraph)}, passage.where, code="paragraph")


def _words(passages: Sequence[Passage], language: str, rules: Iterable[WordRule]) -> Iterator[Finding]:
    compiled = [(rule, _pattern(rule.avoid, language)) for rule in rules if rule.avoid.strip()]
    for passage in passages:
        for rule, pattern in compiled:
            if hit := pattern.search(passage.words):
                yield Finding(_said(rule, hit[0]), passage.where, code=rule.kind)


def _pattern(word: str, language: str) -> re.Pattern[str]:
    inner = re.escape(" ".join(word.split())).replace(r"\ ", r"\s+")
    return re.compile(inner if language == ZH else rf"(?<!\w){inner}(?!\w)", re.I)


def _said(rule: WordRule, word: str) -> str:
    values = {"word": word, "instead": rule.instead}
    if rule.kind == "term" and rule.instead:
        return _("“%(word)s” is called “%(instead)s” everywhere else.") % values
    if rule.instead:
        return _("“%(word)s”: better “%(instead)s”.") % values
    return _("“%(word)s”: leave it out, or say it in everyday words.") % values


def _passive(passages: Sequence[Passage], language: str) -> Iterator[Finding]:
    for passage in passages:
        if hit := PASSIVE[language].search(passage.words):
            yield Finding(
                _("“%(words)s”: say to the reader what to do, with a verb in front.") % {"words": hit[0]}, passage.where, code="passive"
            )


def _address(passages: Sequence[Passage], language: str) -> Iterator[Finding]:
    """Two ways of addressing the reader in one text; the rarer one is named."""
    if language != ZH:
        return
    polite = [passage.where for passage in passages if _POLITE.search(passage.words)]
    familiar = [passage.where for passage in passages if _FAMILIAR.search(passage.words)]
    if polite and familiar:
        rare, word = (familiar, "你") if len(familiar) <= len(polite) else (polite, "您")
        yield Finding(_("“您” and “你” are mixed: here it says “%(word)s”. Keep to one of them.") % {"word": word}, rare[0], code="address")


def _numbers(passages: Sequence[Passage], language: str) -> Iterator[Finding]:
    for passage in passages:
        if hit := WIDE.search(passage.words):
            yield Finding(
                _("“%(word)s” is full width: write numbers and letters half width.") % {"word": hit[0]}, passage.where, code="width"
            )
        if hit := TIGHT_UNITS[language].search(passage.words):
            yield Finding(_("“%(word)s”: put a space between number and unit.") % {"word": hit[0]}, passage.where, code="unit")


def _links(passages: Sequence[Passage]) -> Iterator[Finding]:
    for passage in passages:
        if EMPTY_LINKS.search(passage.source):
            yield Finding(_("A link says only “here”: let its words say where it leads."), passage.where, code="link")


def _fake_headings(passages: Sequence[Passage]) -> Iterator[Finding]:
    for passage in passages:
        if hit := FAKE_HEADING.search(passage.source):
            words = _("“%(title)s” is a bold line in the place of a heading: begin a part with this heading instead.")
            yield Finding(words % {"title": unescape(hit[1]).strip()}, passage.where, code="heading")


def _late_warnings(passages: Sequence[Passage], language: str) -> Iterator[Finding]:
    """A warning inside the text of a step: it is read after the step was begun."""
    for passage in passages:
        if passage.step and passage.source and LATE_WARNING[language].search(passage.words):
            words = _("A warning stands in the text of the step. Put it into “be careful”: readers see that first.")
            yield Finding(words, passage.where, code="late_warning")


def _order_of_steps(passages: Sequence[Passage], language: str) -> Iterator[Finding]:
    """A step that opens the machine before the one that makes it safe; a warning before the steps makes it right."""
    if any(not passage.step and MAKE_SAFE[language].search(passage.words) for passage in passages):
        return
    opens = next((passage for passage in passages if passage.step and OPENS[language].search(passage.words)), None)
    safe = next((passage for passage in passages if passage.step and MAKE_SAFE[language].search(passage.words)), None)
    if opens and safe and opens.step < safe.step:
        words = _("Only here it is switched off, and step %(step)s opens the machine already. Move this step before it.")
        yield Finding(words % {"step": opens.step}, safe.where, code="order")
