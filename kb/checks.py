"""What an editor should see before the reviewers do: pictures without words, long sentences, dangers nobody warns of, bare steps.

Works on the text of a page as it stands in the editor; needs no database but what the text itself loads. One finding (a picture without
words) stops the submission; the others are advice.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from core.i18n import bilingual, normal_language
from kb.condition_blocks import condition_of

ZH_LONGEST, EN_LONGEST = 45, 25
LONG_TEXT = 600
SHOWN_SENTENCES = 3
QUOTED = 24
# Words that speak of a danger: whoever reads a step with one of them should have been warned before the first step.
DANGER_WORDS = {
    "zh-hans": re.compile(r"触电|漏电|带电|电击|燃气|煤气|天然气|一氧化碳|烫伤|高温|明火|爆炸|割伤|划伤|夹手|坠落|制冷剂|冻伤|高压"),
    "en": re.compile(
        r"\b(?:electric shock|live wire|mains|gas leak|carbon monoxide|burns?|scald\w*|open flame|explo\w+"
        r"|sharp|refrigerant|frostbite|high voltage)\b",
        re.I,
    ),
}
EMPTY_LINKS = re.compile(r">\s*(点击?这里|点此|这里|click here|here|read more)\s*</a>", re.IGNORECASE)
_ZH_END = re.compile(r"[。！？!?；;\n]+")
_EN_END = re.compile(r"(?<=[.!?])\s+|\n+")
_BREAK = re.compile(r"</(?:p|li|h\d)>|<br\s*/?>", re.IGNORECASE)


@dataclass(frozen=True)
class Finding:
    """Something to look at: what, where, and whether it keeps the page from its reviewers."""

    text: str
    where: str = ""
    must: bool = False


def sentences(text: str, language: str) -> list[str]:
    """Return the sentences of a plain text."""
    parts = _ZH_END.split(text) if normal_language(language) == "zh-hans" else _EN_END.split(text)
    return [" ".join(part.split()) for part in parts if part.strip()]


def length_of(sentence: str, language: str) -> int:
    """Return how long a sentence is: Chinese in characters (a number or Latin word counts one), others in words."""
    if normal_language(language) == "zh-hans":
        return len(re.findall(r"[A-Za-z0-9][A-Za-z0-9.\-/°%]*|[㐀-鿿]", sentence))
    return len(re.findall(r"[\w'’\-]+", sentence))


def long_sentences(text: str, language: str, *, longest: int) -> list[str]:
    """Return the sentences of `text` that are longer than `longest` characters (Chinese) or words (English)."""
    return [sentence for sentence in sentences(text, language) if length_of(sentence, language) > longest]


def plain(source: Any) -> str:
    """Return the words of rich text, a line for each paragraph."""
    return unescape(strip_tags(_BREAK.sub("\n", str(getattr(source, "source", source) or ""))))


def texts_of(body: Any) -> Iterator[tuple[str, str, str]]:
    """Yield (where, words, source) of everything that is read in a page's blocks."""
    for number, block in enumerate(body, start=1):
        value = block.value
        match block.block_type:
            case "paragraph" | "warning" | "stop":
                yield _place(block, number), plain(value["text"]), str(value["text"])
            case "steps":
                for place, step in enumerate(value["steps"], start=1):
                    where = _("step %(number)s") % {"number": place}
                    for words in (step["title"], step["text"], step["tip"], step["warning"]):
                        yield where, plain(words), str(words)
            case "faq":
                for item in value["questions"]:
                    yield item["question"], plain(item["answer"]), str(item["answer"])
            case "video":
                yield _place(block, number), plain(value["transcript"]), str(value["transcript"])


def _place(block: Any, number: int) -> str:
    title = block.value.get("title") if hasattr(block.value, "get") else ""
    return title or _("part %(number)s (%(kind)s)") % {"number": number, "kind": block.block.label}


def pictures_without_words(body: Any, *, language: str) -> list[str]:
    """Return where pictures stand that nobody describes: neither here nor at the picture itself, in the page's language."""
    found = []
    for number, block in enumerate(body, start=1):
        if block.block_type == "steps":
            for place, step in enumerate(block.value["steps"], start=1):
                if step["image"] and not (step["image_alt"] or bilingual(step["image"], "alt", language or None)):
                    found.append(_("step %(number)s") % {"number": place})
        elif block.block_type == "picture" and not (block.value["alt"] or bilingual(block.value["image"], "alt", language or None)):
            found.append(block.value["caption"] or _place(block, number))
    return found


def findings(page: Any, *, longest_zh: int = ZH_LONGEST, longest_en: int = EN_LONGEST) -> list[Finding]:
    """Return everything an editor should look at before handing a guide in, what stops the submission first."""
    language = normal_language(page.locale.language_code)
    longest = longest_zh if language == "zh-hans" else longest_en
    found: list[Finding] = [
        Finding(_("The picture has no text alternative."), where, must=True)
        for where in pictures_without_words(page.body, language=language)
    ]
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        lambda: _dangers(page.body, language),
        lambda: _readability(page, language, longest),
        lambda: _headings(page.body),
        lambda: _steps(page.body),
        lambda: _media(page.body),
        lambda: _readers(page),
    )
    for check in checks:
        found += check()
    return found


def _dangers(body: Any, language: str) -> Iterator[Finding]:
    """Dangers that the steps speak of and nothing warns of before the first step (warnings are moved before it on the page)."""
    if any(block.block_type in {"warning", "safety"} for block in body):
        return
    for block in body:
        if block.block_type != "steps":
            continue
        for place, step in enumerate(block.value["steps"], start=1):
            words = f"{step['title']} {plain(step['text'])} {step['warning']}"
            if hit := DANGER_WORDS[language].search(words):
                yield Finding(
                    _("“%(word)s” is spoken of, and no warning stands before the first step.") % {"word": hit[0]},
                    _("step %(number)s") % {"number": place},
                )
                return


def _readability(page: Any, language: str, longest: int) -> Iterator[Finding]:
    everything = [(_("summary"), page.summary), *((where, words) for where, words, _source in texts_of(page.body))]
    long = [(where, sentence) for where, words in everything for sentence in long_sentences(words, language, longest=longest)]
    for where, sentence in long[:SHOWN_SENTENCES]:
        size = {"size": length_of(sentence, language), "start": sentence[:QUOTED]}
        yield Finding(
            _("A sentence of %(size)s characters: “%(start)s…”. Make two of it.") % size
            if language == "zh-hans"
            else _("A sentence of %(size)s words: “%(start)s…”. Make two of it.") % size,
            where,
        )
    if len(long) > SHOWN_SENTENCES:
        yield Finding(_("%(number)s more sentences are too long.") % {"number": len(long) - SHOWN_SENTENCES})
    for where, _words, source in texts_of(page.body):
        if EMPTY_LINKS.search(source):
            yield Finding(_("A link says only “here”: let its words say where it leads."), where)


def _headings(body: Any) -> Iterator[Finding]:
    titles = [block.value.get("title") for block in body if block.block_type in {"paragraph", "steps", "faq", "video"}]
    for title, times in Counter(title for title in titles if title).items():
        if times > 1:
            yield Finding(_("%(times)s parts have the same heading.") % {"times": times}, title)
    if sum(1 for block in body if block.block_type == "steps" and not block.value["title"]) > 1:
        yield Finding(_("Several runs of steps have no heading: readers cannot tell them apart."))
    for number, block in enumerate(body, start=1):
        if block.block_type == "paragraph" and not block.value["title"] and len(plain(block.value["text"])) > LONG_TEXT:
            yield Finding(_("A long text without a heading."), _place(block, number))


def _steps(body: Any) -> Iterator[Finding]:
    steps = [step for block in body if block.block_type == "steps" for step in block.value["steps"]]
    bare = [place for place, step in enumerate(steps, start=1) if not step["image"]]
    if bare:
        numbers = _(", ").join(str(place) for place in bare)
        yield Finding(
            _("%(bare)s of %(steps)s steps have no picture: %(numbers)s.") % {"bare": len(bare), "steps": len(steps), "numbers": numbers}
        )


def _media(body: Any) -> Iterator[Finding]:
    for number, block in enumerate(body, start=1):
        if block.block_type == "video" and not block.value["captions"]:
            yield Finding(_("The video has no captions."), _place(block, number))


def _readers(page: Any) -> Iterator[Finding]:
    """Parts that no reader of the page can ever see: for models that the page is not about."""
    models = {model.slug for model in page.product_models.all()}
    if not models:
        return
    for number, block in enumerate(page.body, start=1):
        condition = condition_of(block.value.get("only_for"))
        strangers = condition.models - models
        if strangers and not condition.families and not condition.models & models:
            yield Finding(
                _("Only for %(models)s, which this guide is not about: nobody sees it.") % {"models": _(", ").join(sorted(strangers))},
                _place(block, number),
            )
