"""Steps between a right password or code and being signed in."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage as AllauthEmailVerificationStage


class EmailVerificationStage(AllauthEmailVerificationStage):
    """Asks for a proof of the e-mail address only where there is one: who signed up with a phone alone has none to prove."""

    def handle(self) -> Any:
        """Skip people without an address (allauth would send them round in a circle)."""
        user = self.login.user
        if user is None and not self.login.email:
            return None, True
        if user is not None and not user.email and not EmailAddress.objects.filter(user=user).exists():
            return None, True
        return super().handle()
