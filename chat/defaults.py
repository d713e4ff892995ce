"""Rows every installation starts with: a profile for everybody who answers chats, so that their skills can be set before the first one."""

from django.db import transaction

from chat.models import AgentProfile
from chat.permissions import chat_agents


@transaction.atomic
def load_defaults() -> None:
    """Give every agent without one a profile: all languages, all products, the usual number at once, away."""
    for user in chat_agents().filter(chat_profile__isnull=True):
        AgentProfile.objects.get_or_create(user=user)
