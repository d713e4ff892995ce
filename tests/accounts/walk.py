"""Small steps through the sign-in pages, shared by the stories."""

import re

from django.core import mail
from django.test import Client

from core import sms
from tests.background import run_waiting_tasks

LOGIN = "/accounts/login/"
ASK = "/accounts/login/code/"
CONFIRM = "/accounts/login/code/confirm/"
SIGNUP = "/accounts/signup/"
VERIFY_PHONE = "/accounts/phone/verify/"
VERIFY_EMAIL = "/accounts/confirm-email/"


def send() -> None:
    """Let the background send what is owed."""
    run_waiting_tasks(only="core.notifications")


def sms_code() -> str:
    """The six digits of the last SMS."""
    send()
    return re.findall(r"(?<!\d)\d{6}(?!\d)", sms.outbox[-1].text)[-1]


def mail_code() -> str:
    """The six digits of the last mail."""
    send()
    return re.findall(r"(?<!\d)\d{6}(?!\d)", mail.outbox[-1].body)[0]


def ask_for_code(client: Client, login: str, **extra):
    """Ask for a sign-in code."""
    return client.post(ASK, {"login": login}, **extra)


def is_signed_in(client: Client) -> bool:
    """Whether the session belongs to somebody."""
    return "_auth_user_id" in client.session
