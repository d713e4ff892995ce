"""Puts service outlets into the CMS's menu."""

from wagtail import hooks

from fieldservice.viewsets import ServiceOutletViewSet


@hooks.register("register_admin_viewset")
def outlets() -> ServiceOutletViewSet:
    """The screen of service outlets."""
    return ServiceOutletViewSet()
