"""Loads the demo's people: staff in every role, members with an account, customers without one."""

from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.models import Consent, Contact, Role, User
from portal.demo.accounts import PASSWORD
from portal.demo.data import read
from products.models import ProductModel, Unit
from tickets.models import Queue

JOINED = timedelta(days=420)
QUEUE_TIERS = {"first": (1,), "all": (1, 2, 3)}


def load_people() -> dict[str, User]:
    """Create whoever is missing; return the accounts by their key in the data file."""
    content = read("people")
    password = make_password(PASSWORD)  # once: a hash takes a quarter of a second
    users = {row["key"]: _user(row, password, staff=True) for row in content["staff"]}
    for row in content["members"]:
        users[row["key"]] = _user(row, password, staff=False)
        _units(row, _contact(row, users[row["key"]]))
    for row in content["contacts"]:
        _contact(row, None)
    return users


def join_queues(users: dict[str, User]) -> None:
    """Put the agents into their queues, unless somebody has filled those already."""
    empty = {queue.pk for queue in Queue.objects.filter(members__isnull=True)}
    for row in read("people")["staff"]:
        tiers = QUEUE_TIERS.get(row["queues"], ())
        for queue in Queue.objects.filter(pk__in=empty, tier__in=tiers):
            queue.members.add(users[row["key"]])


def _user(row: dict[str, Any], password: str, *, staff: bool) -> User:
    user = User.objects.filter(email=row["email"]).first()
    if user is not None:
        return user
    now = timezone.now()
    user = User(
        email=row["email"],
        name=row["name"],
        phone=f"+86{row['phone']}",
        phone_verified_at=now,
        language=row["language"],
        is_staff=staff,
        is_superuser=row.get("role") == "administrator",
        password=password,
        date_joined=now - JOINED,
    )
    user.save()
    EmailAddress.objects.create(user=user, email=row["email"], verified=True, primary=True)
    role = Role.objects.filter(key=row.get("role", "")).select_related("group").first()
    if role is not None:
        user.groups.add(role.group)
    return user


def _contact(row: dict[str, Any], user: User | None) -> Contact:
    now = timezone.now()
    phone = f"+86{row['phone']}" if "phone" in row else ""
    known = Contact.objects.filter(phone=phone) if phone else Contact.objects.filter(email=row["email"])
    contact = known.first()
    if contact is not None:
        return contact
    contact = Contact.objects.create(
        name=row["name"],
        phone=phone,
        email=row.get("email", ""),
        phone_verified_at=now if user and phone else None,
        email_verified_at=now if user and row.get("email") else None,
        user=user,
        language=row.get("language", "zh-hans"),
        region=row.get("region", ""),
        note=row.get("note", ""),
        created_at=now - JOINED,
    )
    Consent.objects.create(
        contact=contact, user=user, purpose="service", text_version=read("brand")["privacy_version"], source="help", given_at=now - JOINED
    )
    return contact


def _units(row: dict[str, Any], owner: Contact) -> None:
    for number, serial, age in row["units"]:
        model = ProductModel.objects.get(number=number)
        serial_normal = serial.replace(" ", "")
        bought = timezone.localdate() - timedelta(days=age)
        Unit.objects.get_or_create(
            serial_normal=serial_normal,
            defaults={
                "model": model,
                "serial": serial,
                "owner": owner,
                "purchased_on": bought,
                "created_at": timezone.now() - timedelta(days=age),
            },
        )
