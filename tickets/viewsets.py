"""Screens of the CMS for what the desk is set up with: queues, priorities, service levels, canned replies."""

from typing import Any

from django.contrib import messages
from django.db.models import ProtectedError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup

from tickets.models import CannedReply, Priority, Queue, SLAPolicy


class DeleteView(generic.DeleteView):
    """Deleting is refused while tickets name the row."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Turn the database's refusal into words."""
        try:
            return super().form_valid(form)
        except ProtectedError:
            messages.error(self.request, gettext("“%(name)s” is still in use and cannot be deleted.") % {"name": self.object})
            return redirect(self.get_success_url())


class DeskViewSet(ModelViewSet):
    """What all parts of the set-up share."""

    delete_view_class = DeleteView


class QueueViewSet(DeskViewSet):
    """Teams: their hours, products, people and level."""

    model = Queue
    icon = "group"
    menu_order = 10
    name = "queues"
    list_display = ("name_zh_hans", "name_en", "tier", "calendar", "is_default")
    search_fields = ("key", "name_zh_hans", "name_en")
    panels = [
        FieldPanel("key"),
        FieldRowPanel([FieldPanel("name_zh_hans"), FieldPanel("name_en")]),
        FieldRowPanel([FieldPanel("calendar"), FieldPanel("tier"), FieldPanel("order")]),
        FieldPanel("families"),
        FieldPanel("members"),
        FieldRowPanel([FieldPanel("close_after_days"), FieldPanel("is_default")]),
    ]


class PriorityViewSet(DeskViewSet):
    """Priorities and the matrix that picks them."""

    model = Priority
    icon = "order"
    menu_order = 20
    name = "priorities"
    list_display = ("rank", "name_zh_hans", "name_en", "up_to", "is_default")
    panels = [
        FieldPanel("key"),
        FieldRowPanel([FieldPanel("name_zh_hans"), FieldPanel("name_en")]),
        FieldRowPanel([FieldPanel("rank"), FieldPanel("up_to"), FieldPanel("is_default")]),
    ]


class SLAPolicyViewSet(DeskViewSet):
    """Service levels: which tickets they are for and what is promised."""

    model = SLAPolicy
    icon = "time"
    menu_order = 30
    name = "service_levels"
    list_display = ("name_zh_hans", "name_en", "priority", "queue", "first_response_minutes", "resolution_minutes", "is_active")
    list_filter = ("is_active", "priority", "queue")
    panels = [
        FieldRowPanel([FieldPanel("name_zh_hans"), FieldPanel("name_en")]),
        FieldRowPanel([FieldPanel("priority"), FieldPanel("queue"), FieldPanel("kind")]),
        FieldRowPanel([FieldPanel("first_response_minutes"), FieldPanel("next_response_minutes"), FieldPanel("resolution_minutes")]),
        FieldRowPanel([FieldPanel("order"), FieldPanel("is_active")]),
    ]


class CannedReplyViewSet(DeskViewSet):
    """Replies written beforehand, in both languages."""

    model = CannedReply
    icon = "openquote"
    menu_order = 40
    name = "canned_replies"
    list_display = ("shortcut", "title_zh_hans", "title_en", "queue", "owner", "used")
    list_filter = ("queue",)
    search_fields = ("shortcut", "title_zh_hans", "title_en", "body_zh_hans", "body_en")
    panels = [
        FieldRowPanel([FieldPanel("shortcut"), FieldPanel("queue"), FieldPanel("owner")]),
        FieldRowPanel([FieldPanel("title_zh_hans"), FieldPanel("title_en")]),
        FieldPanel("body_zh_hans", help_text=_("You can use {customer}, {reference}, {agent}, {product} and {hotline}.")),
        FieldPanel("body_en"),
    ]


class DeskGroup(ModelViewSetGroup):
    """The desk's entry in the menu of the CMS."""

    menu_label = _("Service desk")
    menu_icon = "mail"
    menu_order = 250
    items = (QueueViewSet, PriorityViewSet, SLAPolicyViewSet, CannedReplyViewSet)
