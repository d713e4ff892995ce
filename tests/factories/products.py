"""Makes families, models, parts and error codes."""

import factory

from products.models import ErrorCode, Part, ProblemNode, ProductFamily, ProductModel


class FamilyFactory(factory.django.DjangoModelFactory):
    """A family of appliances."""

    class Meta:
        model = ProductFamily
        django_get_or_create = ("slug",)

    slug = "washing-machines"
    name_zh_hans = "洗衣机"
    name_en = "Washing machines"
    series = "WF · WD"


class ModelFactory(factory.django.DjangoModelFactory):
    """A model as sold."""

    class Meta:
        model = ProductModel

    family = factory.SubFactory(FamilyFactory)
    number = factory.Sequence(lambda n: f"WF{10 + n}-320")
    slug = factory.LazyAttribute(lambda o: o.number.lower())
    name_zh_hans = "滚筒洗衣机"
    name_en = "Front-loading washing machine"


class CodeFactory(factory.django.DjangoModelFactory):
    """An error code."""

    class Meta:
        model = ErrorCode

    family = factory.SubFactory(FamilyFactory)
    code = factory.Sequence(lambda n: f"E{n + 2}")
    title_zh_hans = "排水超时"
    title_en = "Draining takes too long"
    meaning_zh_hans = "水没有在规定时间内排完。"
    meaning_en = "The water was not gone in time."
    action_zh_hans = "清理排水泵过滤器。"
    action_en = "Clean the pump filter."


class PartFactory(factory.django.DjangoModelFactory):
    """A part."""

    class Meta:
        model = Part

    number = factory.Sequence(lambda n: f"DP-F{n}")
    name_zh_hans = "过滤器"
    name_en = "Filter"


class ProblemFactory(factory.django.DjangoModelFactory):
    """A node of the problem tree."""

    class Meta:
        model = ProblemNode

    key = factory.Sequence(lambda n: f"problem-{n}")
    name_zh_hans = "排水"
    name_en = "Draining"
