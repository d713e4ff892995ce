"""Template tags of diagnosis runs: their title and how far they are, the answers that belong to a case."""

from typing import Any

from django import template
from django.utils.translation import ngettext

from diagnosis.models import DiagnosisRun
from diagnosis.queries import given_of, runs_of_session, shown_in

register = template.Library()


@register.simple_tag
def run_title(run: DiagnosisRun) -> str:
    """Title of a run's diagnosis in the language in force."""
    return shown_in(run).title


@register.simple_tag
def run_so_far(run: DiagnosisRun) -> str:
    """How many questions are answered, in words."""
    count = len(given_of(run))
    return ngettext("%(count)s question answered", "%(count)s questions answered", count) % {"count": count}


@register.inclusion_tag("diagnosis/_of_case.html")
def diagnoses_of(session: Any, *, case: str = "", level: int = 2, css: str = "block") -> dict[str, Any]:
    """The answers given before a case, from its help session or handed over to it: to be read in ten seconds; nothing where none are."""
    return {"runs": runs_of_session(session, case=case), "level": level, "css": css}
