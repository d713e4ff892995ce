"""Forms of the catalogue's back office."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm

SEPARATOR = "|"


class SpecsField(forms.CharField):
    """Specifications as one line each: `容量 | Capacity | 10 kg`."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        """Return the stored list as lines."""
        if isinstance(value, list):
            return "\n".join(
                f" {SEPARATOR} ".join((row.get("label_zh_hans", ""), row.get("label_en", ""), row.get("value", ""))) for row in value
            )
        return value

    def to_python(self, value: Any) -> list[dict[str, str]]:
        """Return the lines as a list; refuses a line without three parts."""
        rows = []
        for number, line in enumerate((value or "").replace("｜", SEPARATOR).splitlines(), start=1):
            if not line.strip():
                continue
            parts = [part.strip() for part in line.split(SEPARATOR)]
            if len(parts) != 3 or not all(parts):
                raise forms.ValidationError(_("Line %(number)s needs three parts: Chinese | English | value.") % {"number": number})
            rows.append(dict(zip(("label_zh_hans", "label_en", "value"), parts, strict=True)))
        return rows

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare lists, not texts."""
        try:
            return self.to_python(data) != (initial or [])
        except forms.ValidationError:
            return True


class ModelForm(WagtailAdminModelForm):
    """A product model; its specifications are lines."""

    specs = SpecsField(
        label=gettext_lazy("specifications"), required=False, help_text=gettext_lazy("One a line: Chinese | English | value.")
    )
