"""Background work of accounts: what a member is told about the closing of the account. Ids in, rows fetched again."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from accounts.models import AccountClosing, User
from accounts.notify import proved_addresses
from core.history import history_of, record
from core.notifications import deliver


def tell_everywhere(user: User, template: str, *, subject: Any, **context: Any) -> list[int]:
    """Owe a message about the account itself to every proved address: whoever reads only one of them must see it. Returns their ids."""
    sent = []
    for channel, address in proved_addresses(user).items():
        message = deliver(address, channel=channel, language=user.language, template=template, context=context, subject=subject)
        sent.append(message.pk)
    return sent


def settings_link(user: User, name: str, *args: Any) -> str:
    """Return the absolute address of a page of the member's, in the member's language."""
    with translation.override(user.language):
        return settings.SITE_ORIGIN + reverse(name, args=args)


def _tell_once(closing_id: int, *, state: str, template: str, words: str) -> None:
    with transaction.atomic():
        closing = AccountClosing.objects.select_for_update(of=("self",)).select_related("user").filter(pk=closing_id).first()
        if closing is None or closing.state != state or history_of(closing).filter(verb="told", data__template=template).exists():
            return
        with translation.override(closing.user.language):
            text = gettext(words)
        tell_everywhere(
            closing.user,
            template,
            subject=closing,
            due=closing.due_at,
            person_name=closing.user.name,
            action_url=settings_link(closing.user, "portal:my_close"),
            action_text=text,
        )
        record(closing, "told", label="system", template=template)


def tell_closing_requested(closing_id: int) -> None:
    """Announce the closing on every proved address, with the way back."""
    _tell_once(closing_id, state=AccountClosing.State.WAITING, template="accounts/closing_requested", words="Keep my account")


def tell_kept(closing_id: int) -> None:
    """Say that the account stays."""
    _tell_once(closing_id, state=AccountClosing.State.KEPT, template="accounts/closing_kept", words="My settings")
