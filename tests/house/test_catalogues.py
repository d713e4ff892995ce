"""Every text has its Chinese: nothing untranslated, nothing contradictory, placeholders kept, the compiled catalogue current."""

import re

import polib
from django.core.management import call_command
from django.utils import translation

from tests.house import msgids
from tests.house.sources import ROOT, name_of, product_modules, templates, text, tree

LOCALE = ROOT / "locale/zh_Hans"
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]|{(\w*)}")
CJK = re.compile(r"[\u4e00-\u9fff]")
# Names that stay as they are in both languages.
SAME_IN_CHINESE = re.compile(r"[\W\d_]*|(%\(\w+\)s|[\W\d_])*")


def parts() -> list:
    """Return the hand-written catalogues."""
    return sorted(LOCALE.glob("parts/*.po")) + [path for path in [LOCALE / "LC_MESSAGES/django.po"] if path.exists()]


def entries():
    """Yield (catalogue, entry) for every entry of every part."""
    for path in parts():
        for entry in polib.pofile(str(path)):
            if not entry.obsolete:
                yield path, entry


def chinese() -> dict[tuple[str | None, str], str]:
    """Return the translations of all parts."""
    found = {}
    for _path, entry in entries():
        found[(entry.msgctxt, entry.msgid)] = entry.msgstr or entry.msgstr_plural.get(0, "")
    return found


def translated_by_a_library(context: str | None, msgid: str) -> bool:
    """Return whether Django, Wagtail or allauth already bring the Chinese of this text."""
    with translation.override("zh-hans"):
        answer = translation.pgettext(context, msgid) if context else translation.gettext(msgid)
    return answer != msgid


def test_every_text_has_its_chinese() -> None:
    known = chinese()
    missing = [
        f"{where}: {context or ''} {msgid!r}"
        for (context, msgid), where in sorted(msgids.used().items(), key=lambda item: item[1])
        if not known.get((context, msgid)) and not SAME_IN_CHINESE.fullmatch(msgid) and not translated_by_a_library(context, msgid)
    ]
    assert missing == []


def test_no_part_contradicts_another() -> None:
    seen: dict[tuple[str | None, str], tuple[str, str]] = {}
    contradictions = []
    for path, entry in entries():
        key, value = (entry.msgctxt, entry.msgid), entry.msgstr or entry.msgstr_plural.get(0, "")
        if key in seen and seen[key][0] != value:
            contradictions.append(f"{entry.msgid!r}: {seen[key][1]} and {name_of(path)}")
        seen[key] = (value, name_of(path))
    assert contradictions == []


def test_placeholders_survive_the_translation() -> None:
    broken = []
    for path, entry in entries():
        wanted = {hit.group() for hit in PLACEHOLDER.finditer(entry.msgid)}
        if entry.msgid_plural:
            wanted |= {hit.group() for hit in PLACEHOLDER.finditer(entry.msgid_plural)}
        for value in [entry.msgstr, *entry.msgstr_plural.values()]:
            if value and {hit.group() for hit in PLACEHOLDER.finditer(value)} != wanted:
                broken.append(f"{name_of(path)}: {entry.msgid!r} -> {value!r}")
    assert broken == []


def test_the_chinese_has_chinese_punctuation() -> None:
    wrong = [
        f"{name_of(path)}: {entry.msgstr!r}" for path, entry in entries() if re.search(r"[\u4e00-\u9fff][,;?!](?![\w/])", entry.msgstr)
    ]
    assert wrong == []


def test_messages_are_never_computed() -> None:
    assert msgids.computed() == []


def test_the_compiled_catalogue_is_current() -> None:
    call_command("compile_catalogues", check=True)


def test_templates_hold_no_chinese_of_their_own() -> None:
    """Words belong in the catalogue; the names of the languages and sample input marked lang="zh-Hans" are meant."""
    offenders = []
    for path in templates():
        content = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}|<!--.*?-->", "", text(path), flags=re.DOTALL)
        for number, line in enumerate(content.splitlines(), 1):
            if CJK.search(line) and "lang=" not in line and "style_guide" not in path.name:
                offenders.append(f"{name_of(path)}:{number}: {line.strip()[:80]}")
    assert offenders == []


def test_every_module_that_is_searched_for_texts_can_be_read() -> None:
    assert all(tree(path) for path in product_modules())
