"""The way to a diagnosis from pages about a code, a machine or a guide."""

from typing import Any

from django import template

from diagnosis.queries import about_query, code_diagnosis, diagnoses_of_guide, diagnosis_for

register = template.Library()


@register.inclusion_tag("diagnosis/_ways.html")
def step_by_step(*, code: Any = None, model: Any = None, family: Any = None, guide: Any = None, unit: Any = None) -> dict[str, Any]:
    """Offer the published diagnoses that fit a code, a model, a family, a guide or a machine of one's own; nothing where none does.

    The address carries the machine, the model or the family along, so that nobody is asked for it again.
    """
    model = unit.model if unit is not None else model
    pages = diagnoses_of_guide(guide) if guide is not None else diagnosis_for(code=code, model=model, family=family)
    query = about_query(unit=unit, model=model, family=family or (code.family if code is not None else None))
    return {"ways": [{"title": page.title, "summary": page.summary, "url": f"{page.url or ''}{query}"} for page in pages]}


@register.simple_tag
def way_of_code(key: str, *, model: Any = None, unit: Any = None) -> str:
    """The address of the diagnosis that fits the error code of an answer, the machine carried along; empty where there is none.

    `key`: of the answer, as search names it. What is no code has none, and neither has a dangerous one. A page that does not know the
    machine leaves it empty.
    """
    return code_diagnosis(key, model=model or None, unit=unit or None)
