"""From a solved case to the draft of a guide: question, symptom, checks, cause, solution, without personal data."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from core.errors import Conflict, InvalidInput, NotAllowed
from core.i18n import normal_language
from kb import markdown
from kb.drafting import start_guide
from kb.models import GuidePage, GuideSource
from kb.permissions import can_propose
from kb.redaction import Finding, Known, redact
from products.models import ErrorCode, ProductFamily, ProductModel

PARTS = ("symptom", "checks", "cause", "solution")
GREETING = re.compile(
    r"^\s*(?:(?:尊敬的)?[^\s，,。！!]{0,12}(?:您好|你好)[，,！!。~～]*"
    r"|(?:hello|hi|dear|good (?:morning|afternoon|evening))\b[^,!.\n]{0,30}[,!.]\s*)",
    re.IGNORECASE,
)
CLOSING = re.compile(
    r"^\s*(?:(?:best|kind|warm)? ?regards\b.*|sincerely\b.*"
    r"|thanks?(?: you)?(?: for (?:your|contacting|writing|waiting)[^.!]*)?[.!,]?|is there anything else[^.?]*\??"
    r"|(?:很高兴|已经处理好了|已处理好).{0,40}(?:随时|回复|都在).{0,20}|.{0,20}随时(?:写给|联系|回复|找)我?们?.{0,6}"
    r"|(?:此致|敬礼|祝您?[^。]{0,20}|感谢您?的?[^。]{0,20}|谢谢您?[^。]{0,12}|请问还有.{0,20}|还有.{0,6}可以帮您?.{0,10})[。！!~～]?)[。！!]?\s*$",
    re.IGNORECASE,
)
TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,11}")


@dataclass(frozen=True)
class Case:
    """What a solved request or chat says, before anything is taken out.

    Attributes:
        kind, reference: where it stands; `kind` is one of GuideSource.Kind.
        said: what the customer wrote first.
        answers: what staff wrote, in order.
        known: what the record knows of its people and machine.
    """

    kind: str
    reference: str
    language: str
    question: str
    said: str
    answers: tuple[str, ...]
    known: Known
    solved: bool
    family: ProductFamily | None = None
    model: ProductModel | None = None


@dataclass(frozen=True)
class Proposal:
    """The texts of a draft, clean, and what was taken out of them."""

    title: str
    parts: dict[str, str]
    findings: tuple[Finding, ...] = ()
    codes: tuple[ErrorCode, ...] = field(default=())


def propose(case: Case) -> Proposal:
    """Return the proposal of a case: the customer's words as the symptom, what staff wrote as the solution."""
    texts = {"symptom": case.said, "checks": "", "cause": "", "solution": "\n\n".join(filter(None, map(without_manners, case.answers)))}
    return _clean(case, case.question, texts)


def without_manners(text: str) -> str:
    """Return a reply without greeting and farewell: what stays is what helps the next reader."""
    lines = text.replace("\r\n", "\n").split("\n")
    while lines and not lines[0].strip():
        lines.pop(0)
    if lines:
        lines[0] = GREETING.sub("", lines[0], count=1)
    kept = [line.rstrip() for line in lines if not CLOSING.match(line)]
    return "\n".join(kept).strip()


def _clean(case: Case, title: str, texts: dict[str, str]) -> Proposal:
    findings: list[Finding] = []

    def take(text: str) -> str:
        clean = redact(text, case.known)
        findings.extend(clean.findings)
        return clean.text.strip()

    with override(normal_language(case.language)):
        cleaned = take(" ".join(title.split()))
        parts = {name: take(texts.get(name, "")) for name in PARTS}
    return Proposal(cleaned, parts, tuple(findings), tuple(codes_in(case)))


def codes_in(case: Case) -> list[ErrorCode]:
    """Return the error codes that the case names, of its family only."""
    from products.codes import normal_code

    family = case.family or (case.model.family if case.model else None)
    if family is None:
        return []
    named = {normal_code(token) for token in TOKEN.findall(f"{case.question} {case.said}")}
    return list(ErrorCode.objects.filter(family=family, code_normal__in=named, is_active=True))


def make_draft(case: Case, *, by: Any, title: str, texts: dict[str, str]) -> GuidePage:
    """Make the draft of a guide from a case; what the person wrote is cleaned once more. Nothing of it is public.

    Args:
        title, texts: as the person left them; keys of PARTS.
    Raises:
        NotAllowed without the right to propose; Conflict while the case is not solved, or (`proposed`) when a draft was made from it;
        InvalidInput without a title or a solution.
    """
    if not can_propose(by):
        raise NotAllowed()
    if not case.solved:
        raise Conflict(_("Solve it first: the solution is what the guide is about."), code="unsolved")
    proposal = _clean(case, title, texts)
    if not proposal.title:
        raise InvalidInput(_("Give it a title."), field="title")
    if not proposal.parts["solution"]:
        raise InvalidInput(_("Write what solved it."), field="solution")
    taken = Conflict(_("A draft was made from this already."), code="proposed")
    if GuideSource.objects.filter(kind=case.kind, reference=case.reference).exists():
        raise taken
    try:
        with transaction.atomic():
            return start_guide(
                by=by,
                language=case.language,
                title=proposal.title,
                summary=_summary(proposal),
                keywords=[proposal.title],
                family=case.family or (case.model.family if case.model else None),
                model=case.model,
                codes=proposal.codes,
                body=body_of(proposal, case.language),
                source=(case.kind, case.reference),
                verb="proposed",
                trusted=True,
            )
    except IntegrityError as error:  # a colleague at the same moment
        if not GuideSource.objects.filter(kind=case.kind, reference=case.reference).exists():
            raise
        raise taken from error


def _summary(proposal: Proposal) -> str:
    words = " ".join((proposal.parts["cause"] or proposal.parts["symptom"] or proposal.title).split())
    return words if len(words) <= 200 else words[:199].rstrip() + "…"


def body_of(proposal: Proposal, language: str) -> list[dict[str, Any]]:
    """Return the raw blocks of a proposal: each part under its heading, numbered lines as steps."""
    with override(normal_language(language)):
        headings = {
            "symptom": _("What you notice"),
            "checks": _("What to check"),
            "cause": _("Cause"),
            "solution": pgettext("guide", "What to do"),
        }
    blocks: list[dict[str, Any]] = []
    for name in PARTS:
        found = markdown.read(proposal.parts[name]).blocks
        _put_heading(found, headings[name])
        blocks += found
    return blocks


def _put_heading(blocks: Sequence[dict[str, Any]], heading: str) -> None:
    first = next((block for block in blocks if block["type"] in {"paragraph", "steps", "faq"}), None)
    if first is not None and not first["value"]["title"]:
        first["value"]["title"] = heading


def known_of(
    *, contacts: Iterable[Any] = (), staff: Iterable[Any] = (), names: Iterable[str] = (), addresses: Iterable[Any] = (), **more: Any
) -> Known:
    """Gather what records know of people: contacts, staff, further names, postal addresses, `serials`, `orders`, `keep`."""
    people = [person for person in contacts if person is not None]
    workers = [person for person in staff if person is not None]
    users = [user for person in people if (user := getattr(person, "user", None)) is not None]
    every = [*people, *users, *workers]
    postal = list(addresses)
    found_names = [*names, *(person.name for person in every), *(row.recipient for row in postal)]
    phones = [str(person.phone) for person in every if getattr(person, "phone", "")] + [str(row.phone) for row in postal]
    emails = [person.email for person in every if getattr(person, "email", "")]
    places = [part for row in postal for part in (row.detail, f"{row.street}{row.detail}", row.one_line) if part and len(part) > 3]
    return Known(
        names=tuple(dict.fromkeys(name for name in found_names if name and len(name) > 1)),
        phones=tuple(dict.fromkeys(phones)),
        emails=tuple(dict.fromkeys(emails)),
        addresses=tuple(dict.fromkeys(places)),
        serials=tuple(dict.fromkeys(serial for serial in more.get("serials", ()) if serial)),
        orders=tuple(dict.fromkeys(order for order in more.get("orders", ()) if order)),
        keep=tuple(dict.fromkeys(word for word in more.get("keep", ()) if word)),
    )
