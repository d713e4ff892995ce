"""Passkey forms that answer a made-up credential with a sentence; allauth's own raise whatever the broken JSON leads to."""

from typing import Any

from allauth.mfa.webauthn import forms as webauthn_forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

UNUSABLE = _("The passkey could not be read. Try again, or sign in another way.")


class CredentialMixin:
    """Turns every failure of parsing into a refusal."""

    def clean_credential(self) -> Any:
        """Return the checked credential. Raises ValidationError."""
        try:
            return super().clean_credential()  # type: ignore[misc]
        except ValidationError:
            raise
        except Exception as error:
            # The credential is whatever the visitor posted; the parser has no error of its own for a malformed one.
            raise ValidationError(UNUSABLE, code="unusable") from error


class LoginForm(CredentialMixin, webauthn_forms.LoginWebAuthnForm):
    """Sign in with a passkey alone."""


class AuthenticateForm(CredentialMixin, webauthn_forms.AuthenticateWebAuthnForm):
    """A passkey as the second step."""


class ReauthenticateForm(CredentialMixin, webauthn_forms.ReauthenticateWebAuthnForm):
    """A passkey before something that matters."""


class AddForm(webauthn_forms.AddWebAuthnForm):
    """A new passkey."""

    def clean(self) -> dict[str, Any]:
        """Check the new passkey. Raises ValidationError."""
        try:
            return super().clean()
        except ValidationError:
            raise
        except Exception as error:
            raise ValidationError(UNUSABLE, code="unusable") from error
