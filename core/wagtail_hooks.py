"""Puts the business calendars into the CMS's menu."""

from wagtail import hooks

from core.viewsets import BusinessCalendarViewSet


@hooks.register("register_admin_viewset")
def calendars() -> BusinessCalendarViewSet:
    """The screen of the calendars."""
    return BusinessCalendarViewSet()
