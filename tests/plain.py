"""A browser without scripts: it opens pages, fills in the forms that are on them as they are drawn, presses buttons, follows redirects."""

import re
from typing import Any
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag
from django.test import Client

NOT_SENT = {"submit", "button", "image", "reset"}


class PlainBrowser:
    """What one person sees and can do with scripts switched off. Nothing is posted that the page does not offer."""

    def __init__(self, client: Client | None = None) -> None:
        self.client = client or Client(enforce_csrf_checks=True)
        self.url, self.status = "", 0
        self.page = BeautifulSoup("", "html.parser")

    def open(self, url: str) -> "PlainBrowser":
        """Go to a page."""
        self._read(self.client.get(url), url)
        return self

    @property
    def main(self) -> str:
        """The words of the main part, spaces joined."""
        return " ".join((self.page.find("main") or self.page).get_text(" ").split())

    def has(self, words: str) -> bool:
        """Whether the main part says something, however its spaces fall."""
        return words.replace(" ", "") in self.main.replace(" ", "")

    def follow(self, words: str) -> "PlainBrowser":
        """Follow the first link of the main part with these words."""
        found = [link for link in self._scope().find_all("a", href=True) if words in " ".join(link.get_text(" ").split()) and _seen(link)]
        assert found, f"{self.url} has no link {words!r}"
        return self.open(urljoin(self.url, str(found[0]["href"])).split("#")[0])

    def press(self, button: str, **values: Any) -> "PlainBrowser":
        """Fill the form of a button in and press it.

        Args:
            button: the words on it (or a part of them).
            values: field → text, list of choices, True or False for a box, or a file. `__` in a name stands for `-`.
        """
        pressed = self._button(button)
        form = self._form_of(pressed)
        sent = _filled(form, {name.replace("__", "-"): value for name, value in values.items()}, self.url)
        if pressed.get("name"):
            sent.setdefault(str(pressed["name"]), []).append(str(pressed.get("value", "")))
        address = urljoin(self.url, str(pressed.get("formaction") or form.get("action") or self.url))
        if str(form.get("method", "get")).lower() == "get":
            return self._read(self.client.get(address, sent), address)
        return self._read(self.client.post(address, sent), address)

    def _scope(self) -> Tag:
        return self.page.find("main") or self.page

    def _button(self, words: str) -> Tag:
        found = [
            button
            for button in self.page.find_all("button")
            if button.get("type", "submit") == "submit" and words in " ".join(button.get_text(" ").split()) and _seen(button)
        ]
        inside = [button for button in found if button.find_parent("main")]
        assert found, f"{self.url} ({self.status}) has no button {words!r}; there are " + ", ".join(
            repr(" ".join(button.get_text(" ").split())) for button in self._scope().find_all("button") if _seen(button)
        )
        return (inside or found)[0]

    def _form_of(self, button: Tag) -> Tag:
        form = self.page.find("form", id=button["form"]) if button.get("form") else button.find_parent("form")
        assert form is not None, f"{self.url}: the button {button} does nothing without a script"
        return form

    def _read(self, response: Any, url: str) -> "PlainBrowser":
        for _step in range(5):
            if response.status_code not in (301, 302, 303):
                break
            url = urljoin(url, response["Location"])
            response = self.client.get(url)
        self.url, self.status = url, response.status_code
        assert self.status < 500, f"{url}: {self.status}"
        self.page = BeautifulSoup(response.content.decode(), "html.parser")
        for unread in self.page.find_all(["template", "script"]):
            unread.decompose()
        return self


def _seen(node: Tag) -> bool:
    """Whether nothing around a control hides it; a closed fold can be opened without a script, too."""
    return not any(around.has_attr("hidden") or (around.name == "dialog") for around in (node, *node.parents) if isinstance(around, Tag))


def _filled(form: Tag, values: dict[str, Any], url: str) -> dict[str, list[Any]]:
    """Return what the form sends: what stands in it, with `values` typed over. A value for a field that nobody sees is a failure."""
    sent: dict[str, list[Any]] = {}
    left = dict(values)
    for field in form.find_all(["input", "select", "textarea"]):
        name, kind = str(field.get("name", "")), str(field.get("type", "text"))
        if not name or field.has_attr("disabled") or kind in NOT_SENT:
            continue
        typed = values.get(name)
        if name in values:
            assert kind != "hidden" and _seen(field), f"{url}: nobody can fill in {name}"
            left.pop(name, None)
        sent.setdefault(name, []).extend(_value_of(field, kind, name in values, typed))
    assert not left, f"{url} has no field {sorted(left)}; there are {sorted(sent)}"
    return {name: value for name, value in sent.items() if value}


def _value_of(field: Tag, kind: str, given: bool, typed: Any) -> list[Any]:
    if kind == "file":
        return [typed] if given else []
    if kind in ("checkbox", "radio"):
        own = str(field.get("value", "on"))
        wanted = field.has_attr("checked") if not given else typed is True or own in (typed if isinstance(typed, list) else [str(typed)])
        return [own] if wanted else []
    if field.name == "select":
        options = field.find_all("option")
        if given:
            assert str(typed) in [str(option.get("value", option.get_text())) for option in options], f"no choice {typed!r}"
            return [str(typed)]
        chosen = [option for option in options if option.has_attr("selected")] or options[:1]
        return [str(option.get("value", option.get_text())) for option in chosen]
    if given:
        return [str(typed)]
    return [re.sub(r"^\n", "", field.get_text()) if field.name == "textarea" else str(field.get("value", ""))]
