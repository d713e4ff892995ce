"""Warranty in the back office: terms, part groups, extensions, serial number rules, reasons for returning, known units."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.permissions import ModelPermissionPolicy

from core import history
from products.models import Unit
from warranty.models import PartGroup, ReturnReason, SerialRule, WarrantyExtension, WarrantyTerm
from warranty.serials import normal
from warranty.terms import check_consistent


class CreateView(generic.CreateView):
    """Creating a row leaves a step."""

    def save_instance(self) -> Any:
        """Save inside the caller's transaction."""
        row = super().save_instance()
        history.record(row, "created", by=self.request.user, fields=sorted(self.form.changed_data))
        return row


class EditView(generic.EditView):
    """Changing a row leaves a step."""

    def save_instance(self) -> Any:
        """Save inside the caller's transaction."""
        row = super().save_instance()
        if self.form.has_changed():
            history.record(row, "changed", by=self.request.user, fields=sorted(self.form.changed_data))
        return row


class WarrantyViewSet(ModelViewSet):
    """What all screens of the group share."""

    add_view_class = CreateView
    edit_view_class = EditView
    list_per_page = 50
    add_to_admin_menu = False


class TermDeleteView(generic.DeleteView):
    """Deleting a term is refused where it settled two others."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Say why it cannot go, or leave a step and delete it."""
        try:
            check_consistent(self.object, gone=True)
        except forms.ValidationError as error:
            messages.error(self.request, " ".join(error.messages))
            return redirect(self.get_success_url())
        history.record(self.object, "deleted", by=self.request.user, label=str(self.object))
        return super().form_valid(form)


class TermViewSet(WarrantyViewSet):
    """Warranty terms; rows that contradict each other are refused."""

    model = WarrantyTerm
    delete_view_class = TermDeleteView
    icon = "doc-full"
    name = "warranty_terms"
    menu_label = gettext_lazy("Warranty terms")
    list_display = [
        "name_zh_hans", "name_en", "family", "model", "group", "use", "months", "valid_from", "valid_until",
        BooleanColumn("is_active", label=gettext_lazy("in force")),
    ]  # fmt: skip
    list_filter = ["family", "group", "use", "is_active"]
    search_fields = ["name_zh_hans", "name_en", "model__number"]
    panels = [
        FieldRowPanel([FieldPanel("name_zh_hans"), FieldPanel("name_en")]),
        MultiFieldPanel([FieldRowPanel([FieldPanel("group"), FieldPanel("part")])], heading=gettext_lazy("What is covered")),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("family"), FieldPanel("model")]),
                FieldRowPanel([FieldPanel("region"), FieldPanel("use")]),
                FieldRowPanel([FieldPanel("valid_from"), FieldPanel("valid_until"), FieldPanel("is_active")]),
            ],
            heading=gettext_lazy("For which machines and purchases"),
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("months"), FieldPanel("until"), FieldPanel("excluded")]),
                FieldRowPanel([FieldPanel("start"), FieldPanel("wait_days")]),
                FieldRowPanel([FieldPanel("on_replacement"), FieldPanel("replacement_days")]),
            ],
            heading=gettext_lazy("How long"),
        ),
        FieldRowPanel([FieldPanel("exclusions_zh_hans"), FieldPanel("exclusions_en")]),
    ]


class GroupForm(WagtailAdminModelForm):
    """A part group; a part belongs to one group only, so that its term is never in doubt."""

    def clean_parts(self) -> Any:
        """Refuse a part that another group has."""
        parts = self.cleaned_data["parts"]
        for part in parts:
            other = part.warranty_groups.exclude(pk=self.instance.pk).first()
            if other is not None:
                raise forms.ValidationError(
                    _("“%(part)s” belongs to “%(group)s” already. A part has one group.") % {"part": part, "group": other}
                )
        return parts


class PartGroupViewSet(WarrantyViewSet):
    """Groups of parts with a term of their own."""

    model = PartGroup
    icon = "cogs"
    name = "warranty_part_groups"
    menu_label = gettext_lazy("Part groups")
    list_display = ["name_zh_hans", "name_en", "key", "order"]
    panels = [
        FieldRowPanel([FieldPanel("name_zh_hans"), FieldPanel("name_en")]),
        FieldRowPanel([FieldPanel("key"), FieldPanel("order")]),
        FieldPanel("parts"),
    ]

    def get_edit_handler(self) -> Any:
        """Build the form on ours, which keeps a part in one group."""
        return ObjectList(self.panels, base_form_class=GroupForm).bind_to_model(self.model)


class ExtensionForm(WagtailAdminModelForm):
    """An extension; the unit is named by its serial number, not chosen from all there are."""

    serial = forms.CharField(label=gettext_lazy("Serial number of the unit"), max_length=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.unit_id:
            self.fields["serial"].initial = self.instance.unit.serial

    def clean_serial(self) -> str:
        """Find the unit."""
        typed = str(self.cleaned_data["serial"])
        unit = Unit.objects.filter(serial_normal=normal(typed)).first()
        if unit is None:
            raise forms.ValidationError(_("No unit has this serial number."))
        self.instance.unit = unit
        return typed


class ExtensionViewSet(WarrantyViewSet):
    """Bought plans and goodwill for single units."""

    model = WarrantyExtension
    icon = "plus"
    name = "warranty_extensions"
    menu_label = gettext_lazy("Extensions")
    list_display = ["unit", "kind", "name_zh_hans", "months", "days", "until", "created_at"]
    list_filter = ["kind"]
    search_fields = ["unit__serial_normal", "name_zh_hans", "name_en"]
    panels = [
        FieldRowPanel([FieldPanel("serial"), FieldPanel("kind")]),
        FieldRowPanel([FieldPanel("name_zh_hans"), FieldPanel("name_en")]),
        FieldRowPanel([FieldPanel("group"), FieldPanel("months"), FieldPanel("days"), FieldPanel("until")]),
        FieldPanel("reason"),
    ]

    def get_edit_handler(self) -> Any:
        """Build the form on ours, which asks for the serial number."""
        return ObjectList(self.panels, base_form_class=ExtensionForm).bind_to_model(self.model)


class SerialRuleViewSet(WarrantyViewSet):
    """How serial numbers look."""

    model = SerialRule
    icon = "tag"
    name = "serial_rules"
    menu_label = gettext_lazy("Serial number rules")
    list_display = ["family", "model", "example", "pattern", BooleanColumn("is_active", label=gettext_lazy("in force"))]
    list_filter = ["family", "is_active"]
    panels = [
        FieldRowPanel([FieldPanel("family"), FieldPanel("model"), FieldPanel("is_active")]),
        FieldRowPanel([FieldPanel("pattern"), FieldPanel("example")]),
        FieldRowPanel([FieldPanel("where_zh_hans"), FieldPanel("where_en")]),
        FieldPanel("date_code"),
    ]


class ReasonViewSet(WarrantyViewSet):
    """Reasons for returning a registration."""

    model = ReturnReason
    icon = "undo"
    name = "return_reasons"
    menu_label = gettext_lazy("Reasons for returning")
    list_display = ["name_zh_hans", "name_en", "order", BooleanColumn("is_active", label=gettext_lazy("offered"))]
    panels = [
        FieldRowPanel([FieldPanel("name_zh_hans"), FieldPanel("name_en")]),
        FieldRowPanel([FieldPanel("text_zh_hans"), FieldPanel("text_en")]),
        FieldRowPanel([FieldPanel("key"), FieldPanel("order"), FieldPanel("is_active")]),
    ]


class SearchesNumbers:
    """Finds a unit by its number however it is typed: width, case, spaces, dashes."""

    def search_queryset(self, queryset: Any) -> Any:
        """Search by the normal form of what was typed, or by the model's number."""
        typed = getattr(self, "search_query", "") or ""
        if not typed.strip():
            return queryset
        match = Q(model__number__icontains=typed.strip())
        if number := normal(typed):
            match |= Q(serial_normal__contains=number)
        return queryset.filter(match)


class UnitIndexView(SearchesNumbers, generic.IndexView):
    """The list of units with its search."""

    is_searchable = True

    def get_base_queryset(self) -> Any:
        """Fetch what the list names in one query."""
        return super().get_base_queryset().select_related("model", "owner")


class UnitViewSet(ModelViewSet):
    """Units that left the factory and those customers registered: to look at; they come by import and registration."""

    model = Unit
    icon = "list-ul"
    name = "known_units"
    menu_label = gettext_lazy("Known units")
    index_view_class = UnitIndexView
    list_display = [
        "serial",
        Column("model", label=gettext_lazy("Model"), accessor="model.number"),
        Column("shipped_on", label=gettext_lazy("Left the factory on")),
        Column("purchased_on", label=gettext_lazy("Bought on")),
        BooleanColumn("known", label=gettext_lazy("On the factory’s list")),
        BooleanColumn("owner_id", label=gettext_lazy("Registered"), accessor=lambda unit: unit.owner_id is not None),
    ]
    list_filter = ["known", "model__family", "shipped_on"]
    list_per_page = 50
    inspect_view_enabled = True
    inspect_view_fields = ["serial", "model", "known", "shipped_on", "purchased_on", "created_at"]
    add_to_admin_menu = False
    exclude_form_fields: list[str] = []

    @property
    def permission_policy(self) -> Any:
        """Look only: numbers are imported, owners register."""
        return LookOnly(self.model)


class LookOnly(ModelPermissionPolicy):
    """Whoever may view, change or add the terms of warranty may look at units; nobody changes them by form."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Allow `view` alone."""
        return action == "view" and bool(user.is_active and (user.is_superuser or user.has_perm("warranty.change_warrantyterm")))

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        """Allow `view` alone."""
        return any(self.user_has_permission(user, action) for action in actions)


class WarrantyGroup(ModelViewSetGroup):
    """The menu of warranty."""

    items = (UnitViewSet, TermViewSet, PartGroupViewSet, ExtensionViewSet, SerialRuleViewSet, ReasonViewSet)
    menu_label = gettext_lazy("Warranty")
    menu_icon = "tick-inverse"
    menu_order = 225
