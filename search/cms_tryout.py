"""The editors' page for trying a search: what it understands and finds now, and with words that are not saved yet."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from wagtail.admin.viewsets.base import ViewSet

from core.i18n import LANGUAGES, normal_language
from products.models import ProductFamily
from search.models import Kind
from search.tryout import try_out

_ENTRIES = (
    "search.change_synonym",
    "search.change_stopword",
    "search.change_domainword",
    "search.change_promotedresult",
    "search.view_searchlog",
)
_LONGEST = 400


def may_try(user: Any) -> bool:
    """Whether somebody works on what search finds."""
    return any(user.has_perm(name) for name in _ENTRIES)


@require_safe
def try_search(request: HttpRequest) -> HttpResponse:
    """Show what a question would find, without writing it down."""
    if not may_try(request.user):
        raise PermissionDenied
    asked = {name: request.GET.get(name, "").replace("\x00", "")[:_LONGEST].strip() for name in ("q", "trial", "product")}
    language = normal_language(request.GET.get("language") or LANGUAGES[0])
    families = list(ProductFamily.objects.filter(is_active=True))
    product = asked["product"] if asked["product"] in {family.slug for family in families} else ""
    tried = try_out(asked["q"], language=language, product=product or None, trial=asked["trial"]) if asked["q"] else None
    context = {
        **asked,
        "product": product,
        "language": language,
        "families": families,
        "tried": tried,
        "kinds": dict(Kind.choices),
        "synonym_url": f"{reverse('search_synonyms:add')}?{urlencode({'terms': asked['trial']})}",
        "promote_url": f"{reverse('search_promoted:add')}?{urlencode({'words': asked['q']})}",
    }
    return render(request, "search/cms_try.html", context)


class TryViewSet(ViewSet):
    """Trying a search."""

    name = "search_try"
    url_prefix = "search/try"
    icon = "view"
    menu_label = gettext_lazy("Try a search")

    def get_urlpatterns(self) -> list[Any]:
        """The one page."""
        return [path("", try_search, name="index")]

    def get_menu_item(self, order: int | None = None) -> Any:
        """Shown to whoever works on what search finds."""
        from wagtail.admin.menu import MenuItem

        class Item(MenuItem):
            def is_shown(self, request: HttpRequest) -> bool:
                return may_try(request.user)

        return Item(self.menu_label, reverse("search_try:index"), name="search-try", icon_name=self.icon, order=order or 2)
