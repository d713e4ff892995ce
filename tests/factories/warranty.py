"""Units, terms, registrations for tests; the shipped policy is loaded by its own defaults."""

from datetime import date
from typing import Any

import factory

from accounts.models import User
from products.models import Unit
from tests.factories.products import ModelFactory
from warranty.models import PartGroup, SerialRule, WarrantyTerm


class UnitFactory(factory.django.DjangoModelFactory):
    """A shipped unit that nobody has registered."""

    class Meta:
        model = Unit

    model = factory.SubFactory(ModelFactory)
    serial = factory.Sequence(lambda n: f"HY24 0331 80 {n:04d}")
    shipped_on = date(2024, 4, 10)
    produced_on = date(2024, 3, 31)
    known = True


class GroupFactory(factory.django.DjangoModelFactory):
    """A group of parts."""

    class Meta:
        model = PartGroup
        django_get_or_create = ("key",)

    key = "motor"
    name_zh_hans = "电机"
    name_en = "Motor"


class TermFactory(factory.django.DjangoModelFactory):
    """A term: the whole machine, one year, household use."""

    class Meta:
        model = WarrantyTerm

    name_zh_hans = "整机一年"
    name_en = "Whole machine 1 year"
    months = 12


class SerialRuleFactory(factory.django.DjangoModelFactory):
    """How the demo maker's washers are numbered: HY, day of production, line 80 to 89, a counter."""

    class Meta:
        model = SerialRule

    pattern = r"HY(?P<year>\d{2})(?P<month>\d{2})(?P<day>\d{2})8\d{5}"
    example = "HY24 0331 80 0652"
    where_zh_hans = "标签最下面一行，S/N 后面"
    where_en = "last line of the label, after S/N"


def owned_unit(user: User, **values: Any) -> Unit:
    """Return a unit that belongs to a member and was bought on 6 March 2024, unless said otherwise."""
    values.setdefault("purchased_on", date(2024, 3, 6))
    return UnitFactory(owner=user.contacts.first(), **values)
