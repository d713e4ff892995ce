"""Screen of the CMS for service outlets: names, areas, products."""

from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.viewsets.model import ModelViewSet

from fieldservice.models import ServiceOutlet


class ServiceOutletViewSet(ModelViewSet):
    """Outlets with the area and the products they serve."""

    model = ServiceOutlet
    icon = "home"
    name = "service_outlets"
    menu_order = 255
    add_to_admin_menu = True
    list_display = ("name_zh_hans", "name_en", "area_zh_hans", "phone", "is_active")
    list_filter = ("is_active",)
    search_fields = ("key", "name_zh_hans", "name_en", "area_zh_hans", "area_en", "divisions")
    panels = [
        FieldPanel("key"),
        FieldRowPanel([FieldPanel("name_zh_hans"), FieldPanel("name_en")]),
        FieldRowPanel([FieldPanel("address_zh_hans"), FieldPanel("address_en")]),
        FieldRowPanel([FieldPanel("area_zh_hans"), FieldPanel("area_en")]),
        FieldPanel("divisions"),
        FieldRowPanel([FieldPanel("phone"), FieldPanel("hours_zh_hans"), FieldPanel("hours_en")]),
        FieldPanel("families"),
        FieldRowPanel([FieldPanel("order"), FieldPanel("is_active")]),
    ]
