"""Reading people: contacts by what the caller says, staff, open invitations."""

from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from accounts.models import Contact, Role, StaffInvitation, User


def search_contacts(text: str, *, limit: int = 20) -> list[Contact]:
    """Return contacts by phone (four digits or more), e-mail or name, newest first.

    The text is the agent's; nothing comes back for less than two characters.
    """
    words = " ".join((text or "").split())[:100]
    if len(words) < 2:
        return []
    digits = "".join(ch for ch in words if ch.isdigit())
    match = Q(name__icontains=words)
    if "@" in words:
        match |= Q(email__icontains=words)
    if len(digits) >= 4 and len(digits) >= len(words.replace(" ", "").replace("-", "").replace("+", "")):
        match |= Q(phone__contains=digits.removeprefix("0086"))
    return list(Contact.objects.filter(match).select_related("user").order_by("-created_at", "-pk")[:limit])


def same_person(contact: Contact) -> QuerySet[Contact]:
    """Return the other contacts that share the account, the phone or the e-mail address with this one."""
    match = Q(pk__in=[])
    if contact.user_id:
        match |= Q(user_id=contact.user_id)
    if contact.phone:
        match |= Q(phone=contact.phone)
    if contact.email:
        match |= Q(email__iexact=contact.email)
    return Contact.objects.filter(match).exclude(pk=contact.pk)


def roles_of(user: Any) -> list[Role]:
    """Return the roles of a colleague in their order."""
    return list(Role.objects.filter(group__user=user))


def staff() -> QuerySet[User]:
    """Return everybody who works here or worked here, with their roles, active ones first."""
    groups = Prefetch("groups", queryset=Group.objects.select_related("role"))
    worked_here = Q(is_staff=True) | Q(groups__role__isnull=False)
    return (
        User.objects.filter(worked_here)
        .distinct()
        .prefetch_related(groups)
        .annotate(keys=Count("authenticator", distinct=True))
        .order_by("-is_active", "name", "email")
    )


def open_invitations() -> QuerySet[StaffInvitation]:
    """Return invitations that can still be accepted."""
    return StaffInvitation.objects.filter(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=timezone.now()).select_related(
        "role", "invited_by"
    )
