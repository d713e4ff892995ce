"""Puts the set-up of live chat into the CMS's menu."""

from wagtail import hooks

from chat.viewsets import AgentProfileViewSet


@hooks.register("register_admin_viewset")
def chat_agents() -> AgentProfileViewSet:
    """The screen of chat agents."""
    return AgentProfileViewSet()
