"""Staff come by invitation and go by being disabled; every step leaves a history row."""

import hashlib
import secrets
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.contacts import mark_email_verified
from accounts.models import Role, StaffInvitation, User
from accounts.permissions import can_manage_staff
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.events import emit
from core.history import record
from core.i18n import normal_language
from core.notifications import MAIL, deliver

INVITATION_LIFE = timedelta(days=7)
ALREADY_STAFF = _("This person works here already.")
NOT_YOURSELF = _("You cannot do this to your own account. Ask another administrator.")
LAST_MANAGER = _("This is the last account that can manage staff.")
LINK_DEAD = _("This invitation is no longer valid. Ask for a new one.")


def token_hash(token: str) -> str:
    """Return what is stored of a token: its SHA-256, so that a stolen table opens nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def _demand_manager(by: Any) -> None:
    if not can_manage_staff(by):
        raise NotAllowed()


@transaction.atomic
def invite_staff(*, by: Any, email: str, name: str, role: Role, language: str = "zh-hans", now: datetime | None = None) -> StaffInvitation:
    """Invite somebody to work here; the mail with the link goes out after commit.

    An open invitation to the same address is revoked: only the newest link works. Raises NotAllowed, InvalidInput, Conflict.
    """
    _demand_manager(by)
    now, address, name = now or timezone.now(), (email or "").strip().lower(), " ".join((name or "").split())[:80]
    try:
        if len(address) > 254:
            raise ValidationError("")
        validate_email(address)
    except ValidationError as error:
        raise InvalidInput(_("Enter an e-mail address."), field="email") from error
    if not name:
        raise InvalidInput(_("Enter the name."), field="name")
    if User.objects.filter(email__iexact=address, is_staff=True, is_active=True).exists():
        raise Conflict(ALREADY_STAFF, code="already_staff")
    for earlier in StaffInvitation.objects.filter(email=address, accepted_at__isnull=True, revoked_at__isnull=True):
        _revoke(earlier, by=by, now=now)
    token = secrets.token_urlsafe(32)
    invitation = StaffInvitation.objects.create(
        email=address,
        name=name,
        role=role,
        language=normal_language(language),
        token_hash=token_hash(token),
        invited_by=by,
        created_at=now,
        expires_at=now + INVITATION_LIFE,
    )
    record(invitation, "invited", by=by, role=role.key, email=address)
    deliver(
        address,
        channel=MAIL,
        language=invitation.language,
        template="accounts/invitation",
        context={
            "invitation": invitation,
            "inviter": str(by),
            "role": role,
            "days": INVITATION_LIFE.days,
            "action_text": _("Accept the invitation"),
            "action_url": settings.SITE_ORIGIN + reverse("accounts:invitation", args=[token]),
        },
        subject=invitation,
        sensitive=True,
        expires_at=invitation.expires_at,
    )
    return invitation


def invitation_for(token: str, *, now: datetime | None = None) -> StaffInvitation:
    """Return the open invitation of a token. Raises NotFound with the same words for used, revoked, expired and made-up ones."""
    open_now = {"accepted_at__isnull": True, "revoked_at__isnull": True, "expires_at__gt": now or timezone.now()}
    found = StaffInvitation.objects.filter(token_hash=token_hash(token), **open_now).select_related("role__group").first()
    if found is None:
        raise NotFound(LINK_DEAD, code="invitation_gone")
    return found


def _account_for(invitation: StaffInvitation) -> User:
    """Return the account that has proved the invited address, a former colleague's, or a new one.

    Somebody who merely typed the address into an account of their own must not become staff by it.
    """
    proved = EmailAddress.objects.filter(email__iexact=invitation.email, verified=True).select_related("user").first()
    if proved is not None:
        return proved.user
    return User.objects.filter(email__iexact=invitation.email, is_staff=True).first() or User(email=invitation.email)


def _free_address(email: str, *, but: User) -> None:
    """Take an address from accounts that never proved it."""
    others = User.objects.filter(email__iexact=email).exclude(pk=but.pk)
    EmailAddress.objects.filter(email__iexact=email, verified=False).exclude(user_id=but.pk).delete()
    others.update(email="")


@transaction.atomic
def accept_invitation(*, token: str, password: str, now: datetime | None = None) -> User:
    """Make (or open again) the colleague's account with the invited address proved; the link works once.

    Raises NotFound for a dead link and InvalidInput for a weak password; nothing changes then.
    """
    now = now or timezone.now()
    invitation = invitation_for(token, now=now)
    user = _account_for(invitation)
    try:
        validate_password(password, user=user)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), field="password1", code="weak_password") from error
    # Two tabs at once: the row decides who was first.
    if not StaffInvitation.objects.filter(pk=invitation.pk, accepted_at__isnull=True, revoked_at__isnull=True).update(accepted_at=now):
        raise NotFound(LINK_DEAD, code="invitation_gone")
    is_new = user.pk is None
    _free_address(invitation.email, but=user)
    user.name = user.name or invitation.name
    user.language = invitation.language
    user.is_staff = user.is_active = True
    user.set_password(password)
    user.save()
    if not is_new:
        end_sessions(user)
    mark_email_verified(user=user, email=invitation.email)
    user.groups.add(invitation.role.group)
    StaffInvitation.objects.filter(pk=invitation.pk).update(user=user)
    record(invitation, "accepted", by=user)
    record(user, "joined", by=user, role=invitation.role.key)
    return user


def _revoke(invitation: StaffInvitation, *, by: Any, now: datetime) -> bool:
    revoked = StaffInvitation.objects.filter(pk=invitation.pk, accepted_at__isnull=True, revoked_at__isnull=True).update(revoked_at=now)
    if revoked:
        record(invitation, "revoked", by=by)
    return bool(revoked)


@transaction.atomic
def revoke_invitation(*, invitation: StaffInvitation, by: Any) -> None:
    """Make the link of an invitation useless. Raises NotAllowed, Conflict when it was used or revoked already."""
    _demand_manager(by)
    if not _revoke(invitation, by=by, now=timezone.now()):
        raise Conflict()


def end_sessions(user: User) -> int:
    """End every session of an account on every device. Returns how many there were. Emits `access.changed`."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    mine = []
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if str(store().decode(session.session_data).get("_auth_user_id")) == str(user.pk):
            mine.append(session.pk)
    Session.objects.filter(pk__in=mine).delete()
    emit("access.changed", user_id=user.pk)
    return len(mine)


def _managers(but: User) -> bool:
    """Return whether somebody else who can manage staff would be left."""
    others = User.objects.filter(is_staff=True, is_active=True).exclude(pk=but.pk)
    by_group = others.filter(groups__permissions__codename="manage_staff", groups__permissions__content_type__app_label="accounts")
    return by_group.exists() or others.filter(is_superuser=True).exists()


@transaction.atomic
def disable_staff(*, user: User, by: Any, reason: str = "") -> None:
    """Shut a colleague out at once: no sign-in, every session ended. Raises NotAllowed, Conflict."""
    _demand_manager(by)
    if user.pk == by.pk:
        raise NotAllowed(NOT_YOURSELF, code="yourself")
    if not _managers(but=user):
        raise Conflict(LAST_MANAGER, code="last_manager")
    if not User.objects.filter(pk=user.pk, is_active=True, is_staff=True).update(is_active=False):
        raise Conflict()
    ended = end_sessions(user)
    record(user, "disabled", by=by, reason=reason[:200], sessions=ended)


@transaction.atomic
def enable_staff(*, user: User, by: Any) -> None:
    """Let a disabled colleague in again, with the roles they had. Raises NotAllowed, Conflict."""
    _demand_manager(by)
    if not User.objects.filter(pk=user.pk, is_active=False, is_staff=True).update(is_active=True):
        raise Conflict()
    record(user, "enabled", by=by)


@transaction.atomic
def change_roles(*, user: User, roles: list[Role], by: Any) -> None:
    """Give a colleague exactly these roles; other groups stay. Raises NotAllowed, InvalidInput, Conflict."""
    _demand_manager(by)
    if user.pk == by.pk:
        raise NotAllowed(NOT_YOURSELF, code="yourself")
    if not roles:
        raise InvalidInput(_("Choose at least one role, or disable the account."), field="roles")
    before = sorted(role.key for role in Role.objects.filter(group__user=user))
    after = sorted(role.key for role in roles)
    user.groups.remove(*[role.group for role in Role.objects.select_related("group").exclude(key__in=after)])
    user.groups.add(*[role.group for role in roles])
    if not _managers(but=user) and not can_manage_staff(User.objects.get(pk=user.pk)):
        raise Conflict(LAST_MANAGER, code="last_manager")
    record(user, "roles_changed", by=by, before=before, after=after)
    emit("access.changed", user_id=user.pk)


@transaction.atomic
def reset_second_factor(*, user: User, by: Any) -> None:
    """Remove a colleague's second factors (lost phone): they set up new ones at the next sign-in. Raises NotAllowed."""
    from allauth.mfa.models import Authenticator

    _demand_manager(by)
    if user.pk == by.pk:
        raise NotAllowed(NOT_YOURSELF, code="yourself")
    removed, _detail = Authenticator.objects.filter(user=user).delete()
    end_sessions(user)
    record(user, "second_factor_reset", by=by, removed=removed)
