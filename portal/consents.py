"""Consents in words: what each purpose means, and which can be withdrawn by themselves."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.queries import consents_of

ACCOUNT = "account"
PURPOSES: dict[str, Any] = {
    ACCOUNT: _("Keeping an account with your name and addresses"),
    "answer_request": _("Answering your requests"),
    "service": _("Service for your products"),
    "reminders": _("Reminders"),
    "outlet": _("Passing your address to the service outlet"),
}


def ledger(user: Any) -> list[dict[str, Any]]:
    """Return the member's consents: purpose in words, version of the text, when given and withdrawn, whether it can be withdrawn here."""
    return [
        {
            "purpose": row.purpose,
            "words": PURPOSES.get(row.purpose, row.purpose),
            "version": row.text_version,
            "given_at": row.given_at,
            "withdrawn_at": row.withdrawn_at,
            "closes_account": row.purpose == ACCOUNT,
        }
        for row in consents_of(user)
    ]
