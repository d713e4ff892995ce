"""Phone numbers as people write them, brought to one form (E.164); Chinese numbers need no country code."""

import unicodedata
from typing import Any

import phonenumbers
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from phonenumbers import NumberParseException

from core.errors import InvalidInput

NOT_A_PHONE = _("This is not a phone number. Enter 11 digits, or + and the country code for a number abroad.")
MOBILE_DIGITS = 11


def _mainland_mobile_problem(digits: str) -> str:
    """Say how many digits a number that starts like a Chinese mobile lacks or has too many; empty for anything else."""
    if not digits.startswith("1") or len(digits) in (3, 5, MOBILE_DIGITS):
        return ""
    if 8 <= len(digits) < MOBILE_DIGITS:
        lacking = MOBILE_DIGITS - len(digits)
        return ngettext(
            "The phone number is %(count)s digit short. Enter 11 digits.",
            "The phone number is %(count)s digits short. Enter 11 digits.",
            lacking,
        ) % {"count": lacking}
    if MOBILE_DIGITS < len(digits) <= 14:
        extra = len(digits) - MOBILE_DIGITS
        return ngettext(
            "The phone number has %(count)s digit too many. Enter 11 digits.",
            "The phone number has %(count)s digits too many. Enter 11 digits.",
            extra,
        ) % {"count": extra}
    return ""


def normal_phone(typed: Any) -> str:
    """Return a phone number in E.164 form (`+8613800138000`), an empty string for nothing typed.

    Takes spaces, dashes, brackets, full-width digits, `0086` and `+86`. Raises InvalidInput with a sentence for the person.
    """
    text = unicodedata.normalize("NFKC", str(typed or "")).strip()
    if not text:
        return ""
    if len(text) > 40 or any(ch.isalpha() for ch in text):
        raise InvalidInput(NOT_A_PHONE, field="phone", code="invalid_phone")
    digits = "".join(ch for ch in text if ch.isdigit())
    if digits.startswith("00"):
        digits, text = digits[2:], "+" + digits[2:]
    abroad = text.lstrip("( ").startswith("+")
    if not abroad:
        text = digits
    at_home = digits.removeprefix("86") if digits.startswith("861") else "" if abroad else digits
    if problem := _mainland_mobile_problem(at_home):
        raise InvalidInput(problem, field="phone", code="invalid_phone")
    try:
        number = phonenumbers.parse(text, settings.PHONENUMBER_DEFAULT_REGION)
    except NumberParseException as error:
        raise InvalidInput(NOT_A_PHONE, field="phone", code="invalid_phone") from error
    if not phonenumbers.is_valid_number(number):
        raise InvalidInput(NOT_A_PHONE, field="phone", code="invalid_phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def shown_phone(number: Any) -> str:
    """Return a stored number as people read it: `138 0013 8000` at home, the international form for others."""
    text = str(number or "")
    if text.startswith("+86") and len(text) == 14:
        local = text[3:]
        return f"{local[:3]} {local[3:7]} {local[7:]}"
    try:
        return phonenumbers.format_number(phonenumbers.parse(text, None), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except NumberParseException:
        return text


class PhoneField(forms.CharField):
    """A phone number in a form; cleans to E.164."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Phone number"))
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault("widget", forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        """Return the number in E.164 form, or an empty string. Raises ValidationError."""
        text = super().clean(value)
        try:
            return normal_phone(text)
        except InvalidInput as refusal:
            raise ValidationError(refusal.message, code=refusal.code) from refusal
