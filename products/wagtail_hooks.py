"""Puts the catalogue into the CMS's menu."""

from wagtail import hooks

from products.viewsets import ProductsGroup


@hooks.register("register_admin_viewset")
def products_group() -> ProductsGroup:
    """The group of all catalogue screens."""
    return ProductsGroup()
