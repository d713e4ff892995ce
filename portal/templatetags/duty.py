"""Whether somebody is at the chat now, for pages that offer it beside something else."""

from django import template

from portal.chat_duty import Duty, duty_at_a_glance

register = template.Library()


@register.simple_tag(takes_context=True)
def chat_now(context: template.Context) -> Duty | None:
    """Return the chat's state as it was at most ten seconds ago; None without a request."""
    request = context.get("request")
    return duty_at_a_glance(request) if request is not None else None
