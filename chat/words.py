"""What the system says in a conversation: an event and its facts, in words of the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

# Refusals of the socket itself: code → sentence.
REFUSALS = {
    "not_found": gettext_lazy("We cannot open this chat here. Start a new one, or open the link you were sent."),
    "signed_out": gettext_lazy("You are signed out. What you have written is kept; sign in again to go on."),
    "not_allowed": pgettext_lazy("chat", "You cannot take part in this chat any more."),
    "too_fast": gettext_lazy("That was too fast. Nothing is lost; it is sent again in a moment."),
    "bad_frame": gettext_lazy("This could not be read."),
    "unknown_type": gettext_lazy("This could not be read."),
    "server": gettext_lazy("We could not keep this message. It is sent again by itself."),
}


def system_words(event: str, data: Mapping[str, Any], *, language: str | None = None) -> str:
    """Return the sentence for an event of a conversation.

    Args:
        event: waiting, joined, left, transferred, passed_on, requeued, ended, ticket, left_message.
        data: its facts: `name` of a person, `by` who ended it, `reference` of a ticket.
        language: of the reader; the language in force by default.
    """
    with translation.override(language or translation.get_language()):
        return _sentence(event, {"name": data.get("name", ""), "reference": data.get("reference", ""), "by": data.get("by", "")})


def _sentence(event: str, facts: dict[str, str]) -> str:
    if event == "waiting":
        return _("You are in the queue. Write down what happens; whoever answers sees it at once.")
    if event == "joined":
        return _("%(name)s has joined the chat.") % facts
    if event == "transferred":
        return _("%(name)s takes over and has read the chat so far.") % facts if facts["name"] else _("A colleague takes over.")
    if event == "passed_on":
        return _("We pass you on to colleagues who know this better. You are at the head of their queue.")
    if event == "requeued":
        return _("The connection to our colleague is lost. You keep your place; the next one takes over.")
    if event == "ticket":
        return _("We go on with this as request %(reference)s.") % facts
    if event == "ended":
        if facts["by"] == "visitor":
            return pgettext("chat", "The chat has ended.")
        if facts["by"] == "agent":
            return _("%(name)s has ended the chat.") % facts if facts["name"] else _("Our colleague has ended the chat.")
        return _("The chat was ended because nobody wrote for a while.")
    return ""
