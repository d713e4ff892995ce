"""A member's address book: add, change, make the default, delete."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.address_lines import is_chinese
from accounts.divisions import match
from accounts.models import Address, User
from accounts.phones import normal_phone
from core.errors import Conflict, InvalidInput, NotFound
from core.history import record
from core.text import plain_text

MOST = 20
LIMITS = {"recipient": 80, "province": 60, "city": 60, "district": 60, "street": 80, "detail": 200, "postcode": 12}
NEEDED = {
    "recipient": _("Say who receives there."),
    "phone": _("Give a phone number for the person on site."),
    "detail": _("Give the street and the number of the house."),
}
DIVISION_NEEDED = _("Choose province, city and district, or type them.")
TOO_MANY = _("You have %(count)s addresses. Delete one first.")


def _cleaned(values: dict[str, Any]) -> dict[str, Any]:
    """Return the fields to store. Raises InvalidInput naming the field."""
    clean: dict[str, Any] = {name: plain_text(str(values.get(name) or ""), lines=False)[:limit] for name, limit in LIMITS.items()}
    clean["phone"] = normal_phone(values.get("phone"))
    for name, message in NEEDED.items():
        if not clean[name]:
            raise InvalidInput(message, field=name, code="required")
    if is_chinese(clean["detail"]) and not (clean["province"] and (clean["city"] or clean["district"])):
        raise InvalidInput(DIVISION_NEEDED, field="province", code="required")
    division = match(clean["province"], clean["city"], clean["district"]) if clean["province"] else None
    clean["region_code"] = ""
    if division is not None and division.district:
        clean |= {
            "region_code": division.code,
            "province": division.province,
            "city": division.city,
            "district": division.district,
        }
    return clean


def _lock(user: User) -> User:
    """Let one change of an address book happen at a time."""
    return User.objects.select_for_update().get(pk=user.pk)


@transaction.atomic
def save_address(*, user: User, values: dict[str, Any], key: str = "", default: bool = False) -> Address:
    """Add an address, or change the one with `key`. The first one becomes the default.

    Args:
        values: recipient, phone, province, city, district, street, detail, postcode as typed; names of divisions that are known get
            their code, others stay as they are (the list of divisions grows old).
        default: make it the default; an address that is the default stays it.
    Raises:
        InvalidInput, NotFound, Conflict where the book is full.
    """
    clean = _cleaned(values)
    user = _lock(user)
    if key:
        address = user.addresses.filter(key=key).first()
        if address is None:
            raise NotFound()
    else:
        if user.addresses.count() >= MOST:
            raise Conflict(TOO_MANY % {"count": MOST}, code="full")
        address = Address(user=user)
    for name, value in clean.items():
        setattr(address, name, value)
    address.updated_at = timezone.now()
    first = not user.addresses.exclude(pk=address.pk).exists()
    if (default or first) and not address.is_default:
        user.addresses.filter(is_default=True).update(is_default=False)
        address.is_default = True
    address.save()
    record(user, "address_changed" if key else "address_added", by=user, key=address.key)
    return address


@transaction.atomic
def make_default(*, user: User, key: str) -> Address:
    """Make one address the default; again changes nothing. Raises NotFound."""
    user = _lock(user)
    address = user.addresses.filter(key=key).first()
    if address is None:
        raise NotFound()
    if not address.is_default:
        user.addresses.filter(is_default=True).update(is_default=False)
        user.addresses.filter(pk=address.pk).update(is_default=True)
        address.is_default = True
        record(user, "address_default_changed", by=user, key=address.key)
    return address


@transaction.atomic
def delete_address(*, user: User, key: str) -> None:
    """Delete an address; where it was the default, the one changed last becomes it. Raises NotFound."""
    user = _lock(user)
    address = user.addresses.filter(key=key).first()
    if address is None:
        raise NotFound()
    was_default = address.is_default
    address.delete()
    if was_default and (heir := user.addresses.order_by("-updated_at", "-pk").first()):
        user.addresses.filter(pk=heir.pk).update(is_default=True)
    record(user, "address_deleted", by=user, key=key)
