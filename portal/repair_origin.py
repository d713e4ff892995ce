"""Where a booking comes from: a unit, a model, an article, a request, a code; so that nothing known is asked again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.address_lines import split_line
from accounts.divisions import match
from accounts.models import Address, Contact
from accounts.queries import addresses_for
from core.models import Attachment
from diagnosis.models import DiagnosisRun
from fieldservice import coverage
from fieldservice.models import RepairOrder
from fieldservice.permissions import is_customer_of
from kb.models import GuidePage
from kb.subjects import is_key
from portal import diagnosis_run, doors, ledger, people, queries
from portal.views.parts import language
from products.models import ErrorCode, ProductFamily, ProductModel, Unit
from tickets.models import Ticket


@dataclass
class Origin:
    """What a booking knows before anybody types: the machine, the fault, the contact, the address."""

    unit: Unit | None = None
    model: ProductModel | None = None
    family: ProductFamily | None = None
    code: ErrorCode | None = None
    ticket: Ticket | None = None
    run: DiagnosisRun | None = None
    article_key: str = ""
    article_title: str = ""
    fault: str = ""
    contact: Contact | None = None
    address: dict[str, str] = field(default_factory=dict)
    product_text: str = ""
    serial_text: str = ""
    files: list[Attachment] = field(default_factory=list)

    @property
    def initial(self) -> dict[str, Any]:
        """The first values of the form."""
        return {
            "unit": self.unit.code if self.unit else "",
            "product": self.model.slug if self.model and not self.unit else "",
            "family": self.family.slug if self.family and not self.model else "",
            "model": self.product_text,
            "serial": self.serial_text,
            "fault": self.fault,
            "ticket": self.ticket.reference if self.ticket else "",
            "article": self.article_key,
            "code": f"{self.code.family.slug}:{self.code.code}" if self.code else "",
            **{name: self.address.get(name, "") for name in ("province", "city", "district", "detail")},
        }


def origin_of(request: HttpRequest, given: dict[str, str]) -> Origin:
    """Return what is known already.

    Args:
        given: values of the address or of the hidden fields: unit, model or product, family, article, ticket, code, run. What is not the
            visitor's own, or does not exist, is left out without a word.
    """
    found = Origin(contact=people.contact_of(request.user))
    _from_ticket(request, given.get("ticket", ""), found)
    _from_run(request, given.get("run", ""), found)
    found.unit = coverage.unit_for(request.user, given.get("unit", "")) or found.unit
    slug = given.get("model") or given.get("product") or ""
    picked = queries.models_by_slug([slug[:60].lower()]) if slug else []
    found.model = found.unit.model if found.unit else (picked[0] if picked else found.model)
    _from_article(given.get("article", ""), found)
    _from_code(given, found)
    if found.model is not None:
        found.family = found.model.family
    elif found.family is None and given.get("family"):
        found.family = queries.family_for(given["family"])
    if found.unit is None and found.model is None and found.family is None:
        session = ledger.current(request, create=False)
        found.model, found.family = (session.model, session.family) if session else (None, None)
    found.address = _address_of(request.user)
    return found


def _from_ticket(request: HttpRequest, reference: str, found: Origin) -> None:
    ticket = doors.customer_ticket(request, reference) if reference else None
    if ticket is None or not doors.owns_ticket(request, ticket):
        return
    found.ticket, found.contact = ticket, ticket.contact
    found.unit = ticket.unit if coverage.may_see_unit(request.user, ticket.unit) else None
    found.model, found.family = ticket.model, ticket.family
    found.product_text, found.serial_text = ticket.product_text, ticket.serial_text
    body = "" if ticket.description.strip() == ticket.subject.strip() else ticket.description
    found.fault = "\n".join(part for part in (ticket.subject, body) if part)


def _from_run(request: HttpRequest, key: str, found: Origin) -> None:
    """Take machine, symptom and note from the diagnosis that did not solve it."""
    run = diagnosis_run.run_of(key)
    if run is None:
        return
    found.run = run
    found.unit = diagnosis_run.own_unit_of(request, run) or found.unit
    found.model, found.family = run.model or found.model, run.family or found.family
    found.fault = found.fault or diagnosis_run.fault_of(run)


def _from_article(key: str, found: Origin) -> None:
    """Take family, model and title from the guide that did not help."""
    name, _colon, guide = key.partition(":")
    if name != "guide" or not is_key(key):
        return
    pages = GuidePage.objects.filter(translation_key=guide, live=True, locale__language_code=language())
    try:
        page = pages.first()
    except (ValueError, TypeError):
        return
    if page is None:
        return
    found.article_key, found.article_title = key, page.title
    families, models = list(page.families.all()[:2]), list(page.product_models.all()[:2])
    if found.model is None and len(models) == 1:
        found.model = models[0]
    if found.family is None and len(families) == 1:
        found.family = families[0]
    found.fault = found.fault or page.title


def _from_code(given: dict[str, str], found: Origin) -> None:
    family, _colon, shown = (given.get("code") or "").rpartition(":")
    family = family or given.get("family", "") or (found.model.family.slug if found.model else "")
    row = queries.find_code(family, shown) if family and shown else None
    if row is None:
        return
    found.code, found.family = row, row.family
    found.fault = found.fault or _("%(code)s: %(title)s") % {"code": row.code, "title": row.title}


def _address_of(user: Any) -> dict[str, str]:
    """Return where an engineer came last for a member who keeps no list of addresses, else nothing."""
    if not getattr(user, "is_authenticated", False):
        return {}
    if addresses_for(user):
        return {}  # their own list is offered
    last = RepairOrder.objects.filter(contact__user=user).exclude(address={}).order_by("-created_at").first()
    return dict(last.address) if last is not None else {}


def region_of(address: Mapping[str, str]) -> dict[str, str]:
    """Return the code of a typed address's district and its three names in full; nothing where they are no Chinese division."""
    names = (address.get("province", ""), address.get("city", ""), address.get("district", ""))
    division = match(*names) if names[0].strip() else None
    if division is None or not division.district:
        return {}
    return {"region_code": division.code, "province": division.province, "city": division.city, "district": division.district}


def pasted(text: str, typed: Mapping[str, Any], *, known: bool) -> dict[str, Any]:
    """Return the values of the form with a pasted line put in; what the line does not say stays as typed.

    Args:
        text: the line, with name, phone and address in any order.
        typed: what stands in the form.
        known: the contact is known already (a member, a request): a name and a phone are those of who is there.
    """
    line = split_line(text)
    read = {"detail": line.street + line.detail}
    if line.province:
        read |= {"province": line.province, "city": line.city, "district": line.district}
    for value, own, other in ((line.recipient, "name", "recipient"), (line.phone, "phone", "site_phone")):
        read[other if known or str(typed.get(own) or "").strip() not in ("", value) else own] = value
    found = {name: value for name, value in read.items() if value or (line.province and name in ("city", "district"))}
    return {**typed, **found, "saved": "" if line.detail or line.province else typed.get("saved", "")}


def address_snapshot(row: Address) -> dict[str, str]:
    """Return a saved address as a repair keeps it: as it is today, whatever becomes of the row."""
    names = ("recipient", "region_code", "province", "city", "district", "street", "detail", "postcode")
    return {name: getattr(row, name) for name in names} | {"phone": str(row.phone or "")}


def acting(request: HttpRequest, order: RepairOrder) -> dict[str, Any]:
    """Return who acts on a repair that a door has let this browser to: `by` and `guest` of the actions."""
    if is_customer_of(request.user, order):
        return {"by": request.user, "guest": False}
    if doors.granted_case(request, order.reference) is not None:
        return {"by": None, "guest": True}
    return {"by": request.user, "guest": False}
