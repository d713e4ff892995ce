"""How allauth reaches our users: phones, codes by mail and SMS through the outbound queue, where people land after signing in."""

from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.actions import contacts
from accounts.models import User
from accounts.phones import PhoneField
from accounts.queries import closing_of
from core.errors import LimitReached
from core.guard import client_ip, limit
from core.notifications import MAIL, SMS, deliver

CODE_MINUTES = 10
# allauth's notices about security → the sentence of ours (templates/mail/account/security_notice.txt).
SECURITY_NOTICES = {
    "account/email/password_changed": _("The password of your account was changed."),
    "account/email/password_set": _("A password was set for your account."),
    "account/email/password_reset": _("The password of your account was reset."),
    "account/email/email_changed": _("The e-mail address of your account was changed."),
    "account/email/email_deleted": _("An e-mail address was removed from your account."),
    "mfa/email/totp_activated": _("An authenticator app was set up for your account."),
    "mfa/email/totp_deactivated": _("The authenticator app was removed from your account."),
    "mfa/email/recovery_codes_generated": _("New recovery codes were made for your account."),
    "mfa/email/webauthn_added": _("A passkey was added to your account."),
    "mfa/email/webauthn_removed": _("A passkey was removed from your account."),
}


class AccountAdapter(DefaultAccountAdapter):
    """Phones and codes of this portal."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The phone number, e-mail address or password is not right."),
        "phone_password_mismatch": _("The phone number, e-mail address or password is not right."),
        "username_password_mismatch": _("The phone number, e-mail address or password is not right."),
        "incorrect_code": _("The code is not right. Check the six digits, or ask for a new code."),
        "too_many_login_attempts": _("Too many attempts. Ask for a new code, or wait a few minutes."),
        "rate_limited": _("Please wait half a minute before asking for another code."),
        "phone_taken": _("This phone number belongs to another account."),
        "email_taken": _("This e-mail address belongs to another account."),
        "enter_current_password": _("The present password is not right."),
        "same_as_current": _("This is the one you have already."),
        "incorrect_password": _("The password is not right."),
    }

    # --- phones ------------------------------------------------------------------------------------------------------
    def phone_form_field(self, **kwargs: Any) -> PhoneField:
        """Return the field that takes numbers as people write them."""
        return PhoneField(**kwargs)

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        """Return (number, verified) of the account, or None."""
        return (str(user.phone), user.phone_verified_at is not None) if user.phone else None

    def get_user_by_phone(self, phone: str) -> User | None:
        """Return the active account that has proved this number; a number that was only typed belongs to nobody yet."""
        return User.objects.filter(phone=phone, phone_verified_at__isnull=False, is_active=True).first()

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        """Note a number for the account; proves nothing unless `verified`."""
        contacts.set_phone(user=user, phone=phone, verified=verified)

    def set_phone_verified(self, user: User, phone: str) -> None:
        """Note that the account has proved the number, and attach earlier cases."""
        contacts.set_phone(user=user, phone=phone, verified=True)

    # --- messages ----------------------------------------------------------------------------------------------------
    def _deliver_sms(self, phone: str, template: str, **values: Any) -> None:
        deliver(
            phone,
            channel=SMS,
            language=get_language() or settings.LANGUAGE_CODE,
            template=f"account/{template}",
            context={"minutes": CODE_MINUTES, **values},
            sensitive="code" in values,
            expires_at=timezone.now() + timedelta(minutes=CODE_MINUTES),
        )

    def send_verification_code_sms(self, user: User, phone: str, code: str, **kwargs: Any) -> None:
        """Send the six digits."""
        self._deliver_sms(phone, "code", code=code)

    def send_unknown_account_sms(self, phone: str, **kwargs: Any) -> None:
        """Tell the owner of the number, and nobody else, that there is no account; few times a day."""
        self._hint_sms(phone, "no_account")

    def send_account_already_exists_sms(self, phone: str) -> None:
        """Tell the owner of the number that there is an account already; few times a day."""
        self._hint_sms(phone, "has_account")

    def _hint_sms(self, phone: str, template: str) -> None:
        try:
            limit(context.request, f"sms-{template}", "3/d", key=phone)
        except LimitReached:
            return
        self._deliver_sms(phone, template)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Owe a mail; `account/email/login_code` becomes the template `mail/account/login_code`."""
        values = {key: value for key, value in context.items() if key not in {"request", "user", "current_site"}}
        notice = SECURITY_NOTICES.get(template_prefix)
        if notice is not None:
            values |= {"notice": notice, "at": timezone.now()}
        template = "security_notice" if notice is not None else template_prefix.rsplit("/", 1)[-1]
        with_code = "code" in values
        deliver(
            email,
            channel=MAIL,
            language=get_language() or settings.LANGUAGE_CODE,
            template=f"account/{template}",
            context={"minutes": CODE_MINUTES, "email": email, **values},
            sensitive=with_code,
            expires_at=timezone.now() + timedelta(minutes=CODE_MINUTES) if with_code else None,
        )

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell the owner of the account that its security changed: by mail, by SMS where a phone is all they have proved."""
        super().send_notification_mail(template_prefix, user, context, email)
        notice = SECURITY_NOTICES.get(template_prefix)
        if notice is None or email or contacts.verified_emails(user) or not (user.phone and user.phone_verified_at):
            return
        deliver(
            str(user.phone),
            channel=SMS,
            language=get_language() or settings.LANGUAGE_CODE,
            template="account/security_notice",
            context={"notice": notice},
            subject=user,
        )

    # --- where to ----------------------------------------------------------------------------------------------------
    def get_login_stages(self) -> list[str]:
        """Return allauth's stages with our proof of the e-mail address."""
        ours = "accounts.stages.EmailVerificationStage"
        return [ours if path.endswith(".EmailVerificationStage") else path for path in super().get_login_stages()]

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """Let the pages without a language in their address (desk, CMS) follow the language of a member of staff."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if user.is_staff and user.language in dict(settings.LANGUAGES):
            secure = settings.SESSION_COOKIE_SECURE
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME, user.language, max_age=settings.LANGUAGE_COOKIE_AGE, samesite="Lax", secure=secure
            )
        return response

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return the place of work of staff, the member area of everybody else."""
        return landing_page(request.user)

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """Return the member area."""
        return landing_page(request.user)

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """Return the home page in the language in force."""
        return _address("portal:home", "/")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return the page with the account's security."""
        return reverse("mfa_index")

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        """Return the list of addresses for members who added one, the sign-in otherwise."""
        return reverse("account_email") if self.request.user.is_authenticated else reverse("account_login")

    # --- limits ------------------------------------------------------------------------------------------------------
    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the client's address behind as many proxies as the settings name."""
        return client_ip(request)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count failed passwords per address or number: allauth's own key is the same for every phone."""
        return str(credentials.get("email") or credentials.get("phone") or credentials.get("username") or "").lower()


def _address(name: str, fallback: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return fallback


def landing_page(user: Any) -> str:
    """Return where a person goes after signing in: the desk, the CMS, the member area, or the offer to keep an account."""
    if user.is_staff:
        works_desk = user.groups.filter(role__works_desk=True).exists()
        if works_desk or user.has_perm("tickets.work_desk"):
            return _address("tickets:desk", "/desk/")
        if user.has_perm("wagtailadmin.access_admin"):
            return _address("wagtailadmin_home", "/cms/")
    return _address("portal:my_close" if closing_of(user) else "portal:my", "/")
