"""Guides from Markdown: what stands between the two `---` says what it is about, the rest becomes the blocks. Imported ones are drafts."""

import json
import re
from collections.abc import Sequence
from typing import Any

import yaml
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import history
from core.i18n import normal_language
from core.imports.reading import Problem
from core.imports.table import CHANGE, CREATE, SAME, WRONG, Importer, Outcome, add_importer
from kb import markdown
from kb.drafting import may_start, start_guide
from kb.models import GuidePage
from kb.slugs import is_ascii_slug, slug_from
from products.codes import normal_code, normal_model
from products.models import ErrorCode, ProductFamily, ProductModel

FRONT = re.compile(r"\A---[ \t]*\n(.*?\n)---[ \t]*(?:\n|\Z)", re.DOTALL)
KEYS = {
    "title": ("标题",),
    "slug": ("网址",),
    "language": ("语言",),
    "kind": ("类型",),
    "summary": ("摘要",),
    "families": ("品类",),
    "models": ("型号",),
    "codes": ("代码",),
    "keywords": ("关键词",),
    "minutes": ("分钟",),
    "difficulty": ("难度",),
}
LANGUAGES = {"zh-hans": "zh-hans", "zh": "zh-hans", "中文": "zh-hans", "en": "en", "english": "en"}
KINDS = {
    "guide": "guide",
    "自己动手": "guide",
    "how_to": "how_to",
    "how-to": "how_to",
    "用法": "how_to",
    "faq": "faq",
    "问答": "faq",
    "manual": "manual",
}
KINDS |= {"说明书": "manual"}
LEVELS = {"easy": "easy", "容易": "easy", "medium": "medium", "中等": "medium", "hard": "hard", "难": "hard"}
REMARKS = {
    "empty_heading": gettext_lazy("Below the heading “%(value)s” there is nothing."),
    "no_answer": gettext_lazy("The question “%(value)s” has no answer."),
}
TEMPLATE = """---
title: 滚筒洗衣机不排水
language: zh-hans
kind: guide
summary: 水排不出去，先清理排水泵过滤器。
families: washing-machines
models: WF10-320
codes: E2
keywords: 不排水, 水排不掉
minutes: 20
difficulty: easy
---

> 警告：先断电。水可能还是烫的。

## 清理过滤器

1. 关机、拔插头。等 30 分钟。
2. **逆时针拧下过滤器**：慢慢拧，下面垫毛巾。

| 现象 | 原因 |
|---|---|
| 嗡嗡响 | 卡了硬币 |

## 常见问题

### 会影响保修吗？

不会。

## 何时停下

- 闻到焦味
"""


class _File:
    """One file under judgement: its values, its blocks, its problems with line and name."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.problems: list[Problem] = []
        self.values: dict[str, Any] = {}
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        front = FRONT.match(text)
        self.lines = (front[1] if front else "").split("\n")
        rest, first = (text[front.end() :], front[0].count("\n") + 1) if front else (text, 1)
        if front:
            self._read_front(front[1])
        self.reading = markdown.read(rest, first_line=first)
        for line, key, value in self.reading.remarks:
            self.problems.append(Problem(line, "", str(REMARKS[key]) % {"value": value[:60]}))

    def _read_front(self, text: str) -> None:
        try:
            data = yaml.safe_load(text)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            self.problems.append(Problem(mark.line + 2 if mark else 1, "", _("The part between the two --- lines cannot be read.")))
            return
        if not isinstance(data, dict):
            self.problems.append(Problem(1, "", _("The part between the two --- lines cannot be read.")))
            return
        words = {word: key for key, others in KEYS.items() for word in (key, *others)}
        for given, value in data.items():
            key = words.get(str(given).strip().lower())
            if key is None:
                self.wrong(
                    str(given), _("We do not know “%(key)s”. Known are: %(keys)s.") % {"key": str(given)[:40], "keys": ", ".join(KEYS)}
                )
            else:
                self.values[key] = value

    def wrong(self, key: str, words: str) -> None:
        """Note a problem at the line of a key."""
        names = (key, *KEYS.get(key, ()))
        line = next((place for place, line in enumerate(self.lines, start=2) if line.split(":")[0].strip() in names), 1)
        self.problems.append(Problem(line, key, words))

    def text(self, key: str, *, longest: int) -> str:
        """Return a text of the front part."""
        value = self.values.get(key, "")
        if isinstance(value, dict | list):
            self.wrong(key, _("Write a text here."))
            return ""
        plain = " ".join(str(value if value is not None else "").split())
        if len(plain) > longest:
            self.wrong(key, _("At most %(count)s characters; this has %(has)s.") % {"count": longest, "has": len(plain)})
        return plain

    def several(self, key: str) -> list[str]:
        """Return a list of the front part, written as one or with commas."""
        value = self.values.get(key) or []
        parts = value if isinstance(value, list) else re.split(r"[,，、;；]", str(value))
        return [str(part).strip() for part in parts if str(part).strip()]

    def choice(self, key: str, words: dict[str, str], default: str) -> str:
        """Return what a word stands for."""
        value = self.text(key, longest=40).lower()
        if value and value not in words:
            self.wrong(key, _("“%(value)s” is not one of: %(words)s.") % {"value": value, "words": ", ".join(words)})
        return words.get(value, default)


def judge_guides(texts: Sequence[tuple[str, str]]) -> list[Outcome]:
    """Judge Markdown files; address and language are what makes two guides the same."""
    known = {(page.slug, normal_language(page.locale.language_code)): page for page in GuidePage.objects.select_related("locale")}
    families: dict[str, ProductFamily] = {}
    for family in ProductFamily.objects.all():
        for word in (family.slug, family.name_zh_hans, family.name_en):
            families[word.strip().lower()] = family
    models = {model.number_normal: model for model in ProductModel.objects.all()}
    codes = list(ErrorCode.objects.select_related("family"))
    seen: dict[tuple[str, str], str] = {}
    return [
        _judged(number, _File(name, text), known, (families, models, codes), seen) for number, (name, text) in enumerate(texts, start=1)
    ]


def _judged(number: int, file: _File, known: dict[Any, GuidePage], catalogue: tuple[Any, Any, Any], seen: dict[Any, str]) -> Outcome:
    title = file.text("title", longest=255) or file.reading.title
    if not title:
        file.problems.append(Problem(1, "title", _("Give it a title.")))
    language = file.choice("language", LANGUAGES, "zh-hans" if re.search(r"[\u4e00-\u9fff]", title) else "en")
    slug = file.text("slug", longest=60).lower() or slug_from(title) or slug_from(file.name.rsplit(".", 1)[0])
    if slug and not is_ascii_slug(slug):
        file.wrong("slug", _("Use small letters, digits and dashes."))
    summary = file.text("summary", longest=240)
    if not summary:
        file.wrong("summary", _("This is missing."))
    if not file.reading.blocks:
        file.problems.append(Problem(1, "", _("There is no text.")))
    minutes = file.text("minutes", longest=6)
    if minutes and not (minutes.isdigit() and 0 < int(minutes) < 10_000):
        file.wrong("minutes", _("Write a number of minutes."))
    if (slug, language) in seen:
        file.wrong("slug", _("The file %(file)s has the same address.") % {"file": seen[slug, language]})
    seen.setdefault((slug, language), file.name)
    values: dict[str, Any] = {
        "title": title,
        "kind": file.choice("kind", KINDS, "guide"),
        "summary": summary,
        "keywords": "\n".join(file.several("keywords")),
        "minutes": int(minutes) if minutes.isdigit() else None,
        "difficulty": file.choice("difficulty", LEVELS, ""),
    }
    related = _related(file, catalogue)
    label = f"{title or file.name} ({language})"
    if file.problems:
        return Outcome(number, WRONG, label, problems=tuple(file.problems), file=file.name)
    return _outcome(number, file, label, known.get((slug, language)), (slug, language), values, related)


def _related(file: _File, catalogue: tuple[Any, Any, Any]) -> dict[str, list[Any]]:
    families, models, codes = catalogue
    found: dict[str, list[Any]] = {"families": [], "product_models": [], "error_codes": []}
    for word in file.several("families"):
        if word.lower() in families:
            found["families"].append(families[word.lower()])
        else:
            file.wrong("families", _("We do not know the family “%(family)s”.") % {"family": word[:60]})
    for word in file.several("models"):
        if normal_model(word) in models:
            found["product_models"].append(models[normal_model(word)])
        else:
            file.wrong("models", _("We do not know the model “%(model)s”.") % {"model": word[:60]})
    own = {family.pk for family in found["families"]} | {model.family_id for model in found["product_models"]}
    for word in file.several("codes"):
        hits = [code for code in codes if code.code_normal == normal_code(word) and code.family_id in own]
        if hits:
            found["error_codes"] += hits
        else:
            file.wrong("codes", _("These families have no code “%(code)s”.") % {"code": word[:20]})
    return found


def _bare(body: Any) -> str:
    """Return a body without the ids of its blocks and what every block has by default, to compare two."""

    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: strip(item) for key, item in value.items() if key != "id"}
        return [strip(item) for item in value] if isinstance(value, list) else value

    whole = [{"type": block.block_type, "value": block.block.get_prep_value(block.value)} for block in body]
    return json.dumps(strip(whole), ensure_ascii=False, sort_keys=True)


def _outcome(
    number: int,
    file: _File,
    label: str,
    page: GuidePage | None,
    place: tuple[str, str],
    values: dict[str, Any],
    related: dict[str, list[Any]],
) -> Outcome:
    blocks = file.reading.blocks
    if page is None:
        return Outcome(number, CREATE, label, file=file.name, apply=lambda by: _create(by, place, values, related, blocks))
    draft = page.get_latest_revision_as_object()
    changes = [str(GuidePage._meta.get_field(name).verbose_name) for name, value in values.items() if getattr(draft, name) != value]
    for name, rows in related.items():
        if {row.pk for row in getattr(draft, name).all()} != {row.pk for row in rows}:
            changes.append(str(GuidePage._meta.get_field(name).verbose_name))
    if _bare(GuidePage(body=blocks).body) != _bare(draft.body):
        changes.append(_("text"))
    if not changes:
        return Outcome(number, SAME, label, file=file.name)
    return Outcome(
        number, CHANGE, label, changes=tuple(changes), file=file.name, apply=lambda by: _change(by, page, values, related, blocks)
    )


def _create(by: Any, place: tuple[str, str], values: dict[str, Any], related: dict[str, list[Any]], blocks: list[Any]) -> None:
    given = {name: value for name, value in values.items() if name not in {"title", "summary", "keywords"}}
    page = start_guide(
        by=by,
        language=place[1],
        title=values["title"],
        summary=values["summary"],
        keywords=values["keywords"].split("\n"),
        codes=related["error_codes"],
        body=blocks,
        verb="imported",
        slug=place[0],
        **given,
    )
    _set(page, related)
    page.save()
    page.save_revision(user=by, clean=False)


def _set(page: GuidePage, related: dict[str, list[Any]]) -> None:
    for name, rows in related.items():
        setattr(page, name, rows)


def _change(by: Any, page: GuidePage, values: dict[str, Any], related: dict[str, list[Any]], blocks: list[Any]) -> None:
    """Save the file as a new draft of the guide; what is public stays until it is published."""
    draft = page.get_latest_revision_as_object()
    for name, value in values.items():
        setattr(draft, name, value)
    draft.body = blocks
    _set(draft, related)
    draft.save_revision(user=by, changed=True, clean=False)
    history.record(page, "imported", by=by)


def register() -> None:
    """Put guides into the table of imports."""
    add_importer(
        Importer(
            key="guides",
            title=gettext_lazy("Guides"),
            text=gettext_lazy("Markdown files, alone or in a ZIP. They become drafts; reviewers see them before anybody else."),
            identity=gettext_lazy("Address and language."),
            may=may_start,
            judge_texts=judge_guides,
            template=TEMPLATE,
            order=50,
        )
    )
