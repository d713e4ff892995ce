"""Reads of units, their warranty and their registrations. `get_unit_for` is the one door to a customer's unit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from core.errors import NotFound
from core.i18n import bilingual
from products.codes import normal_serial
from products.models import Part, Unit
from warranty import coverage, states, terms
from warranty.models import PartGroup, WarrantyExtension, WarrantyRegistration, WarrantySettings, WarrantyTerm
from warranty.words import period_words, reason_words

OPEN = (WarrantyRegistration.State.SUBMITTED, WarrantyRegistration.State.RETURNED)
BESIDE = 5  # so many machines stand beside a chat or a request
CHAIN = 5  # so many exchanges in a row are followed


@dataclass(frozen=True)
class ShownLine:
    """The answer for one part, with the words people read."""

    line: coverage.Line
    name: str
    on: date
    soon: bool
    reasons: tuple[coverage.Reason, ...]
    exclusions: str = ""

    @property
    def state(self) -> str:
        """The engine's state, `soon` where the end is near."""
        return "soon" if self.soon else self.line.state.value

    @property
    def word(self) -> Any:
        """The state in a word."""
        return states.COVER_WORDS[self.state][0]

    @property
    def tone(self) -> str:
        """The tone of the state's tag."""
        return states.COVER_WORDS[self.state][1]

    @property
    def covered(self) -> bool:
        """Whether it is covered on the day that was asked about."""
        return self.line.covered

    @property
    def until(self) -> date | None:
        """The last day, inclusive."""
        return self.line.until

    @property
    def period(self) -> str:
        """How long it lasts, in words."""
        return period_words(self.line.months)

    @property
    def days_left(self) -> int:
        """Days after the day asked about."""
        return self.line.days_left(self.on)

    @property
    def percent(self) -> float:
        """How much of the period is left, 0 to 100."""
        if not (self.line.start and self.line.until and self.covered):
            return 0.0
        return round(100 * (self.days_left + 1) / ((self.line.until - self.line.start).days + 1), 1)

    @property
    def why(self) -> list[str]:
        """The reasons as sentences."""
        return [words for words in map(reason_words, self.reasons) if words]


@dataclass(frozen=True)
class UnitCoverage:
    """The warranty of one unit on one day: the whole machine first, then its parts."""

    unit: Unit
    on: date
    lines: tuple[ShownLine, ...]
    confirmed: bool = True
    exclusions: str = ""
    registration: WarrantyRegistration | None = field(default=None, compare=False)

    @property
    def whole(self) -> ShownLine:
        """The whole machine's line."""
        return self.lines[0]

    @property
    def parts(self) -> tuple[ShownLine, ...]:
        """The lines of the parts."""
        return self.lines[1:]

    def line_of(self, part: Part | None) -> ShownLine:
        """Return the line that decides for a part; the whole machine's where the part has no term of its own."""
        if part is None:
            return self.whole
        groups = {group.key for group in part.warranty_groups.all()}
        for line in self.parts:
            if line.line.scope == f"part:{part.pk}" or line.line.scope in groups:
                return line
        return self.whole


@dataclass(frozen=True)
class Rulebook:
    """Everything the answers of a page share, read once."""

    rows: tuple[WarrantyTerm, ...]
    terms: tuple[coverage.Term, ...]
    names: Mapping[str, str]
    settings: WarrantySettings

    @classmethod
    def read(cls) -> "Rulebook":
        """Read terms, part groups and settings: three queries."""
        rows = terms.active_terms()
        names = {group.key: bilingual(group, "name") for group in PartGroup.objects.all()}
        names |= {f"part:{row.part_id}": bilingual(row.part, "name") for row in rows if row.part_id}
        return cls(tuple(rows), tuple(terms.as_term(row) for row in rows), names, WarrantySettings.load())

    def order(self, scope: str) -> tuple[int, str]:
        """Return where a part stands among the others: as the groups are ordered, single parts last."""
        keys = list(self.names)
        return (keys.index(scope) if scope in keys else len(keys)), scope

    def row_of(self, line: coverage.Line) -> WarrantyTerm | None:
        """Return the row that decided a line."""
        return next((row for row in self.rows if line.term and f"{row.pk:09d}" == line.term), None)


def units() -> QuerySet[Unit]:
    """Return units with what their pages show."""
    return Unit.objects.select_related("model__family__picture", "model__picture", "owner__user", "replaces__model")


def household_of(unit: Unit) -> set[int]:
    """Return the accounts that share a unit now: its owner and the members of the household."""
    places = unit.household.filter(accepted_at__isnull=False, removed_at__isnull=True).values_list("user_id", flat=True)
    owner = unit.owner.user_id if unit.owner is not None else None
    return {key for key in (*places, owner) if key}


def units_of(user: Any) -> QuerySet[Unit]:
    """Return the units a signed-in person owns or shares as a household member, newest purchase first."""
    if not getattr(user, "is_authenticated", False):
        return Unit.objects.none()
    shared = Q(household__user=user, household__accepted_at__isnull=False, household__removed_at__isnull=True)
    return units().filter(Q(owner__user=user) | shared, replaced_by__isnull=True).distinct().order_by("-created_at", "-pk")


def get_unit_for(user: Any, code: str) -> Unit:
    """Return a unit its owner or a member of the household may see. Raises NotFound for everybody else, as for a code that never was."""
    unit = units_of(user).filter(code=(code or "")[:16]).first() if code else None
    if unit is None:
        raise NotFound
    return unit


def units_beside(contact: Any, *, unit: Unit | None = None, model: Any = None, serial: str = "") -> list[Unit]:
    """Return the machines a chat or a request may be about, for staff, at most five.

    Args:
        contact: who asks, or None.
        unit: the machine the case names; then it is that one.
        model, serial: what was said about it. A serial number that is one of theirs decides, else the model; without either all of theirs.
    """
    if unit is not None:
        return list(units().filter(pk=unit.pk))
    if contact is None:
        return []
    mine = units_of(contact.user) if contact.user_id else units().filter(owner=contact, replaced_by__isnull=True)
    if serial and (exact := list(mine.filter(serial_normal=normal_serial(serial))[:1])):
        return exact
    return list((mine.filter(model=model) if model is not None else mine)[:BESIDE])


def coverage_of(unit: Unit, *, on: date | None = None) -> UnitCoverage:
    """Return the warranty of a unit on a day (today by default): per part, until when and why.

    While a registration is under review its dates are believed (`confirmed` is False). Never raises for contradictory terms: their line
    says that we are settling it.
    """
    return coverages([unit], on=on)[unit.pk]


def coverages(wanted: Iterable[Unit], *, on: date | None = None) -> dict[int, UnitCoverage]:
    """Return the warranty of several units by primary key, in the same number of queries for one and for many."""
    rows, day = list(wanted), on or timezone.localdate()
    rulebook = Rulebook.read()
    chain = _replaced_units(rows)
    keys = [unit.pk for unit in rows] + [unit.pk for unit in chain.values()]
    registrations = _latest(WarrantyRegistration.objects.filter(unit_id__in=keys).order_by("created_at", "pk"))
    plans: dict[int, list[coverage.Extension]] = {}
    for row in WarrantyExtension.objects.filter(unit_id__in=keys).select_related("group"):
        plans.setdefault(row.unit_id, []).append(terms.as_extension(row))
    return {unit.pk: _one(unit, day, rulebook, registrations, plans, chain) for unit in rows}


def coverage_snapshot(unit: Unit, *, on: date) -> dict[str, Any]:
    """Return the warranty of a unit on a day as JSON with all reasons: what a repair keeps, whatever the terms say later.

    Keys: on, unit, model, serial, use, region, confirmed, covered, until, lines [{scope, name_zh_hans, name_en, state, covered, start,
    until, months, term, reasons}], exclusions_zh_hans, exclusions_en. `warranty.words.reason_words` turns a reason into a sentence.
    """
    found = coverage_of(unit, on=on)
    groups = {group.key: group for group in PartGroup.objects.all()}
    settings = WarrantySettings.load()
    lines = []
    for shown in found.lines:
        line, group = shown.line, groups.get(shown.line.scope)
        lines.append(
            {
                "scope": line.scope,
                "name_zh_hans": group.name_zh_hans if group else ("整机" if line.scope == coverage.WHOLE else shown.name),
                "name_en": group.name_en if group else ("Whole machine" if line.scope == coverage.WHOLE else shown.name),
                "state": line.state.value,
                "covered": line.covered,
                "start": line.start.isoformat() if line.start else None,
                "until": line.until.isoformat() if line.until else None,
                "months": line.months,
                "term": int(line.term) if line.term else None,
                "reasons": [reason.as_json() for reason in shown.reasons],
            }
        )
    whole = found.whole.line
    return {
        "on": on.isoformat(),
        "unit": unit.code,
        "model": unit.model.number,
        "serial": unit.serial,
        "use": unit.use,
        "region": unit.region or settings.default_region,
        "confirmed": found.confirmed,
        "covered": whole.covered,
        "until": whole.until.isoformat() if whole.until else None,
        "lines": lines,
        "exclusions_zh_hans": settings.exclusions_zh_hans,
        "exclusions_en": settings.exclusions_en,
    }


def _latest(rows: Iterable[WarrantyRegistration]) -> dict[int, WarrantyRegistration]:
    """Return the registration that speaks for each unit: the approved one, else the newest that was not withdrawn or refused."""
    found: dict[int, WarrantyRegistration] = {}
    for row in rows:
        known = found.get(row.unit_id)
        if row.kind == WarrantyRegistration.Kind.CLAIM and row.state != WarrantyRegistration.State.APPROVED:
            continue
        if row.state in (WarrantyRegistration.State.WITHDRAWN, WarrantyRegistration.State.REFUSED):
            continue
        if known is None or row.state == WarrantyRegistration.State.APPROVED or known.state != WarrantyRegistration.State.APPROVED:
            found[row.unit_id] = row
    return found


def _replaced_units(rows: list[Unit]) -> dict[int, Unit]:
    """Return the units that were exchanged for others, by the new unit's key; at most `CHAIN` exchanges back, no query without any."""
    found: dict[int, Unit] = {}
    waiting = {unit.pk: unit.replaces_id for unit in rows if unit.replaces_id}
    for _step in range(CHAIN):
        if not waiting:
            break
        old = {unit.pk: unit for unit in Unit.objects.filter(pk__in=waiting.values()).select_related("model")}
        found |= {new: old[key] for new, key in waiting.items() if key in old}
        waiting = {unit.pk: unit.replaces_id for unit in old.values() if unit.replaces_id and unit.pk not in found}
    return found


def _judged(
    unit: Unit,
    day: date,
    rulebook: Rulebook,
    registrations: Mapping[int, WarrantyRegistration],
    plans: Mapping[int, list[coverage.Extension]],
    chain: Mapping[int, Unit],
    depth: int = 0,
) -> coverage.Coverage:
    """Ask the engine; a unit that came in exchange is asked after the one it came for."""
    registration = registrations.get(unit.pk)
    replacement = None
    old = chain.get(unit.pk)
    if old is not None and depth < CHAIN:
        before = _judged(old, day, rulebook, registrations, plans, chain, depth + 1)
        ends = {line.scope: line.until for line in before.lines if line.until}
        exchanged = unit.replaced_on or unit.shipped_on or timezone.localtime(unit.created_at).date()  # never “today”: that has no end
        replacement = coverage.Replacement(on=exchanged, ends=ends)
    return coverage.assess(
        rulebook.terms,
        terms.as_case(
            unit, use=registration.use if registration and not unit.purchased_on else "", region=rulebook.settings.default_region
        ),
        terms.as_evidence(
            unit,
            purchase=registration.purchased_on if registration else None,
            installation=registration.installed_on if registration else None,
        ),
        on=day,
        extensions=plans.get(unit.pk, []),
        replacement=replacement,
        last_day=coverage.LastDay(rulebook.settings.last_day),
    )


def _one(
    unit: Unit,
    day: date,
    rulebook: Rulebook,
    registrations: Mapping[int, WarrantyRegistration],
    plans: Mapping[int, list[coverage.Extension]],
    chain: Mapping[int, Unit],
) -> UnitCoverage:
    registration = registrations.get(unit.pk)
    confirmed = registration is None or registration.state == WarrantyRegistration.State.APPROVED
    try:
        found = _judged(unit, day, rulebook, registrations, plans, chain)
    except coverage.AmbiguousTerms as problem:
        values = {"first": problem.first.label, "second": problem.second.label}
        line = coverage.Line(coverage.WHOLE, coverage.State.UNKNOWN, reasons=(coverage.Reason("ambiguous", values),))
        found = coverage.Coverage(day, (line,))
    extra = () if confirmed else (coverage.Reason("under_review"),)
    first, *others = found.lines
    ordered = [first, *sorted(others, key=lambda line: rulebook.order(line.scope))]
    lines = tuple(_shown(line, day, rulebook, extra) for line in ordered)
    return UnitCoverage(unit, day, lines, confirmed, bilingual(rulebook.settings, "exclusions"), registration)


def _shown(line: coverage.Line, day: date, rulebook: Rulebook, extra: tuple[coverage.Reason, ...]) -> ShownLine:
    from django.utils.translation import gettext

    row = rulebook.row_of(line)
    soon = line.covered and line.days_left(day) <= rulebook.settings.soon_days
    name = gettext("Whole machine") if line.scope == coverage.WHOLE else rulebook.names.get(line.scope, line.scope)
    return ShownLine(line, name, day, soon, (*line.reasons, *extra), bilingual(row, "exclusions") if row else "")


def registrations_to_review(view: str = "waiting") -> QuerySet[WarrantyRegistration]:
    """Return registrations for the desk: `waiting` (oldest first), `claims` that wait, `returned`, `decided` (newest first)."""
    state = WarrantyRegistration.State
    rows = WarrantyRegistration.objects.select_related("unit__model__family", "contact", "decided_by", "return_reason")
    if view == "claims":
        return rows.filter(state=state.SUBMITTED, kind=WarrantyRegistration.Kind.CLAIM).order_by("submitted_at", "pk")
    if view == "returned":
        return rows.filter(state=state.RETURNED).order_by("-decided_at", "-pk")
    if view == "decided":
        return rows.filter(state__in=(state.APPROVED, state.REFUSED), decided_at__isnull=False).order_by("-decided_at", "-pk")
    return rows.filter(state=state.SUBMITTED).order_by("submitted_at", "pk")


def registration_for_review(reference: str) -> WarrantyRegistration | None:
    """Return one registration for a reviewer, or None; who may review is the caller's question."""
    rows = WarrantyRegistration.objects.select_related(
        "unit__model__family__picture", "unit__model__picture", "unit__owner", "contact__user", "decided_by", "return_reason"
    )
    return rows.filter(reference=reference[:20].upper()).first()
