"""The style guide page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.style_guide import samples


def style_guide(request: HttpRequest) -> HttpResponse:
    """Show every component in each of its states."""
    return render(request, "portal/style_guide.html", samples())
