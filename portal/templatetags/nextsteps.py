"""The ways on from an answer that did not help, for the vote box of guides and code cards."""

from typing import Any

from django import template

from portal import next_steps as ways

register = template.Library()


@register.simple_tag(takes_context=True)
def next_steps(context: template.Context, key: str, query: str = "") -> list[Any]:
    """Return the steps (kind, label, url, icon, note) from the answer `key`; none without a request."""
    request = context.get("request")
    return ways.next_steps(request, key=key, query=query) if request is not None else []
