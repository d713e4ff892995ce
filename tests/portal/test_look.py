"""The look keeps its promises: words with every state, a light page, icons that exist, errors that say what to do."""

import gzip
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from core.templatetags import look
from portal.templatetags.pages import together

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "portal" / "static" / "portal"
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


class CallForm(forms.Form):
    """One field of each kind that draws differently."""

    name = forms.CharField(label="Your name")
    phone = forms.RegexField(r"^\d{11}$", label="Phone", error_messages={"invalid": "One digit short"})
    how = forms.ChoiceField(label="Reply", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    consent = forms.BooleanField(label="I agree")


def render(source: str, **context: object) -> str:
    """Return a template string with the look's tags loaded, rendered."""
    return Template("{% load look %}" + source).render(Context(context))


def _weight(*patterns: str) -> int:
    return len(gzip.compress(b"".join(path.read_bytes() for pattern in patterns for path in sorted(STATIC.glob(pattern)))))


def test_public_styles_stay_light() -> None:
    public = [f"css/{name}.css" for name in ("tokens", "base", "layout", "forms", "components", "print")]
    assert _weight(*public) <= 25 * 1024


def test_scripts_stay_light() -> None:
    assert _weight("js/*.js", "vendor/*.js") <= 60 * 1024


def test_every_icon_a_template_asks_for_is_drawn() -> None:
    drawn = set(re.findall(r'id="i-([a-z]+)"', (STATIC / "icons.svg").read_text(encoding="utf-8")))
    asked = {
        (path.name, name)
        for path in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r'{%\s*icon\s+"([^"]+)"', path.read_text(encoding="utf-8"))
    }
    assert {pair for pair in asked if pair[1] not in drawn} == set()
    assert set(look.KIND_ICONS.values()) | set(look.WARNING_ICONS.values()) <= drawn


def test_dark_colours_are_the_same_for_the_switch_and_the_system() -> None:
    css = (STATIC / "css" / "tokens.css").read_text(encoding="utf-8")
    switch = re.search(r'\[data-theme="dark"\] \{(.*?)\}', css, re.DOTALL)
    system = re.search(r':root:not\(\[data-theme="light"\]\) \{(.*?)\}', css, re.DOTALL)
    assert switch and system
    assert switch.group(1).split() == system.group(1).split()


def test_icon_without_label_is_silent_and_with_label_speaks() -> None:
    assert 'aria-hidden="true"' in look.icon("search")
    assert 'aria-label="Search"' in look.icon("search", "Search")


@pytest.mark.parametrize("hostile", ["<b>x</b>", '"><script>alert(1)</script>'])
def test_tags_escape_what_they_are_given(hostile: str) -> None:
    for drawn in (look.plate(hostile), look.code(hostile), look.tag(hostile, "good"), look.icon("search", hostile), look.bar(5, hostile)):
        assert "<script>" not in drawn and "<b>" not in drawn


@pytest.mark.parametrize(("given", "width"), [(None, "0.0%"), (-3, "0.0%"), (62, "62.0%"), (400, "100.0%")])
def test_bar_is_clipped(given: float | None, width: str) -> None:
    assert f'width="{width}"' in look.bar(given)


@pytest.mark.parametrize(
    ("left", "words", "tone"),
    [
        (timedelta(minutes=-12), "12 min over", "danger"),
        (timedelta(minutes=8), "8 min left", "care"),
        (timedelta(hours=2, minutes=5), "2 h 5 min left", "good"),
        (timedelta(days=3, hours=1), "3 d 1 h left", "good"),
    ],
)
def test_timer_says_it_in_words_first(left: timedelta, words: str, tone: str) -> None:
    with translation.override("en"):
        html = render("{% timer due now=now %}", due=NOON + left, now=NOON)
    assert f">{words}<" in html and f'data-tone="{tone}"' in html and "data-due=" in html


def test_timer_stands_still_when_paused_or_met() -> None:
    with translation.override("en"):
        paused = render("{% timer due paused=True now=now %}", due=NOON, now=NOON)
        late = render("{% timer due met=met now=now %}", due=NOON, met=NOON + timedelta(hours=1), now=NOON)
    assert "data-due=" not in paused and ">Paused<" in paused
    assert "data-due=" not in late and ">Met late<" in late


def test_missing_field_is_named_in_the_summary_and_leads_to_it() -> None:
    form = CallForm({"phone": "123"})
    with translation.override("en"):
        items = {item["target"]: item["text"] for item in look.error_items(form)}
    assert items == {
        "id_name": "Fill in: Your name",
        "id_phone": "One digit short",
        "id_how_group": "Choose one: Reply",
        "id_consent": "Tick the box to go on",
    }


def test_field_ties_hint_and_error_to_its_input() -> None:
    form = CallForm({"phone": "123"})
    html = render('{% include "components/field.html" with field=field %}', field=form["phone"])
    assert 'aria-invalid="true"' in html and 'aria-describedby="id_phone_error"' in html and 'id="id_phone_error"' in html
    assert 'value="123"' in html


def test_choices_are_a_named_group_the_summary_can_reach() -> None:
    html = render('{% include "components/field.html" with field=field %}', field=CallForm({})["how"])
    assert "<fieldset" in html and 'id="id_how_group"' in html and html.count('type="radio"') == 2


def test_pages_leave_out_the_middle_but_never_a_single_number() -> None:
    assert list(look.page_window(Paginator(range(200), 10).page(7))) == [1, None, 5, 6, 7, 8, 9, None, 20]
    assert list(look.page_window(Paginator(range(50), 10).page(4))) == [1, 2, 3, 4, 5]


def test_pagination_keeps_the_other_parameters() -> None:
    request = RequestFactory().get("/en/search/?q=drain&page=2")
    html = render_to_string("components/pagination.html", {"page_obj": Paginator(range(50), 10).page(2)}, request=request)
    assert "q=drain&amp;page=3" in html or "page=3&amp;q=drain" in html


@pytest.mark.parametrize(("given", "tag"), [("zh-hans", "zh-Hans"), ("en", "en"), (None, "en"), ("zh-cn", "zh-CN")])
def test_language_codes_are_written_as_html_wants_them(given: str | None, tag: str) -> None:
    assert look.langtag(given) == tag


def test_failure_page_needs_nothing_and_speaks_both_languages() -> None:
    from django.template.loader import get_template

    html = get_template("500.html").render({"request_id": "r-42"})
    assert "Something broke on our side" in html and "r-42" in html and 'lang="en"' in html


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2025 年 3—5 月生产", "2025\u00a0年\u00a03—5\u00a0月生产"),
        ("夜里低于 0 ℃，插着电", "夜里低于\u00a00 ℃，插着电"),
        ("GH16-C 燃气热水器", "GH16-C 燃气热水器"),
        ("Below 0 °C, 2 hours", "Below 0 °C, 2 hours"),
    ],
)
def test_a_number_is_not_torn_from_its_chinese_word(given: str, kept: str) -> None:
    assert together(given) == kept


def test_the_room_between_parts_is_the_room_of_the_part_around_them() -> None:
    css = (STATIC / "css" / "layout.css").read_text(encoding="utf-8")
    assert re.search(r"\.stack-s > \* \+ \* \{ margin-block-start: var\(--s2\)", css) and "--gap" not in css
