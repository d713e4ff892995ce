"""Background work of warranty: what customers are told by mail or SMS. Ids in, rows fetched again, one message a step."""

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from accounts.models import Contact
from accounts.notify import notify
from core.history import history_of, record
from core.i18n import bilingual
from core.notifications import MAIL, SMS, deliver
from products.models import Unit
from warranty.models import HouseholdMember, WarrantyRegistration, WarrantySettings
from warranty.queries import coverage_of
from warranty.serials import masked
from warranty.words import day_words


def unit_link(unit: Unit) -> str:
    """Return the absolute address of the unit's page in the language in force."""
    return settings.SITE_ORIGIN + reverse("portal:unit", args=[unit.code])


def language_of(contact: Contact) -> str:
    """Return the language a person is written to in."""
    return contact.user.language if contact.user else contact.language


def _tell(contact: Contact, template: str, *, about: models.Model, step: str, unit: Unit, **context: Any) -> None:
    """Owe somebody one message; the history row of the step makes a second run of the task send nothing."""
    with transaction.atomic():
        locked = type(about)._default_manager.select_for_update().get(pk=about.pk)
        if history_of(locked).filter(verb="customer_told", data__step=step).exists():
            return
        with translation.override(language_of(contact)):
            values = {
                "customer": contact.name,
                "product": unit.model.name,
                "model": unit.model.number,
                "serial": masked(unit.serial),
                "action_url": unit_link(unit),
                "action_text": gettext("Open my product"),
                **{name: value() if callable(value) else value for name, value in context.items()},
            }
        message = notify(contact, f"warranty/{template}", context=values, subject=about)
        record(locked, "customer_told", label="system", step=step, channel=message.channel if message else "")


def _registration(registration_id: int) -> WarrantyRegistration | None:
    return (
        WarrantyRegistration.objects.select_related(
            "contact__user", "unit__model", "unit__owner__user", "owner_asked__user", "return_reason"
        )
        .filter(pk=registration_id)
        .first()
    )


def tell_registered(registration_id: int) -> None:
    """Confirm that a registration arrived and say what happens next."""
    row = _registration(registration_id)
    if row is None or row.state != WarrantyRegistration.State.SUBMITTED:
        return
    _tell(
        row.contact, "registered", about=row, step=f"registered:{row.submitted_at.timestamp():.0f}", unit=row.unit, reference=row.reference
    )


def tell_approved(registration_id: int, former_id: int | None = None) -> None:
    """Say that it is approved and until when it is covered; whoever lost the unit by a claim is told too, without a name."""
    row = _registration(registration_id)
    if row is None:
        return
    until = coverage_of(row.unit).whole.until
    _tell(row.contact, "approved", about=row, step="approved", unit=row.unit, reference=row.reference, until=lambda: day_words(until))
    former = Contact.objects.select_related("user").filter(pk=former_id).first() if former_id else None
    if former is not None:
        _tell(former, "handed_over", about=row, step="handed_over", unit=row.unit, action_url=help_link, action_text=_ask)


def tell_returned(registration_id: int) -> None:
    """Say what is missing and where to mend it."""
    row = _registration(registration_id)
    if row is None or row.state != WarrantyRegistration.State.RETURNED or row.decided_at is None:
        return
    _tell(
        row.contact, "returned", about=row, step=f"returned:{row.decided_at.timestamp():.0f}", unit=row.unit, reference=row.reference,
        words=lambda: return_words(row), action_text=lambda: gettext("Correct it"),
        action_url=lambda: settings.SITE_ORIGIN + reverse("portal:registration", args=[row.reference]),
    )  # fmt: skip


def tell_refused(registration_id: int) -> None:
    """Say that a claim was not accepted, and why."""
    row = _registration(registration_id)
    if row is None or row.state != WarrantyRegistration.State.REFUSED:
        return
    _tell(
        row.contact, "refused", about=row, step="refused", unit=row.unit, reference=row.reference, words=row.return_text,
        action_url=help_link, action_text=_ask,
    )  # fmt: skip


def tell_claimed(registration_id: int) -> None:
    """Confirm a claim to whoever made it and ask the present owner; neither learns who the other is."""
    row = _registration(registration_id)
    if row is None or row.state != WarrantyRegistration.State.SUBMITTED:
        return
    stamp = f"{row.submitted_at.timestamp():.0f}"
    link = lambda: settings.SITE_ORIGIN + reverse("portal:registration", args=[row.reference])  # noqa: E731
    _tell(row.contact, "claimed", about=row, step=f"claimed:{stamp}", unit=row.unit, reference=row.reference, action_url=link)
    owner = row.unit.owner
    if owner is not None and owner.pk != row.contact_id:
        _tell(owner, "claim_asked", about=row, step=f"asked:{owner.pk}:{stamp}", unit=row.unit)


def tell_transferred(unit_id: int, giver_id: int, taker_id: int) -> None:
    """Tell both sides of a transfer that it is done."""
    unit = Unit.objects.select_related("model").get(pk=unit_id)
    people = {contact.pk: contact for contact in Contact.objects.select_related("user").filter(pk__in=[giver_id, taker_id])}
    step = f"transferred:{giver_id}:{taker_id}"
    if giver_id in people:
        _tell(people[giver_id], "given", about=unit, step=f"{step}:given", unit=unit, action_url=my_products_link, action_text=_list)
    if taker_id in people:
        _tell(people[taker_id], "taken", about=unit, step=f"{step}:taken", unit=unit)


def return_words(row: WarrantyRegistration) -> str:
    """Return why a registration came back, in the language in force: the reason of the list, then the reviewer's own words."""
    listed = bilingual(row.return_reason, "text") if row.return_reason else ""
    return " ".join(words for words in (listed, row.return_text) if words)


def help_link() -> str:
    """Return the absolute address of the help form in the language in force."""
    return settings.SITE_ORIGIN + reverse("portal:get_help")


def my_products_link() -> str:
    """Return the absolute address of the list in the language in force."""
    return settings.SITE_ORIGIN + reverse("portal:my_products")


def _ask() -> str:
    return gettext("Ask us")


def _list() -> str:
    return gettext("Open my products")


def send_invitation(place: HouseholdMember, *, code: str, language: str) -> None:
    """Send the link of an invitation to the address it is for; the text is forgotten once sent."""
    unit = place.unit
    with translation.override(language):
        context = {
            "inviter": str(place.invited_by or gettext("Somebody")),
            "product": unit.model.name,
            "model": unit.model.number,
            "days": WarrantySettings.load().link_days,
            "action_url": settings.SITE_ORIGIN + reverse("portal:household_join", args=[code]),
            "action_text": gettext("See the invitation"),
        }
    channel = MAIL if "@" in place.address else SMS
    deliver(
        place.address, channel=channel, language=language, template="warranty/household", context=context, subject=unit, sensitive=True,
        expires_at=place.expires_at,
    )  # fmt: skip
