"""What other libraries' signals mean here."""

from typing import Any

from allauth.account.signals import email_confirmed, password_changed, password_reset, password_set
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver

from accounts.actions import contacts, sessions


@receiver(email_confirmed, dispatch_uid="accounts.email_confirmed")
def on_email_confirmed(sender: Any, email_address: Any, **kwargs: Any) -> None:
    """A proved e-mail address attaches earlier cases."""
    contacts.attach_cases_on_verification(email_address.user)


@receiver(user_logged_in, dispatch_uid="accounts.user_logged_in")
def on_signed_in(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    """A sign-in is a device in the member's list."""
    if request is not None and getattr(request.session, "session_key", None):
        agent = request.META.get("HTTP_USER_AGENT", "")
        sessions.remember_session(user=user, session_key=request.session.session_key, user_agent=agent)


@receiver(user_logged_out, dispatch_uid="accounts.user_logged_out")
def on_signed_out(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    """A device that signed out leaves the list."""
    if user is not None and getattr(request.session, "session_key", None):
        sessions.forget_session(user=user, session_key=request.session.session_key)


@receiver([password_changed, password_reset, password_set], dispatch_uid="accounts.password_changed")
def on_new_password(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    """A new password signs every other device out, and the list says so at once."""
    here = request.session.session_key or ""
    sessions.move_session(old=request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""), new=here)
    sessions.end_other_sessions(user=user, but=here, by=user)
