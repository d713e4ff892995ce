"""The way to a diagnosis from pages about a code, a machine or a guide."""

from typing import Any
from urllib.parse import urlencode

from django import template

from diagnosis.queries import diagnoses_of_guide, diagnosis_for

register = template.Library()


@register.inclusion_tag("diagnosis/_ways.html")
def step_by_step(*, code: Any = None, model: Any = None, family: Any = None, guide: Any = None) -> dict[str, Any]:
    """Offer the published diagnoses that fit a code, a model, a family or a guide; nothing where none does.

    The address carries the model or the family along, so that nobody is asked for it again.
    """
    pages = diagnoses_of_guide(guide) if guide is not None else diagnosis_for(code=code, model=model, family=family)
    family = family or (code.family if code is not None else None)
    about = {"model": model.slug} if model is not None else {"family": family.slug} if family is not None else {}
    query = f"?{urlencode(about)}" if about else ""
    return {"ways": [{"title": page.title, "summary": page.summary, "url": f"{page.url or ''}{query}"} for page in pages]}
