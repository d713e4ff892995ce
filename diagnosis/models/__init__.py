"""Tables of guided diagnosis: pages, their published versions, and what people answered."""

from diagnosis.models.pages import DiagnosisIndexPage, DiagnosisPage
from diagnosis.models.runs import DiagnosisRun, RunStep
from diagnosis.models.versions import DiagnosisVersion

__all__ = ["DiagnosisIndexPage", "DiagnosisPage", "DiagnosisRun", "DiagnosisVersion", "RunStep"]
