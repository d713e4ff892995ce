"""The home page: one search, products by picture, what can be done here, what others read."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from core.brand import brand_of
from diagnosis.queries import diagnoses_listed
from kb.queries import current_announcements
from kb.regions import in_region
from portal import hours, queries, structured
from portal.chat_duty import duty_at_a_glance
from portal.views.parts import language, remembered_products

ANNOUNCEMENTS = 3
DIAGNOSES = 4


def popular_searches() -> list[dict[str, str]]:
    """Return what to offer under the search: three symptoms and a code, in the visitor's words."""
    return [
        {"text": pgettext("popular search", "Washer not draining"), "kind": ""},
        {"text": "E2", "kind": "code"},
        {"text": pgettext("popular search", "AC dripping"), "kind": ""},
        {"text": pgettext("popular search", "Water hot and cold"), "kind": ""},
    ]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the home page."""
    brand = brand_of(request)
    shown = list(queries.families())
    context = {
        "families": shown,
        "label_family": next((family for family in shown if family.label_picture), None),
        "popular_searches": popular_searches(),
        "guides": queries.popular_guides(language()),
        "diagnoses": diagnoses_listed(language())[:DIAGNOSES],
        "products": remembered_products(request),
        "announcements": in_region(current_announcements(audience=queries.audience_of(request)), request)[:ANNOUNCEMENTS],
        "hours": hours.service_hours(brand),
        "chat": duty_at_a_glance(request),
        "organization": structured.organization(request, brand),
        "tagline": _("Answers, error codes and help for your appliance"),
    }
    return render(request, "portal/home.html", context)
