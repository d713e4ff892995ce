"""Reading people: contacts by what the caller says, staff, open invitations, and what a member keeps."""

from typing import Any

from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from accounts import notices
from accounts.models import AccountClosing, Address, Consent, Contact, DataExport, NoticeChoice, Role, User, UserSession
from core.errors import NotFound


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


def is_session_open(session_key: str) -> bool:
    """Return whether a browser's session has neither ended nor run out; sockets ask, since they outlive requests."""
    return Session.objects.filter(session_key=session_key, expire_date__gt=timezone.now()).exists()


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


def addresses_for(user: Any) -> list[Address]:
    """Return a member's addresses, the default first."""
    return list(user.addresses.all()) if getattr(user, "is_authenticated", False) else []


def get_address_for(user: Any, key: str) -> Address:
    """Return one of the member's own addresses. Raises NotFound for anybody else's."""
    found = user.addresses.filter(key=key).first() if getattr(user, "is_authenticated", False) else None
    if found is None:
        raise NotFound()
    return found


def devices_of(user: User) -> list[UserSession]:
    """Return the devices that are signed in now, last seen first."""
    alive = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=timezone.now())
    return list(UserSession.objects.filter(Exists(alive), user=user))


def consents_of(user: User) -> list[Consent]:
    """Return the person's consents, those in force first, then newest first."""
    found = Consent.objects.filter(Q(user=user) | Q(contact__user=user)).order_by("-given_at", "-pk")
    return sorted(found, key=lambda row: row.withdrawn_at is not None)


def choices_of(user: User, *, has: Any) -> dict[str, dict[str, bool]]:
    """Return topic → channel → whether the member is told that way now (`has`: channels with a proved address).

    A channel without an address shows what was chosen, else the topic's default.
    """
    chosen: dict[str, dict[str, bool]] = {topic: {} for topic in notices.TOPICS}
    for row in NoticeChoice.objects.filter(user=user, topic__in=notices.TOPICS):
        chosen[row.topic][row.channel] = row.wanted
    found = {}
    for topic, rule in notices.TOPICS.items():
        used = notices.wanted_channels(topic, chosen=chosen[topic], has=has)
        found[topic] = {
            channel: channel in used if channel in has else chosen[topic].get(channel, rule.default(channel))
            for channel in notices.CHANNELS
        }
    return found


def closing_of(user: Any) -> AccountClosing | None:
    """Return the closing that is under way, or None."""
    if not getattr(user, "is_authenticated", False):
        return None
    return AccountClosing.objects.filter(user=user, state=AccountClosing.State.WAITING).first()


def exports_of(user: User, *, limit: int = 5) -> list[DataExport]:
    """Return the member's last copies, newest first."""
    return list(user.exports.all()[:limit])


def get_export_for(user: User, key: str) -> DataExport:
    """Return one of the member's own copies that can be downloaded now. Raises NotFound."""
    found = user.exports.filter(key=key, state=DataExport.State.READY, expires_at__gt=timezone.now()).first()
    if found is None:
        raise NotFound()
    return found
