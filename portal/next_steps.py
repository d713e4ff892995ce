"""What to do next when an answer did not help: find the cause, talk to somebody who is there, ask with everything known."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from diagnosis.queries import diagnosis_for
from kb import queries
from kb.subjects import is_key
from portal.chat_duty import duty_at_a_glance
from portal.queries import find_code
from portal.views.parts import language

SUBJECT = 120


@dataclass(frozen=True)
class Step:
    """One way on: `kind` is diagnosis, chat, help or repair; `note` one line below it, perhaps empty."""

    kind: str
    label: str
    url: str
    icon: str
    note: str = ""


@dataclass(frozen=True)
class About:
    """What an answer is about; `code`, `model` and `family` are rows or None."""

    title: str = ""
    url: str = ""
    code: Any = None
    model: Any = None
    family: Any = None

    def query(self, **more: str) -> str:
        """Return the query string that carries the product on, with `more`."""
        known = {"product": self.model.slug} if self.model else {"family": self.family.slug} if self.family else {}
        code = {"code": self.code.code} if self.code else {}
        return urlencode({name: value for name, value in {**known, **code, **more}.items() if value})


def about(key: str) -> About:
    """Return what the guide or code card `key` is about: a model or a family only where there is no doubt which."""
    kind, _colon, rest = key.partition(":")
    found = queries.subject_of(key, language()) if is_key(key) else None
    if found is None:
        return About()
    title, page, url = found
    if kind == "code":
        family, _colon, normal = rest.partition(":")
        row = find_code(family, normal)
        return About(title, reverse("portal:code", args=[family, row.code]), row, None, row.family) if row else About(title)
    if page is None:
        return About(title, url)
    models, families = queries.models_of(page), queries.families_of(page)
    model = models[0] if len(models) == 1 else None
    codes = queries.codes_of(page)
    return About(title, url, codes[0] if len(codes) == 1 else None, model, model.family if model else next(iter(families), None))


def next_steps(request: HttpRequest, *, key: str, query: str = "") -> list[Step]:
    """Return the ways on from an answer that did not help, the best first; none where the key names nothing public.

    Args:
        key: of the guide or the code card.
        query: what was searched before, in the visitor's words.
    """
    subject = about(key)
    if not subject.title:
        return []
    steps = [
        Step("diagnosis", _("Find the cause step by step"), reverse("diagnosis:start", args=[page.slug]), "branch", page.title)
        for page in _diagnoses(subject)[:1]
    ]
    now = duty_at_a_glance(request)
    asked = query.strip()[:SUBJECT] or _("“%(title)s” did not help") % {"title": subject.title[:SUBJECT]}
    if now.open:
        chat = f"{reverse('chat:start')}?{subject.query(subject=asked, **{'from': subject.url})}"
        steps.append(Step("chat", _("Chat with us"), chat, "chat", now.words))
    ask = f"{reverse('portal:get_help')}?{subject.query(subject=asked, **{'from': key})}"
    steps.append(Step("help", _("Get help"), ask, "send", _("What you have read goes along")))
    return steps


def _diagnoses(subject: About) -> list[Any]:
    if not (subject.code or subject.model or subject.family):
        return []
    return list(diagnosis_for(code=subject.code, model=subject.model, family=subject.family))
