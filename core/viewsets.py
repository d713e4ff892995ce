"""Screen of the CMS for business calendars: weekly periods, public holidays, exceptions and make-up working days."""

from wagtail.admin.viewsets.model import ModelViewSet

from core.models import BusinessCalendar


class BusinessCalendarViewSet(ModelViewSet):
    """Calendars with their periods and exceptions on one page."""

    model = BusinessCalendar
    icon = "date"
    name = "calendars"
    menu_order = 260
    add_to_admin_menu = True
    list_display = ("name_zh_hans", "name_en", "time_zone", "holiday_country", "is_default")
    search_fields = ("key", "name_zh_hans", "name_en")
    panels = BusinessCalendar.panels
