"""Django configuration of guided diagnosis."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DiagnosisConfig(AppConfig):
    """Trees of questions that lead from a symptom to what can be done, and what people answered."""

    name = "diagnosis"
    label = "diagnosis"
    verbose_name = _("Guided diagnosis")

    def ready(self) -> None:
        """Connect the handlers of Wagtail's own signals."""
        from diagnosis import receivers  # noqa: F401
