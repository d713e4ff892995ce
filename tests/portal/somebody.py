"""Somebody who has used everything in the portal, and the search for what is left of them."""

import io
import json
import uuid
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.utils import timezone
from PIL import Image

from accounts.actions.addresses import save_address
from accounts.actions.choices import save_choices
from accounts.actions.contacts import record_consent
from accounts.models import User
from chat.actions import send_message, send_transcript
from chat.actions.notes import add_note
from core.files import accept_upload
from kb.models import ArticleVote, HelpEvent, HelpSession
from search.models import SearchLog
from tests.factories.accounts import MemberFactory
from tests.factories.chat import say, start_chat, taken_by
from tests.factories.fieldservice import book, bring
from tests.factories.products import ModelFactory
from tests.factories.tickets import open_ticket
from tests.factories.warranty import owned_unit
from tickets import actions as tickets
from warranty.models import HouseholdMember, WarrantyRegistration

NAME, PHONE, MAIL = "欧阳明澈", "+8613712345678", "mingche@example.com"
WORDS = "只有我会这样说的一句话"
STREET = "紫藤弄九十九号"
MARKS = (NAME, "13712345678", "mingche", WORDS, STREET)


def make_person() -> User:
    """A member who has used everything: address, choices, consent, files, requests, a repair, votes, searches, a device."""
    user = MemberFactory(name=NAME, phone=PHONE, email=MAIL)
    address = {"recipient": NAME, "phone": PHONE, "province": "上海市", "district": "浦东新区", "detail": STREET}
    save_address(user=user, values=address)
    save_choices(user=user, wanted={("reminders", "mail"): True})
    record_consent(purpose="account", text_version="1", source="sign-up", user=user)
    return user


def picture() -> SimpleUploadedFile:
    target = io.BytesIO()
    Image.new("RGB", (20, 20), "teal").save(target, "PNG")
    return SimpleUploadedFile(f"{NAME}.png", target.getvalue(), content_type="image/png")


def _chat(user: User, agent: Any) -> None:
    """Leave a chat with a picture, a note of the agent and a mailed transcript."""
    chat = taken_by(start_chat(contact=user.contacts.get(), question=WORDS, visitor_name=NAME, visitor_key="browser-1", by=user), agent)
    add_note(chat, by=agent, text=f"{NAME}很着急", client_id=uuid.uuid4())
    say(chat, f"{WORDS} {PHONE}", by=user)
    say(chat, f"{NAME}您好", sender="agent", by=agent)
    photo = accept_upload(picture(), by=user)
    send_message(chat, sender="visitor", by=user, client_id=uuid.uuid4(), kind="file", attachment=photo.reference)
    send_transcript(chat, address=MAIL, by=user)


def use_everything(user: User, agent: Any, supervisor: Any, run_tasks: Any) -> None:
    """Leave a trace in every room."""
    contact = user.contacts.get()
    draft = accept_upload(picture(), by=user)
    ticket = open_ticket(contact=contact, subject=WORDS, description=f"{WORDS} {PHONE}", attachments=[draft.reference], by=user)
    tickets.customer_reply(ticket, by=user, body=f"{WORDS}，我是{NAME}")
    tickets.assign(ticket, to=agent, by=supervisor)
    tickets.reply_to_customer(ticket, by=agent, body=f"{NAME}您好，{WORDS}")
    tickets.add_note(ticket, by=agent, body=f"{NAME}很着急")
    tickets.resolve(ticket, by=agent, summary=f"{NAME}，好了")
    tickets.reopen_ticket(ticket, by=user, reason=WORDS)
    order = book(contact=contact, fault=WORDS, address={"province": "上海市", "city": "上海市", "district": "浦东新区", "detail": STREET})
    bring(order, "closed", by=agent)
    _chat(user, agent)
    session = HelpSession.objects.create(user=user, contact=contact, visitor_key="browser-1")
    HelpEvent.objects.create(session=session, kind="query", query=WORDS)
    ArticleVote.objects.create(
        user=user, visitor_key="browser-1", subject_key="guide:1", title="x", language="en", helpful=False, comment=WORDS, query=WORDS
    )
    SearchLog.objects.create(query="洗衣机", language="zh-hans", total=0, engine="embedded", visitor_key="browser-1", at=timezone.now())
    unit = owned_unit(user, serial="HY99 0001 0001", model=ModelFactory(), place=STREET)
    WarrantyRegistration.objects.create(
        reference="W-2611-00001", unit=unit, contact=contact, dealer=WORDS, purchased_on=timezone.localdate()
    )
    HouseholdMember.objects.create(unit=unit, invited_by=user, address=MAIL, token_hash="x", expires_at=timezone.now())
    accept_upload(picture(), by=user)
    run_tasks()


def texts(row: models.Model) -> Iterator[tuple[str, str]]:
    """Yield (column, content) of everything in a row that can hold words."""
    for field in row._meta.concrete_fields:
        if isinstance(field, (models.CharField, models.TextField, models.JSONField, models.FileField)) or "Phone" in type(field).__name__:
            yield field.name, json.dumps(field.value_from_object(row), ensure_ascii=False, default=str)


def found_in_the_database(marks: tuple[str, ...] = MARKS) -> list[str]:
    """Return every column of every table, ours and the libraries', that still holds one of the marks; new tables are walked unasked."""
    hits = []
    for model in apps.get_models():
        if not model._meta.managed or model._meta.proxy:
            continue
        for row in model._default_manager.all():
            for column, content in texts(row):
                hits += [f"{model._meta.label}.{column}: {content[:80]}" for mark in marks if mark in content]
    return hits
