"""The editors' side of search in the CMS: synonyms, ignored words, promoted results, searches with no answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.base import ViewSet, ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet

from search import actions, reports, text
from search.cms_tryout import TryViewSet
from search.models import DomainWord, PromotedResult, SearchDocument, StopWord, Synonym
from search.usage import usage

_ROWS = 50


class _Create(generic.CreateView):
    """Saves through the action, so that the row is in force at the next question."""

    def get_initial(self) -> dict[str, Any]:
        """Take words handed over by a report."""
        given = {name: self.request.GET[name][:300] for name in ("terms", "words", "word") if name in self.request.GET}
        return {**super().get_initial(), **given}

    def save_instance(self) -> Any:
        """Save and put in force."""
        instance = super().save_instance()
        actions.touch_dictionary()
        return instance


class _Edit(generic.EditView):
    """Saves through the action, so that the change is in force at the next question."""

    def save_instance(self) -> Any:
        """Save and put in force."""
        instance = super().save_instance()
        actions.touch_dictionary()
        return instance


class _Dictionary(ModelViewSet):
    """What the kinds of rows share."""

    add_view_class = _Create
    edit_view_class = _Edit
    copy_view_enabled = False
    add_to_reference_index = False


class _Used(Column):
    """How many searches of the last 90 days a row was at work in; a dash while it is not in use. Counted once a page."""

    def __init__(self, kind: str) -> None:
        super().__init__("used", label=gettext_lazy("Searches it was at work in, 90 days"))
        self.kind = kind

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> Any:
        """The row's number in words."""
        request = parent_context.get("request")
        known = getattr(request, "search_usage", None) or usage()
        if request is not None:
            request.search_usage = known
        times = getattr(known, self.kind).get(instance.pk, 0)
        context = super().get_cell_context_data(instance, parent_context)
        context["value"] = "–" if not instance.active else str(times) if times else _("never")
        return context


class SynonymForm(forms.ModelForm):
    """Demands at least two different words."""

    class Meta:
        model = Synonym
        fields = ["terms", "one_way", "active", "note"]

    def clean_terms(self) -> str:
        """Refuse a line with fewer than two words."""
        from search.dictionary import Dictionary

        terms = " ".join(self.cleaned_data["terms"].split())
        if not Dictionary.build([(terms, False)]).groups or len(Dictionary.build([(terms, False)]).groups) < 2:
            raise ValidationError(_("Give at least two different words, with a comma between them."))
        return terms


class SynonymViewSet(_Dictionary):
    """Words that mean the same."""

    model = Synonym
    name = "search_synonyms"
    url_prefix = "search/synonyms"
    icon = "tasks"
    menu_label = gettext_lazy("Synonyms")
    form_fields = ["terms", "one_way", "active", "note"]
    list_display = [
        "terms",
        BooleanColumn("one_way", label=gettext_lazy("One way only")),
        BooleanColumn("active", label=gettext_lazy("In use")),
        _Used("synonyms"),
        "note",
    ]
    list_filter = ["active", "one_way"]
    search_fields = ["terms", "note"]
    search_backend_name = None

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        """The form that checks the words."""
        return SynonymForm


class StopWordViewSet(_Dictionary):
    """Words that questions are searched without."""

    model = StopWord
    name = "search_stop_words"
    url_prefix = "search/ignored"
    icon = "cross"
    menu_label = gettext_lazy("Ignored words")
    form_fields = ["word", "active"]
    list_display = ["word", BooleanColumn("active", label=gettext_lazy("In use")), _Used("stop_words")]
    list_filter = ["active"]
    search_fields = ["word"]
    search_backend_name = None


class DomainWordViewSet(_Dictionary):
    """The domain dictionary: words of the maker's own, and things that are not the maker's."""

    model = DomainWord
    name = "search_domain"
    url_prefix = "search/domain"
    icon = "openquote"
    menu_label = gettext_lazy("Domain dictionary")
    form_fields = ["word", "role", "active"]
    list_display = [
        "word",
        Column("role", label=gettext_lazy("What it is"), accessor="get_role_display"),
        BooleanColumn("active", label=gettext_lazy("In use")),
        _Used("domain"),
    ]
    list_filter = ["active", "role"]
    search_fields = ["word"]
    search_backend_name = None


class PromotedForm(forms.ModelForm):
    """Chooses among what can be found."""

    class Meta:
        model = PromotedResult
        fields = ["words", "document", "active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = SearchDocument.objects.filter(deleted=False).only("pk", "title", "language").order_by("language", "title")
        field = self.fields["document"]
        field.queryset = choices
        field.label_from_instance = lambda row: f"{row.title} ({row.language})"

    def clean_words(self) -> str:
        """Refuse words without a letter or digit: they would never be in a question."""
        words = self.cleaned_data["words"]
        if not text.plain(words):
            raise ValidationError(_("Give at least one word."))
        return words


class PromotedViewSet(_Dictionary):
    """Results that are shown first."""

    model = PromotedResult
    name = "search_promoted"
    url_prefix = "search/promoted"
    icon = "pick"
    menu_label = gettext_lazy("Promoted results")
    form_fields = ["words", "document", "active"]
    list_display = [
        "words",
        Column("document", label=gettext_lazy("Result"), accessor="document.title"),
        Column("language", label=gettext_lazy("Language"), accessor="document.language"),
        BooleanColumn("active", label=gettext_lazy("In use")),
        _Used("promoted"),
    ]
    list_filter = ["active"]
    search_fields = ["words"]
    search_backend_name = None

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        """The form that lists what can be found."""
        return PromotedForm


@permission_required("search.view_searchlog", raise_exception=True)
def gaps(request: HttpRequest) -> HttpResponse:
    """List searches with no answer, or whose answers nobody opened; each row starts the work."""
    asked = request.GET.get("days", "30")
    days = int(asked) if asked in {str(p) for p in reports.PERIODS} else 30
    language = request.GET.get("language", "") if request.GET.get("language") in ("en", "zh-hans") else ""
    unopened = request.GET.get("show") == "unopened"
    rows = reports.not_opened(days=days, language=language) if unopened else reports.unanswered(days=days, language=language)
    page = Paginator(rows, _ROWS).get_page(request.GET.get("p"))
    return render(
        request,
        "search/cms_gaps.html",
        {
            "page_obj": page,
            "days": days,
            "periods": reports.PERIODS,
            "language": language,
            "unopened": unopened,
            "synonym_url": reverse("search_synonyms:add"),
            "site_search_url": reverse("search:results"),
        },
    )


class GapsViewSet(ViewSet):
    """Searches with no answer."""

    name = "search_gaps"
    url_prefix = "search/gaps"
    icon = "search"
    menu_label = gettext_lazy("Searches with no answer")

    def get_urlpatterns(self) -> list[Any]:
        """The one list."""
        return [path("", gaps, name="index")]

    def get_menu_item(self, order: int | None = None) -> Any:
        """Shown to whoever may see what was searched."""
        from wagtail.admin.menu import MenuItem

        class Item(MenuItem):
            def is_shown(self, request: HttpRequest) -> bool:
                return bool(request.user.has_perm("search.view_searchlog"))

        return Item(self.menu_label, reverse("search_gaps:index"), name="search-gaps", icon_name=self.icon, order=order or 1)


class SearchGroup(ViewSetGroup):
    """The menu of search."""

    menu_label = gettext_lazy("Search")
    menu_icon = "search"
    menu_order = 450
    items = (GapsViewSet, TryViewSet, SynonymViewSet, DomainWordViewSet, PromotedViewSet, StopWordViewSet)
