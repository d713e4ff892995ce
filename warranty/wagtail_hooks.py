"""Puts warranty into the CMS's menu."""

from wagtail import hooks

from warranty.viewsets import WarrantyGroup


@hooks.register("register_admin_viewset")
def warranty_group() -> WarrantyGroup:
    """The group of all warranty screens."""
    return WarrantyGroup()
