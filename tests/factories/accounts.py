"""People for tests: members, staff, contacts, verified addresses."""

from datetime import timedelta
from typing import Any

import factory
from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.models import Contact, Role, StaffInvitation, User

PASSWORD = "a-Long-enough-1"


class UserFactory(factory.django.DjangoModelFactory):
    """An account without any verified address."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person{n}@example.com")
    language = "zh-hans"

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        password = kwargs.pop("password", PASSWORD)
        user = model_class(**kwargs)
        user.set_password(password)
        user.save()
        return user


class MemberFactory(UserFactory):
    """A customer with an account: what is given of phone and e-mail is verified, and a contact belongs to it."""

    phone = factory.Sequence(lambda n: f"+86139{n:08d}")

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        user = super()._create(model_class, *args, **kwargs)
        verify(user)
        Contact.objects.create(
            name=user.name,
            email=user.email,
            phone=user.phone or "",
            user=user,
            language=user.language,
            email_verified_at=timezone.now() if user.email else None,
            phone_verified_at=timezone.now() if user.phone else None,
        )
        return user


class StaffFactory(UserFactory):
    """A colleague in one role (`role="agent"`); the role's defaults must be loaded."""

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        role = kwargs.pop("role", "agent")
        user = super()._create(model_class, *args, is_staff=True, **kwargs)
        user.groups.add(Role.objects.get(key=role).group)
        verify(user)
        return user


def verify(user: User) -> None:
    """Mark the user's addresses as verified."""
    if user.email:
        EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    if user.phone:
        user.phone_verified_at = timezone.now()
        user.save(update_fields=["phone_verified_at"])


class ContactFactory(factory.django.DjangoModelFactory):
    """A guest who left a phone number."""

    class Meta:
        model = Contact

    name = factory.Sequence(lambda n: f"Guest {n}")
    phone = factory.Sequence(lambda n: f"+86137{n:08d}")
    email = ""
    language = "zh-hans"


class InvitationFactory(factory.django.DjangoModelFactory):
    """A row of an invitation; use accounts.actions.invite_staff for one with a usable link."""

    class Meta:
        model = StaffInvitation

    email = factory.Sequence(lambda n: f"invited{n}@heyan.example")
    name = "New colleague"
    token_hash = factory.Sequence(lambda n: f"{n:064x}")
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=7))
