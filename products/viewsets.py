"""The catalogue in the back office: families, models, aliases, parts, error codes, the problem tree."""

from typing import Any

from django.contrib import messages
from django.db.models import ProtectedError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import BooleanColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup

from products import actions
from products.forms import ModelForm
from products.models import ErrorCode, Market, ModelAlias, Part, ProblemNode, ProductFamily, ProductModel


class CreateView(generic.CreateView):
    """Creating a row leaves a step and is told."""

    def save_instance(self) -> Any:
        """Save inside the caller's transaction."""
        row = super().save_instance()
        actions.record_saved(row, by=self.request.user, created=True, changed=self.form.changed_data)
        return row


class EditView(generic.EditView):
    """Changing a row leaves a step and is told."""

    def save_instance(self) -> Any:
        """Save inside the caller's transaction."""
        row = super().save_instance()
        if self.form.has_changed():
            actions.record_saved(row, by=self.request.user, created=False, changed=self.form.changed_data)
        return row


class DeleteView(generic.DeleteView):
    """Deleting is refused while something names the row; the way out is said."""

    def delete_action(self) -> None:
        """Delete, leave a step and tell."""
        actions.delete(self.object, by=self.request.user)

    def form_valid(self, form: Any) -> HttpResponse:
        """Turn the database's refusal into words."""
        try:
            return super().form_valid(form)
        except ProtectedError:
            messages.error(self.request, _("“%(name)s” is still in use. Hide or retire it instead of deleting it.") % {"name": self.object})
            return redirect(self.get_success_url())


class CatalogueViewSet(ModelViewSet):
    """What all parts of the catalogue share."""

    add_view_class = CreateView
    edit_view_class = EditView
    delete_view_class = DeleteView
    copy_view_enabled = False
    list_per_page = 50
    add_to_admin_menu = False


class FamilyViewSet(CatalogueViewSet):
    """Product families."""

    model = ProductFamily
    icon = "folder"
    menu_label = gettext_lazy("Families")
    list_display = ["name_zh_hans", "name_en", "slug", "order", BooleanColumn("is_active", label=gettext_lazy("shown"))]
    search_fields = ["name_zh_hans", "name_en", "slug"]
    panels = [
        FieldRowPanel([FieldPanel("name_zh_hans"), FieldPanel("name_en")]),
        FieldPanel("slug"),
        FieldRowPanel([FieldPanel("summary_zh_hans"), FieldPanel("summary_en")]),
        FieldRowPanel([FieldPanel("series"), FieldPanel("order"), FieldPanel("is_active")]),
        FieldPanel("picture"),
        MultiFieldPanel(
            [FieldPanel("label_picture"), FieldRowPanel([FieldPanel("label_hint_zh_hans"), FieldPanel("label_hint_en")])],
            heading=gettext_lazy("Where the label is"),
        ),
    ]


class ModelViewSetOfProducts(CatalogueViewSet):
    """Product models."""

    model = ProductModel
    icon = "tag"
    menu_label = gettext_lazy("Models")
    list_display = ["number", "name_zh_hans", "name_en", "family", BooleanColumn("is_active", label=gettext_lazy("shown"))]
    list_filter = ["family", "is_active"]
    search_fields = ["number", "number_normal", "name_zh_hans", "name_en"]
    panels = [
        FieldRowPanel([FieldPanel("family"), FieldPanel("number"), FieldPanel("slug")]),
        FieldRowPanel([FieldPanel("name_zh_hans"), FieldPanel("name_en")]),
        FieldRowPanel([FieldPanel("summary_zh_hans"), FieldPanel("summary_en")]),
        FieldPanel("picture"),
        FieldRowPanel([FieldPanel("launched_on"), FieldPanel("discontinued_on")]),
        FieldPanel("specs"),
        FieldRowPanel([FieldPanel("order"), FieldPanel("is_active")]),
    ]

    def get_edit_handler(self) -> Any:
        """Build the form on ours, which shows the specifications as lines."""
        return ObjectList(self.panels, base_form_class=ModelForm).bind_to_model(self.model)


class AliasViewSet(CatalogueViewSet):
    """Other numbers and nicknames of models."""

    model = ModelAlias
    icon = "tag"
    menu_label = gettext_lazy("Other names of models")
    list_display = ["text", "model"]
    list_filter = ["model__family"]
    search_fields = ["text", "text_normal", "model__number"]
    form_fields = ["model", "text"]


class PartViewSet(CatalogueViewSet):
    """Parts and accessories."""

    model = Part
    icon = "cog"
    menu_label = gettext_lazy("Parts")
    list_display = ["number", "name_zh_hans", "name_en"]
    search_fields = ["number", "name_zh_hans", "name_en"]
    form_fields = ["number", "name_zh_hans", "name_en", "fits"]


_CODE_COLUMNS = (
    "code",
    "other_spellings",
    "title_zh_hans",
    "title_en",
    "meaning_zh_hans",
    "meaning_en",
    "action_zh_hans",
    "action_en",
    "severity",
    "hazard",
)


class CodeViewSet(CatalogueViewSet):
    """Error codes."""

    model = ErrorCode
    icon = "warning"
    menu_label = gettext_lazy("Error codes")
    list_display = ["code", "family", "title_zh_hans", "title_en", "severity", BooleanColumn("is_active", label=gettext_lazy("shown"))]
    list_filter = ["family", "severity", "is_active"]
    search_fields = ["code", "code_normal", "other_spellings", "title_zh_hans", "title_en"]
    #: Headings as the import of the same list wants them.
    export_headings = {"family.slug": "family", **{name: name for name in _CODE_COLUMNS}}
    list_export = ["family.slug", *_CODE_COLUMNS]
    panels = [
        FieldRowPanel([FieldPanel("family"), FieldPanel("code"), FieldPanel("other_spellings")]),
        FieldPanel("only_models"),
        FieldRowPanel([FieldPanel("title_zh_hans"), FieldPanel("title_en")]),
        FieldRowPanel([FieldPanel("meaning_zh_hans"), FieldPanel("meaning_en")]),
        FieldRowPanel([FieldPanel("action_zh_hans"), FieldPanel("action_en")]),
        FieldRowPanel([FieldPanel("severity"), FieldPanel("hazard"), FieldPanel("is_active")]),
    ]


class ProblemViewSet(CatalogueViewSet):
    """The problem tree."""

    model = ProblemNode
    icon = "list-ul"
    menu_label = gettext_lazy("Problem tree")
    list_display = ["name_zh_hans", "name_en", "parent", "family", BooleanColumn("retired", label=gettext_lazy("retired"))]
    list_filter = ["family", "retired"]
    search_fields = ["name_zh_hans", "name_en", "key"]
    form_fields = ["parent", "key", "name_zh_hans", "name_en", "family", "order", "retired"]


class MarketViewSet(CatalogueViewSet):
    """Countries and regions the maker sells in."""

    model = Market
    icon = "globe"
    menu_label = gettext_lazy("Markets")
    list_display = ["code", "name_zh_hans", "name_en", "order", BooleanColumn("is_default", label=gettext_lazy("supposed"))]
    search_fields = ["code", "name_zh_hans", "name_en"]
    form_fields = ["code", "name_zh_hans", "name_en", "order", "is_default", "is_active"]


class ProductsGroup(ModelViewSetGroup):
    """The menu of the catalogue."""

    items = (FamilyViewSet, ModelViewSetOfProducts, AliasViewSet, CodeViewSet, PartViewSet, ProblemViewSet, MarketViewSet)
    menu_label = gettext_lazy("Products")
    menu_icon = "folder-open-inverse"
    menu_order = 220
