"""Pages load nothing from elsewhere, carry no inline style or handler, and every vendored file has its licence listed."""

import re

from tests.house.sources import ROOT, files, name_of, templates, text

STATIC = ROOT / "portal/static/portal"


def ours() -> list:
    """Return the templates that visitors and agents see: not the mails (which style inline) and not the CMS (Wagtail's own rules)."""
    return [path for path in templates() if path.suffix == ".html" and not {"mail", "mails", "email", "wagtailadmin"} & set(path.parts)]


def without_comments(markup: str) -> str:
    """Return a template without its comments."""
    return re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}|<!--.*?-->", "", markup, flags=re.DOTALL)


def _offenders(pattern: str, paths) -> list[str]:
    found = []
    for path in paths:
        found += [
            f"{name_of(path)}: {hit.group()[:80]}" for hit in re.finditer(pattern, without_comments(text(path)), re.IGNORECASE | re.DOTALL)
        ]
    return found


def test_templates_load_nothing_from_elsewhere() -> None:
    loads = r"<(script|img|iframe|source|video|audio|embed)\b[^>]*\b(src|srcset)=[\"'](https?:)?//"
    sheets = r"<link\b(?=[^>]*\brel=[\"'](stylesheet|preload|icon|manifest|modulepreload))[^>]*href=[\"'](https?:)?//"
    assert _offenders(loads, templates()) + _offenders(sheets, templates()) == []


def test_style_sheets_and_scripts_load_nothing_from_elsewhere() -> None:
    sheets = _offenders(r"(url\(\s*[\"']?|@import\s+[\"'])(https?:)?//[^)\"']*", files(".css", under=("portal",)))
    scripts = _offenders(r"(from|import\(?|fetch\()\s*[\"'](https?:)?//[^\"']*", files(".js", under=("portal",)))
    assert sheets + scripts == []


def test_templates_have_no_inline_style() -> None:
    assert _offenders(r"<[a-z][^>]*\sstyle\s*=\s*[\"'][^\"']*", ours()) == []


def test_templates_have_no_inline_handlers() -> None:
    assert _offenders(r"<[a-z][^>]*\son[a-z]+\s*=\s*[\"'][^\"']*", ours()) == []
    assert _offenders(r"(href|action)\s*=\s*[\"']javascript:", ours()) == []
    assert _offenders(r"\shx-on[:a-z-]*=", ours()) == []


def test_inline_scripts_and_styles_carry_the_nonce() -> None:
    scripts = r"<script\b(?![^>]*\bsrc=)(?![^>]*nonce)(?![^>]*application/(ld\+)?json)[^>]*>"
    assert _offenders(scripts, ours()) + _offenders(r"<style\b(?![^>]*nonce)[^>]*>", ours()) == []


def test_every_vendored_file_has_its_licence_listed() -> None:
    missing = []
    for folder in (STATIC / "vendor", STATIC / "fonts"):
        if not folder.exists():
            continue
        listed = "".join(path.read_text(encoding="utf-8") for path in folder.iterdir() if path.suffix in {".md", ".txt"})
        for path in folder.rglob("*"):
            if path.is_file() and path.suffix not in {".md", ".txt"} and path.name not in listed:
                missing.append(name_of(path))
    assert missing == []


def test_every_static_file_a_template_names_exists() -> None:
    missing = []
    for path in templates():
        for named in re.findall(r"{%\s*static\s+[\"']([^\"'{]+)[\"']", text(path)):
            if named.startswith("portal/") and not (ROOT / "portal/static" / named).exists():
                missing.append(f"{name_of(path)}: {named}")
    assert missing == []


def test_every_template_that_is_included_or_extended_exists() -> None:
    from django.template import TemplateDoesNotExist
    from django.template.loader import get_template

    missing = []
    for path in templates():
        for named in re.findall(r"{%\s*(?:include|extends)\s+[\"']([^\"'#]+)(?:#[\w-]+)?[\"']", without_comments(text(path))):
            try:
                get_template(named)
            except TemplateDoesNotExist:
                missing.append(f"{name_of(path)}: {named}")
    assert missing == []
