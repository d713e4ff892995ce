"""Template tags of the desk: words of steps and reasons, masked numbers, state tags."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.masking import masked_email, masked_phone
from core.templatetags.look import icon, tag
from tickets import states, words

register = template.Library()
LANGUAGE_MARKS = {"zh-hans": "中", "en": "EN"}


@register.simple_tag
def step(entry: Any, names: Any) -> str:
    """Words of a history row."""
    return words.step_words(entry, names or {})


@register.filter
def why(escalation: Any) -> str:
    """Why a row is in the queue."""
    return words.why_words(escalation)


@register.simple_tag
def why_icon(escalation: Any) -> SafeString:
    """Icon of an escalation's kind, or of the channel for a logged call."""
    if escalation.kind == "self_service" and escalation.ticket.channel != "web":
        return icon(words.CHANNEL_ICONS.get(escalation.ticket.channel, "globe"))
    return icon(words.ESCALATION_ICONS.get(escalation.kind, "flag"))


@register.filter
def notice_text(kind: str) -> str:
    """Headline of a notice."""
    return words.notice_words(kind)


@register.simple_tag
def status_tag(ticket: Any) -> SafeString:
    """The ticket's status as a tag."""
    return tag(ticket.get_status_display(), states.TONES.get(ticket.status, ""))


@register.filter
def masked(contact: Any) -> str:
    """A contact's phone, else mail, with its middle hidden."""
    return masked_phone(contact.phone) if contact.phone else masked_email(contact.email)


@register.filter
def mask_phone(number: Any) -> str:
    """A phone number with its middle hidden."""
    return masked_phone(number)


@register.filter
def mask_email(address: str) -> str:
    """An e-mail address with most of its name hidden."""
    return masked_email(address)


@register.simple_tag
def language_mark(code: str) -> SafeString:
    """The short mark of the customer's language, with its name for screen readers."""
    names = {"zh-hans": "简体中文", "en": "English"}
    lang = "zh-Hans" if code == "zh-hans" else "en"
    return format_html('<abbr class="lang" title="{}" lang="{}">{}</abbr>', names.get(code, code), lang, LANGUAGE_MARKS.get(code, code))
