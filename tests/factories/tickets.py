"""The desk for tests: the shipped defaults, tickets opened by the product's own action, canned replies."""

from typing import Any

import factory

from accounts.models import Contact
from tests.factories.accounts import ContactFactory
from tickets import actions
from tickets.defaults import load_defaults
from tickets.models import CannedReply, Queue, Ticket


def setup_desk() -> None:
    """Load calendar, queues, priorities and service levels."""
    load_defaults()


def open_ticket(*, contact: Contact | None = None, **fields: Any) -> Ticket:
    """Open a ticket as the help form does; everything has a default."""
    if not Queue.objects.exists():
        setup_desk()
    fields = {"subject": "WF10-320 显示 E2", "description": "脱水前停住了，显示 E2，过滤器清过了。"} | fields
    return actions.open_ticket(contact=contact or ContactFactory(), **fields)


class CannedReplyFactory(factory.django.DjangoModelFactory):
    """A reply for everybody."""

    class Meta:
        model = CannedReply

    shortcut = factory.Sequence(lambda n: f"reply-{n}")
    title_zh_hans = "约上门"
    title_en = "Arrange a visit"
    body_zh_hans = "{customer}您好，我们安排师傅上门，编号 {reference}。"
    body_en = "Hello {customer}, an engineer will visit you. Your number is {reference}."
