"""What other libraries' signals mean here."""

from typing import Any

from allauth.account.signals import email_confirmed
from django.dispatch import receiver

from accounts.actions import contacts


@receiver(email_confirmed, dispatch_uid="accounts.email_confirmed")
def on_email_confirmed(sender: Any, email_address: Any, **kwargs: Any) -> None:
    """A proved e-mail address attaches earlier cases."""
    contacts.attach_cases_on_verification(email_address.user)
