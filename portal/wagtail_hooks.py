"""The CMS in the product's own colours (one style sheet over Wagtail's variables), and guides from the cache."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.models import Page

from core.templatetags.look import asset_url
from kb.models import GuidePage
from portal.background_admin import BackgroundGroup
from portal.guide_cache import kept_page
from portal.guide_reader import keep_choice
from portal.retention_admin import addresses, menu_item

hooks.register("register_admin_urls", addresses)
hooks.register("register_reports_menu_item", menu_item)
Serve = Callable[[Page, HttpRequest, Any, Any], HttpResponse]


@hooks.register("insert_global_admin_css")
def brand_css() -> SafeString:
    """Link the style sheet that sets Wagtail's colour and font variables."""
    return format_html('<link rel="stylesheet" href="{}">', asset_url("portal/css/cms.css"))


@hooks.register("register_admin_viewset")
def operations() -> BackgroundGroup:
    """Background tasks and sent messages, for whoever keeps the portal running."""
    return BackgroundGroup()


@hooks.register("on_serve_page", order=100)  # inside Wagtail's own link of the chain, which looks whether the reader may see the page
def serve_kept_guide(serve: Serve) -> Serve:
    """Answer with the kept page of a guide, where there can be one."""

    def kept_or_served(page: Page, request: HttpRequest, args: Any, kwargs: Any) -> HttpResponse:
        if not isinstance(page, GuidePage):
            return serve(page, request, args, kwargs)
        response = kept_page(page, request) or serve(page, request, args, kwargs)
        keep_choice(request, response)
        return response

    return kept_or_served
