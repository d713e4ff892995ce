"""Second factors: secrets encrypted at rest with a key derived from SECRET_KEY, the maker's name in the authenticator app."""

import base64
import hashlib

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.brand import current_brand


def _boxes() -> list[Fernet]:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [Fernet(base64.urlsafe_b64encode(hashlib.sha256((str(key) + ".mfa").encode()).digest())) for key in keys]


class MFAAdapter(DefaultMFAAdapter):
    """Keeps authenticator secrets unreadable in a stolen database."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("The code is not right. Check the six digits, or ask for a new code."),
        "unverified_email": _("Confirm your e-mail address first."),
    }

    def get_totp_issuer(self) -> str:
        """Return the name of the service."""
        return str(current_brand().service_name)

    def encrypt(self, text: str) -> str:
        """Return the text encrypted with the present key."""
        return _boxes()[0].encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the text, trying the present key and then the fallbacks. Raises InvalidToken when none fits."""
        for box in _boxes():
            try:
                return box.decrypt(encrypted_text.encode()).decode()
            except InvalidToken:
                continue
        raise InvalidToken
