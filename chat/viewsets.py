"""Screen of the CMS for what chat agents take: languages, products, how many at once."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList
from wagtail.admin.viewsets.model import ModelViewSet

from chat.models import AgentProfile
from chat.permissions import chat_agents

LANGUAGES = (("zh-hans", "简体中文"), ("en", "English"))


class AgentProfileForm(WagtailAdminModelForm):
    """Languages as boxes to tick; only people who may answer chats."""

    languages = forms.MultipleChoiceField(
        label=_("languages"),
        choices=LANGUAGES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked means all."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = chat_agents().order_by("name", "pk")
        self.fields["families"].help_text = _("None chosen means all.")
        self.fields["families"].required = False


class AgentProfileViewSet(ModelViewSet):
    """Chat agents: what they take and whether they take any now."""

    model = AgentProfile
    icon = "user"
    name = "chat_agents"
    menu_label = _("Chat agents")
    menu_order = 255
    add_to_admin_menu = True
    list_display = ("user", "state", "away_reason", "capacity", "last_offered_at")
    list_filter = ("state",)
    search_fields = ("user__name", "user__email")
    edit_handler = ObjectList(
        [
            FieldPanel("user"),
            FieldPanel("languages"),
            FieldPanel("families", widget=forms.CheckboxSelectMultiple),
            FieldRowPanel([FieldPanel("capacity")]),
        ],
        base_form_class=AgentProfileForm,
    )
