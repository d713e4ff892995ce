"""Puts the desk's set-up into the CMS's menu."""

from wagtail import hooks

from tickets.viewsets import DeskGroup


@hooks.register("register_admin_viewset")
def desk_group() -> DeskGroup:
    """The group of all desk screens."""
    return DeskGroup()
