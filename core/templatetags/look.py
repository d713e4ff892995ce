"""Template tags for the parts of the look that recur in every template: icons, plates, states, bars, timers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.forms import CheckboxSelectMultiple, Field, RadioSelect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext

from core.text import linked as text_with_links
from core.text import sentences as as_one_text

register = template.Library()

TONES = frozenset({"", "good", "info", "care", "danger"})
WARNING_WORDS = {
    "danger": gettext_lazy("Danger"),
    "warning": gettext_lazy("Warning"),
    "note": gettext_lazy("Note"),
}
WARNING_ICONS = {"danger": "danger", "warning": "warning", "note": "info", "info": "info", "good": "check"}
KIND_ICONS = {
    "code": "warning",
    "error_code": "warning",
    "guide": "book",
    "faq": "help",
    "product": "box",
    "model": "box",
    "announcement": "megaphone",
    "manual": "file",
    "diagnosis": "branch",
}


def asset_url(path: str) -> str:
    """Address of a static file; falls back to the unhashed address when the manifest does not know the file.

    Args:
        path: path below the static root, for example ``portal/css/base.css``.
    Returns:
        An address a browser can load. Never raises, so that error pages can use it.
    """
    try:
        known: dict[str, str] | None = getattr(staticfiles_storage, "known_urls", None)
        if known is None or settings.DEBUG:
            staticfiles_storage.known_urls = known = {}  # kept by the storage itself, so that other settings start anew
        if path not in known:
            known[path] = staticfiles_storage.url(path)
        return known[path]
    except Exception:  # the page that reports a failure must not fail on a missing manifest entry
        return f"{settings.STATIC_URL}{path}"


@register.simple_tag
def asset(path: str) -> str:
    """``{% asset "portal/css/base.css" %}``: see :func:`asset_url`."""
    return asset_url(path)


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """Line icon from the sprite.

    Args:
        name: symbol name without its ``i-`` prefix.
        label: words for screen readers when no text stands beside the icon; hidden from them otherwise.
        css: further classes, ``i-l`` for 24 px.
    """
    return _drawn(f"{asset_url('portal/icons.svg')}#i-{name}", str(label), f"i {css}".strip())


@lru_cache(maxsize=1024)
def _drawn(href: str, label: str, classes: str) -> SafeString:
    if label:
        return format_html('<svg class="{}" role="img" aria-label="{}"><use href="{}"/></svg>', classes, label, href)
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>', classes, href)


@register.simple_tag
def kind_icon(kind: str) -> SafeString:
    """Icon of a search result's or suggestion's kind."""
    return icon(KIND_ICONS.get(str(kind), "book"))


@register.simple_tag
def plate(text: Any, url: str = "") -> SafeString:
    """What is printed on the machine or the slip (model, serial, reference), in its double-ruled plate."""
    if text in (None, ""):
        return mark_safe("")
    if url:
        return format_html('<a class="plate" translate="no" href="{}">{}</a>', url, text)
    return format_html('<span class="plate" translate="no">{}</span>', text)


@register.simple_tag
def code(text: Any) -> SafeString:
    """An error code or model inside running text."""
    return format_html('<span class="mono" translate="no">{}</span>', text)


@register.simple_tag
def tag(text: Any, tone: str = "") -> SafeString:
    """State tag: the word carries the state, shape and colour repeat it.

    Args:
        tone: ``good``, ``info``, ``care``, ``danger``, ``plain`` (no shape) or empty (neutral square).
    """
    if tone == "plain":
        return format_html('<span class="tag plain">{}</span>', text)
    if tone not in TONES or not tone:
        return format_html('<span class="tag">{}</span>', text)
    return format_html('<span class="tag" data-tone="{}">{}</span>', tone, text)


@register.simple_tag
def bar(percent: float | int | None, label: str = "", tone: str = "") -> SafeString:
    """Bar that repeats a figure already given in words.

    Args:
        percent: 0 to 100; values outside are clipped, ``None`` is an empty bar.
        label: accessible name; without it the bar is hidden from screen readers.
        tone: ``care`` for amber.
    """
    width = max(0.0, min(100.0, float(percent or 0)))
    aria = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="bar{}" {} focusable="false"><rect width="{}%" height="8" rx="4"/></svg>',
        " care" if tone == "care" else "",
        aria,
        f"{width:.1f}",
    )


@register.filter
def langtag(code_: str | None) -> str:
    """Language code as HTML wants it: ``zh-hans`` becomes ``zh-Hans``."""
    parts = (code_ or "en").split("-")
    return "-".join([parts[0].lower(), *(part.title() if len(part) == 4 else part.upper() for part in parts[1:])])


@register.filter
def get_item(mapping: Mapping[Any, Any] | None, key: Any) -> Any:
    """Value of a mapping under a key held in a variable, or ``None``."""
    return mapping.get(key) if mapping else None


@register.filter
def initial(name: str | None) -> str:
    """First letter of a name for the round face, or a dash."""
    text = (name or "").strip()
    return text[0].upper() if text else "–"


@register.simple_tag
def warning_word(level: str) -> str:
    """The word that must stand beside the icon of a warning block."""
    return str(WARNING_WORDS.get(level, WARNING_WORDS["note"]))


@register.simple_tag
def warning_icon(level: str) -> SafeString:
    """Icon of a warning block or notice."""
    return icon(WARNING_ICONS.get(level, "info"))


def time_left_words(seconds: float) -> str:
    """How long until a due time, or since it passed, in words.

    Args:
        seconds: time left; negative once the due time has passed.
    """
    minutes = int(abs(seconds) // 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    over = seconds < 0
    if days:
        values = {"days": days, "hours": hours}
        return (gettext("%(days)s d %(hours)s h over") if over else gettext("%(days)s d %(hours)s h left")) % values
    if hours:
        values = {"hours": hours, "minutes": rest}
        return (gettext("%(hours)s h %(minutes)s min over") if over else gettext("%(hours)s h %(minutes)s min left")) % values
    values = {"minutes": rest}
    return (gettext("%(minutes)s min over") if over else gettext("%(minutes)s min left")) % values


def time_left_tone(seconds: float, soon: float = 1800) -> str:
    """Tone of a due time: danger once passed, care within ``soon`` seconds, good before."""
    if seconds < 0:
        return "danger"
    return "care" if seconds <= soon else "good"


@register.inclusion_tag("components/timer.html")
def timer(
    due: datetime | None, *, met: datetime | None = None, paused: bool = False, label: str = "", now: datetime | None = None
) -> dict[str, Any]:
    """Countdown to a due time: words first, shape and colour repeat it.

    Args:
        due: aware due time; ``None`` shows a dash.
        met: when the target was met; the timer then shows met or missed.
        paused: the clock stands still, for example while the customer is asked.
        label: what is due, for example "First reply".
        now: the present moment, for tests.
    """
    moment = now or timezone.now()
    state: dict[str, Any] = {"due": due, "label": label, "paused": paused, "met": met}
    if met and due:
        state.update(words=gettext("Met") if met <= due else gettext("Met late"), tone="good" if met <= due else "danger")
    elif paused:
        state.update(words=gettext("Paused"), tone="")
    elif due:
        seconds = (due - moment).total_seconds()
        state.update(words=time_left_words(seconds), tone=time_left_tone(seconds), running=True)
    else:
        state.update(words=gettext("No due time"), tone="")
    return state


@register.filter
def page_window(page: Any, width: int = 2) -> Iterator[int | None]:
    """Page numbers to show beside the current one, ``None`` where numbers are left out.

    Args:
        page: a Django ``Page``.
        width: how many neighbours on each side.
    """
    last, number = page.paginator.num_pages, page.number
    shown = {1, last, *range(max(1, number - width), min(last, number + width) + 1)}
    previous = 0
    for candidate in sorted(shown):
        if candidate - previous == 2:
            yield candidate - 1
        elif candidate - previous > 2:
            yield None
        yield candidate
        previous = candidate


def field_describedby(field: Any) -> str:
    """Ids of hint and error, in reading order, for ``aria-describedby``."""
    ids: list[str] = []
    if field.help_text:
        ids.append(f"{field.auto_id}_hint")
    if field.errors:
        ids.append(f"{field.auto_id}_error")
    return " ".join(ids)


@register.filter
def widget_kind(field: Any) -> str:
    """Which branch of ``components/field.html`` draws a bound form field: choices, check, file, hidden or input."""
    widget = field.field.widget
    kind = getattr(widget, "input_type", "")
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, (RadioSelect, CheckboxSelectMultiple)):
        return "choices"
    if kind == "checkbox":
        return "check"
    if kind == "file":
        return "file"
    return "select" if kind == "select" else "input"


@register.simple_tag
def field_input(field: Any, css: str = "", **attrs: Any) -> SafeString:
    """The input of a bound form field with the classes and ARIA of the look.

    Args:
        field: a Django ``BoundField``.
        css: further classes, for example ``w-m`` or ``code-input``.
        attrs: further attributes; underscores become dashes; False takes away what the field itself sets.
    """
    kind = widget_kind(field)
    base = {"input": "input", "select": "select", "file": "upload-input"}.get(kind, "")
    own = field.field.widget.attrs.get("class", "")
    merged: dict[str, Any] = {"class": " ".join(part for part in (base, own, css) if part)}
    if described := field_describedby(field):
        merged["aria-describedby"] = described
    if field.errors:
        merged["aria-invalid"] = "true"
    if field.field.required and kind != "choices":
        merged["required"] = True
    merged.update({name.replace("_", "-"): value for name, value in attrs.items() if value not in (None, "")})
    return field.as_widget(attrs={name: value for name, value in merged.items() if value != ""})


@register.simple_tag
def form_error_count(*forms: Any) -> str:
    """Headline of the error summary, counting the messages of every given form."""
    total = sum(len(errors) for form in forms if form for errors in form.errors.values())
    return ngettext("%(count)s thing needs another look", "%(count)s things need another look", total) % {"count": total}


@register.filter
def plain_errors(field: Any) -> list[str]:
    """Messages of a bound field; Django's stock "required" message becomes one that names the field and says what to do."""
    stock = str(type(field.field).default_error_messages.get("required", Field.default_error_messages["required"]))
    words: list[str] = []
    for error in field.errors:
        if str(error) != stock:
            words.append(str(error))
            continue
        values = {"label": str(field.label).rstrip(" ：:?？。.")}
        kind = widget_kind(field)
        if kind == "check":
            words.append(gettext("Tick the box to go on"))
        elif kind in {"choices", "select"}:
            words.append(gettext("Choose one: %(label)s") % values)
        else:
            words.append(gettext("Fill in: %(label)s") % values)
    return words


@register.filter
def error_items(form: Any) -> Sequence[dict[str, str]]:
    """Messages of a form with the id each one leads to, for ``components/error_summary.html``."""
    items: list[dict[str, str]] = []
    for name, errors in form.errors.items():
        if name == "__all__":
            items.extend({"target": "", "text": str(error)} for error in errors)
            continue
        bound = form[name]
        target = bound.auto_id if widget_kind(bound) != "choices" else f"{bound.auto_id}_group"
        items.extend({"target": target, "text": text} for text in plain_errors(bound))
    return items


@register.simple_tag
def state_word(state: str) -> str:
    """Word for a step of a timeline, said to screen readers before the step's title."""
    return {"done": gettext("Done:"), "now": gettext("Now:"), "next": pgettext("timeline", "Next:")}.get(state, "")


@register.filter
def linked(text: str) -> SafeString:
    """What somebody wrote, escaped, with its addresses as links."""
    return text_with_links(text)


@register.simple_tag
def sentences(*parts: str) -> str:
    """Sentences as one text, put together as the language in which they are written does."""
    return as_one_text(*(part for part in parts if part))
