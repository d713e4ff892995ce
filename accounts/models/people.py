"""People: users (phone or e-mail), contacts (every requester), roles, invitations of staff, consent."""

import secrets
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from core.i18n import BilingualMixin
from core.masking import masked_email, masked_phone


def new_handle() -> str:
    """Return a random internal account name; people never see or type it."""
    return "u" + secrets.token_hex(8)


class UserManager(BaseUserManager["User"]):
    """Makes accounts with a phone, an e-mail or (staff commands) both."""

    def create_user(self, *, email: str = "", phone: str | None = None, password: str | None = None, **fields: Any) -> "User":
        """Create and return a user. Raises ValueError without an address."""
        if not email and not phone:
            raise ValueError("a user needs a phone number or an e-mail address")
        user = self.model(email=self.normalize_email(email).lower(), phone=phone or None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, handle: str = "", *, email: str = "", password: str | None = None, **fields: Any) -> "User":
        """Create an administrator (used by `manage.py createsuperuser`)."""
        fields |= {"is_staff": True, "is_superuser": True}
        if handle:
            fields["handle"] = handle
        return self.create_user(email=email, password=password, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """An account. Signs in with a phone number or an e-mail address; neither alone is required."""

    handle = models.CharField(_("account name"), max_length=40, unique=True, default=new_handle)
    name = models.CharField(_("name"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = PhoneNumberField(_("phone"), null=True, blank=True, unique=True)
    phone_verified_at = models.DateTimeField(null=True, blank=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans", choices=[("zh-hans", "简体中文"), ("en", "English")])
    single_keys = models.BooleanField(_("single-key shortcuts at the desk"), default=True)
    is_staff = models.BooleanField(_("staff"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)

    USERNAME_FIELD = "handle"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email"]
    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                condition=~Q(email=""),
                name="unique_email_where_given",
                violation_error_message=_("This e-mail address is in use."),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email or (str(self.phone) if self.phone else self.handle)

    def get_full_name(self) -> str:
        """Return the name shown to colleagues and customers."""
        return str(self)

    def get_short_name(self) -> str:
        """Return the name used in greetings."""
        return str(self)

    @property
    def first_name(self) -> str:
        """The name, where libraries ask for a first name."""
        return self.name

    @property
    def last_name(self) -> str:
        """Always empty: names are kept whole."""
        return ""


class Role(BilingualMixin, models.Model):
    """A job of the maker's staff: a group of permissions with a name in both languages."""

    key = models.SlugField(_("key"), unique=True)
    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60)
    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="role", verbose_name=_("permissions"))
    works_desk = models.BooleanField(_("works at the desk"), default=False)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "key"]
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        permissions = [("manage_staff", _("Can invite and disable staff"))]


class Contact(models.Model):
    """A requester: guest or member. Every case belongs to one; verifying a phone or mail attaches earlier cases."""

    name = models.CharField(_("name"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = PhoneNumberField(_("phone"), blank=True, default="")
    email_verified_at = models.DateTimeField(null=True, blank=True)
    phone_verified_at = models.DateTimeField(null=True, blank=True)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="contacts")
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    region = models.CharField(_("region"), max_length=80, blank=True)
    note = models.CharField(_("note for staff"), max_length=255, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        indexes = [models.Index(Lower("email"), name="contact_email"), models.Index(fields=["phone"], name="contact_phone")]

    def __str__(self) -> str:
        """Return the name; somebody without one is told from others by an address with its middle hidden (asking for it leaves a mark)."""
        return self.name or masked_email(self.email) or masked_phone(self.phone) or f"#{self.pk}"


class StaffInvitation(models.Model):
    """An invitation to work here: one address, one role, one use, with an end."""

    email = models.EmailField(_("e-mail"))
    name = models.CharField(_("name"), max_length=80)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="invitations", verbose_name=_("role"))
    language = models.CharField(_("language"), max_length=10, default="zh-hans", choices=[("zh-hans", "简体中文"), ("en", "English")])
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


class Consent(models.Model):
    """What somebody agreed to: which text, which version, when, from where in the portal."""

    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="consents")
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=40)
    text_version = models.CharField(max_length=20)
    source = models.CharField(max_length=60)
    given_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-given_at"]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")

    def __str__(self) -> str:
        return f"{self.purpose} {self.text_version}"
