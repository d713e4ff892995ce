"""The drawn graph with its checks, inside the editor."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from wagtail.admin.panels import Panel

from diagnosis.checks import findings
from diagnosis.drawing import shown
from diagnosis.outline import tree_of
from diagnosis.reading import advice_for


class GraphPanel(Panel):
    """Shows the tree as it is saved; the editor's script draws it anew while it is written."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "diagnosis/cms/graph_panel.html"

        def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
            """Return the drawing, the findings and where to draw anew, to try and to see figures."""
            context = super().get_context_data(parent_context)
            page = self.instance
            tree = tree_of(page.outline)
            context.update(shown(tree, findings(page, tree)))
            context["advice"] = advice_for(page, tree)
            context["draw_url"] = reverse("diagnosis_draw") + (f"?page={page.pk}" if page.pk else "")
            context["is_stale"] = bool(self.form is not None and self.form.errors)
            context["page"] = page
            return context
