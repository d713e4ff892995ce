"""Sample data of the style guide: every component in each of its states, with invented names and numbers."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.paginator import Paginator
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext, gettext_lazy, pgettext

COLOURS = [
    "page-bg",
    "card",
    "sunk",
    "raised",
    "ink",
    "ink2",
    "hair",
    "edge",
    "teal",
    "teal-hover",
    "teal-tint",
    "info",
    "info-tint",
    "good",
    "good-tint",
    "care",
    "care-tint",
    "danger",
    "danger-tint",
    "focus",
    "mark",
]
ICONS = [
    "search",
    "close",
    "check",
    "right",
    "left",
    "down",
    "up",
    "home",
    "chat",
    "wrench",
    "shield",
    "user",
    "users",
    "phone",
    "bell",
    "megaphone",
    "warning",
    "danger",
    "info",
    "help",
    "book",
    "play",
    "camera",
    "scan",
    "file",
    "upload",
    "download",
    "attach",
    "trash",
    "print",
    "link",
    "copy",
    "share",
    "clock",
    "history",
    "calendar",
    "star",
    "globe",
    "text",
    "filter",
    "plug",
    "box",
    "grid",
    "send",
    "inbox",
    "image",
    "lock",
    "key",
    "note",
    "pin",
    "eye",
    "pencil",
    "branch",
    "flame",
    "water",
    "power",
    "hot",
    "hand",
    "truck",
    "money",
    "mail",
    "login",
    "logout",
    "refresh",
    "keyboard",
    "list",
    "settings",
    "sun",
    "moon",
    "system",
    "plus",
    "minus",
    "menu",
    "external",
    "flag",
    "pause",
    "merge",
    "desk",
    "code",
    "yes",
    "no",
]


class SampleForm(forms.Form):
    """A form with one field of each kind; posted empty it shows every error."""

    name = forms.CharField(label=gettext_lazy("Your name"), max_length=60)
    phone = forms.RegexField(
        r"^1\d{10}$",
        label=gettext_lazy("Mobile number"),
        help_text=gettext_lazy("Replies and progress go here."),
        error_messages={"invalid": gettext_lazy("The number is one digit short; it has 11.")},
    )
    product = forms.ChoiceField(
        label=gettext_lazy("Product"), required=False, choices=[("", "—"), ("WF10-320", "WF10-320"), ("GH16-C", "GH16-C")]
    )
    details = forms.CharField(label=gettext_lazy("What happened"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    how = forms.ChoiceField(
        label=gettext_lazy("How we reply"),
        choices=[("mail", gettext_lazy("E-mail")), ("sms", gettext_lazy("Text message"))],
        widget=forms.RadioSelect,
    )
    consent = forms.BooleanField(label=gettext_lazy("I agree that you use this to answer me."))


def _forms() -> dict[str, Any]:
    wrong = SampleForm({"bad-name": "", "bad-phone": "1380013800", "bad-how": "sms"}, prefix="bad")
    wrong.is_valid()
    return {
        "good_form": SampleForm(initial={"name": "周岚" if get_language() != "en" else "Daniel Reyes"}, prefix="good"),
        "bad_form": wrong,
    }


def _timeline() -> list[dict[str, Any]]:
    now = timezone.now()
    return [
        {
            "state": "done",
            "title": gettext("We have your request"),
            "time": now - timedelta(hours=3),
            "text": gettext("Two photos and what you tried are with it."),
        },
        {"state": "now", "title": gettext("A technician looks at the photos"), "time": now - timedelta(hours=1), "text": ""},
        {"state": "next", "title": gettext("We tell you the result"), "time": None, "text": ""},
    ]


def _suggestions() -> list[dict[str, Any]]:
    return [
        {
            "kind": "code",
            "label": gettext("Error code"),
            "items": [{"title": gettext("Drain time-out"), "url": "#", "code": "E2", "model": "WF"}],
        },
        {
            "kind": "guide",
            "label": pgettext("kind", "Guide"),
            "items": [{"title": gettext("Clean the drain pump filter"), "url": "#", "meta": gettext("15 min")}],
        },
    ]


def samples() -> dict[str, Any]:
    """Return the template context of the style guide in the language in force."""
    now = timezone.now()

    def art(name: str) -> str:
        return staticfiles_storage.url(f"portal/art/{name}.svg")

    return {
        **_forms(),
        "colours": COLOURS,
        "icon_names": ICONS,
        "crumbs": [{"label": gettext("Washing machines"), "url": "#"}, {"label": gettext("Drain and spin"), "url": ""}],
        "entries": [{"id": "type", "title": pgettext("style guide", "Type")}, {"id": "buttons", "title": gettext("Buttons")}],
        "timeline_items": _timeline(),
        "suggestion_groups": _suggestions(),
        "panel_hits": [
            {"url": "#a", "title": gettext("Clean the drain pump filter"), "kind": "guide", "label": gettext("15 min")},
            {"url": "#b", "title": gettext("The right height of the drain hose"), "kind": "guide", "label": gettext("5 min")},
        ],
        "seen": ["#b"],
        "page_obj": Paginator(range(200), 10).page(7),
        "uploaded": [{"reference": "A-1", "name": "IMG_2038.HEIC", "size_text": "2.1 MB", "thumb": art("panel")}],
        "reasons": [("steps", gettext("I did it and nothing changed")), ("pictures", gettext("The pictures do not match my machine"))],
        "due_late": now - timedelta(minutes=12),
        "due_soon": now + timedelta(minutes=8),
        "due_later": now + timedelta(hours=2, minutes=5),
        "marked": mark_safe(f"<mark>{gettext('Drain')}</mark>"),
        "pictures": {
            name.replace("-", "_"): art(name)
            for name in ("washing-machine", "refrigerator", "air-conditioner", "pump-filter", "panel", "robot-vacuum")
        },
        "callout_actions": [
            {"url": "#", "text": gettext("Get help"), "icon": "chat", "main": True},
            {"url": "#", "text": gettext("Track a request"), "icon": "clock"},
        ],
        "facts": [gettext("15 min"), "WF10-320"],
    }
