"""What an editor should see before the reviewers do: pictures without words, dangers nobody warns of, bare steps, and how the text reads.

Works on the text of a page as it stands in the editor; needs no database but what the text itself loads. Two findings (a picture without
words, a safety note that is not published) stop the submission; the others are advice.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from core.i18n import bilingual, normal_language
from kb.condition_blocks import condition_of
from kb.readability import (
    DANGER_WORDS,
    PARAGRAPH,
    SENTENCE,
    Finding,
    Measures,
    Passage,
    few,
    length_of,
    long_sentences,
    look_at,
    plain,
    sentences,
)
from kb.redaction import find_personal

LONG_TEXT = 600
__all__ = ["Finding", "blocking", "findings", "length_of", "long_sentences", "sentences"]


def passages_of(page: Any) -> list[Passage]:
    """Return everything that is read of a page, with its place; titles of parts and questions as well."""
    return [Passage(_("title"), page.title), Passage(_("summary"), page.summary), *_texts(page.body)]


def _texts(body: Any) -> Iterator[Passage]:
    count = 0
    for number, block in enumerate(body, start=1):
        value, where = block.value, _place(block, number)
        match block.block_type:
            case "paragraph" | "warning" | "stop":
                yield Passage(where, plain(value.get("title", "")))
                yield Passage(where, plain(value["text"]), _source(value["text"]))
            case "steps":
                yield Passage(where, value["title"])
                for place, step in enumerate(value["steps"], start=1):
                    count += 1
                    at = _("step %(number)s") % {"number": place}
                    yield Passage(at, plain(step["title"]), step=count)
                    yield Passage(at, plain(step["text"]), _source(step["text"]), step=count)
                    for words in (step["tip"], step["warning"]):
                        yield Passage(at, plain(words), step=count)
            case "faq":
                for item in value["questions"]:
                    yield Passage(item["question"], item["question"])
                    yield Passage(item["question"], plain(item["answer"]), _source(item["answer"]))
            case "video":
                yield Passage(where, plain(value["transcript"]), _source(value["transcript"]))


def _source(text: Any) -> str:
    """Return rich text as it is stored, links with their targets."""
    return str(getattr(text, "source", text) or "")


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


def blocking(body: Any, *, language: str) -> list[Finding]:
    """Return what keeps a text from its reviewers: pictures that nobody describes, safety notes that nobody has approved."""
    found = [
        Finding(_("The picture has no text alternative."), where, must=True, code="alt")
        for where in pictures_without_words(body, language=language)
    ]
    words = _("The safety note is not published: have it approved first.")
    return found + [Finding(words, note.title, must=True, code="note") for note in unpublished_notes(body)]


def unpublished_notes(body: Any) -> list[Any]:
    """Return the safety notes of a text that readers would not see."""
    notes = [block.value["note"] for block in body if block.block_type == "safety"]
    return [note for note in notes if note is not None and not note.live]


def findings(page: Any, *, measures: Measures | None = None) -> list[Finding]:
    """Return everything an editor should look at before handing a guide in, what stops the submission first."""
    language = normal_language(page.locale.language_code)
    measures = measures or Measures(sentence=SENTENCE[language], paragraph=PARAGRAPH[language])
    found = blocking(page.body, language=language)
    for rule in (_dangers(page.body, language), _headings(page.body), _steps(page.body), _media(page.body), _readers(page)):
        found += few(rule)
    passages = passages_of(page)
    return found + few(_personal(passages)) + look_at(passages, language, measures)


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


def _personal(passages: list[Passage]) -> Iterator[Finding]:
    """What looks like a person's name, number or address: a guide drafted from a case may still carry some."""
    for passage in passages:
        if hits := find_personal(passage.words):
            words = "; ".join(dict.fromkeys(f"{hit.word}: {hit.text}" for hit in hits[:3]))
            yield Finding(_("This looks like personal data: %(found)s") % {"found": words}, passage.where, code="personal")


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
