"""Loads the demo's machines: how numbers look, shipped ones free to register, customers in every condition. Played by the real actions."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import Contact, User
from core.files import accept_upload
from core.models import Attachment
from portal.demo import clock
from portal.demo.data import pair, read
from portal.demo.receipts import receipt_png
from products.models import ProductFamily, ProductModel, Unit
from warranty.actions.registration import register
from warranty.actions.review import approve, return_to_customer
from warranty.models import ReturnReason, SerialRule, WarrantyExtension
from warranty.serials import Rule, normal

PATTERN = r"HY(?P<year>\d{{2}})(?P<month>\d{{2}})(?P<day>\d{{2}}){digit}\d{{5}}"
WITH_RECEIPT = frozenset({"review", "returned", "claimed", "soon"})
SHIPPING = timedelta(days=9)


def load_warranty(users: dict[str, User]) -> int:
    """Create what is missing; return how many registrations were played."""
    content = read("warranty")
    _rules(content)
    for row in content["shipped"]:
        _shipped(row["model"], row["serial"])
    played = _members_units(content["member"], users)
    claimants = [_user(row) for row in content["claimants"]]
    claims = 0
    for row in content["customers"]:
        unit = _shipped(row["model"], row["serial"])
        if unit.registrations.exists():
            continue
        _play(row, unit, _user(row), users["agent"])
        if row["condition"] == "claimed":
            _claim(unit, claimants[claims % len(claimants)])
            claims += 1
        played += 1
    return played


def _rules(content: dict[str, Any]) -> None:
    for row in content["rules"]:
        family = ProductFamily.objects.filter(slug=row["family"]).first()
        if family is not None:
            values = {"pattern": PATTERN.format(digit=row["digit"]), **pair(content["where"], "where"), "date_code": "HY YYMMDD"}
            SerialRule.objects.get_or_create(family=family, example=row["example"], defaults=values)


def _shipped(number: str, serial: str) -> Unit:
    """Return the unit with this number, known to the factory; its days come from the number itself."""
    unit = Unit.objects.filter(serial_normal=normal(serial)).select_related("model").first()
    if unit is not None and unit.known:
        return unit
    fit = Rule(pattern=PATTERN.format(digit=r"\d")).match(serial)
    made = fit.produced_on if fit else None
    values = {"known": True, "produced_on": made, "shipped_on": made + SHIPPING if made else None}
    if unit is not None:
        Unit.objects.filter(pk=unit.pk).update(**values)
        unit.refresh_from_db()
        return unit
    return Unit.objects.create(model=ProductModel.objects.get(number=number), serial=serial, **values)


def _user(row: dict[str, Any]) -> User:
    """Return the account of a customer, who signs in by text message: no password is made."""
    phone = f"+86{row['phone']}"
    user = User.objects.filter(phone=phone).first()
    if user is not None:
        return user
    now = timezone.now()
    user = User(name=row["name"], phone=phone, phone_verified_at=now, language=row["language"], date_joined=now - timedelta(days=500))
    user.set_unusable_password()
    user.save()
    Contact.objects.create(user=user, name=user.name, phone=phone, phone_verified_at=now, language=row["language"])
    return user


def _members_units(rows: list[dict[str, Any]], users: dict[str, User]) -> int:
    """Give the first member's machines the state their page should show."""
    played = 0
    for row in rows:
        unit = Unit.objects.filter(owner__user=users["customer"], model__number=row["model"]).select_related("model", "owner").first()
        if unit is None or unit.registrations.exists():
            continue
        unit = _shipped(row["model"], unit.serial)
        bought = unit.purchased_on or timezone.localdate()
        Unit.objects.filter(pk=unit.pk).update(owner=None, purchased_on=None)
        _play({**row, "bought_on": bought}, unit, users["customer"], users["agent"])
        if row.get("place"):
            Unit.objects.filter(pk=unit.pk).update(place=row["place"])
        played += 1
    for unit in Unit.objects.filter(owner__user=users["other_customer"], known=False).select_related("model"):
        _shipped(unit.model.number, unit.serial)
    return played


def _play(row: dict[str, Any], unit: Unit, user: User, agent: User) -> None:
    """Register a machine some days after it was bought, and let the desk decide as the row says."""
    condition = row["condition"]
    bought = row.get("bought_on") or timezone.localdate() - timedelta(days=row["bought"])
    waiting = condition == "review"
    sent = min(_moment(bought + timedelta(days=4), 19), timezone.now() - timedelta(hours=30))
    with clock.at(sent):
        registration = register(
            user=user,
            serial=unit.serial,
            purchased_on=bought,
            dealer=row.get("shop", ""),
            use="commercial" if condition == "commercial" else "home",
            installed_on=bought + timedelta(days=2) if unit.model.number[:2] in {"KA", "GH", "EH"} else None,
            attachments=_receipt(row, unit, user, bought),
        )
    Unit.objects.filter(pk=unit.pk).update(created_at=sent)
    if waiting:
        return
    with clock.at(min(sent + timedelta(hours=20), timezone.now())):
        if condition == "returned":
            return_to_customer(registration, by=agent, reason=ReturnReason.objects.filter(key=row["reason"]).first())
            return
        approve(registration, by=agent)
    if condition == "extension":
        plan = row["kind"] == "plan"
        words = (f"延保 {row['adds']} 个月", f"{row['adds']} months more") if plan else ("关怀延保", "Goodwill")
        WarrantyExtension.objects.create(unit=unit, kind=row["kind"], months=row["adds"], **pair(words, "name"))
    if condition == "replacement":
        _exchange(row, unit)


def _exchange(row: dict[str, Any], unit: Unit) -> None:
    """Let the machine be exchanged for another one."""
    unit.refresh_from_db()
    new = _shipped(row["model"], row["new"])
    day = timezone.localdate() - timedelta(days=row["exchanged"])
    Unit.objects.filter(pk=new.pk).update(owner=unit.owner, replaces=unit, replaced_on=day, purchased_on=unit.purchased_on)


def _claim(unit: Unit, user: User) -> None:
    with clock.at(timezone.now() - timedelta(hours=26)):
        day = timezone.localdate() - timedelta(days=1)
        receipt = _receipt({"shop": "二手转让", "condition": "claimed"}, unit, user, day)
        register(user=user, serial=unit.serial, purchased_on=day, dealer="二手转让", attachments=receipt, claim=True)


def _receipt(row: dict[str, Any], unit: Unit, user: User, bought: date) -> list[str]:
    """Upload a drawn receipt as the customer; none for the many whose story does not need one."""
    if row["condition"] not in WITH_RECEIPT or row.get("reason") == "no-proof":
        return []
    content = receipt_png(
        shop=row.get("shop", ""),
        model=unit.model.number,
        name=unit.model.name_zh_hans,
        serial=unit.serial,
        day=bought,
        number=f"{bought:%Y%m%d}{unit.pk:05d}",
        blurred=row.get("reason") == "date-unreadable",
    )
    sent: Attachment = accept_upload(SimpleUploadedFile("receipt.png", content, content_type="image/png"), by=user)
    return [sent.reference]


def _moment(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, 12)))
