"""The CMS in the product's own colours: one style sheet over Wagtail's variables."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks

from core.templatetags.look import asset_url
from portal.background_admin import BackgroundGroup


@hooks.register("insert_global_admin_css")
def brand_css() -> SafeString:
    """Link the style sheet that sets Wagtail's colour and font variables."""
    return format_html('<link rel="stylesheet" href="{}">', asset_url("portal/css/cms.css"))


@hooks.register("register_admin_viewset")
def operations() -> BackgroundGroup:
    """Background tasks and sent messages, for whoever keeps the portal running."""
    return BackgroundGroup()
