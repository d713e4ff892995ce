"""What was published: the content of a diagnosis as it stood, so that a run ends with the questions it began with."""

import uuid
from functools import cached_property

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from diagnosis.tree import Tree, tree_from


class DiagnosisVersion(models.Model):
    """One published content of a diagnosis in one language (`diagnosis.outline.content_of`); never changed afterwards."""

    translation_key = models.UUIDField(default=uuid.uuid4, db_index=True)
    language = models.CharField(max_length=10)
    number = models.PositiveIntegerField(_("version"))
    page = models.ForeignKey(
        "diagnosis.DiagnosisPage", null=True, blank=True, on_delete=models.SET_NULL, related_name="versions", verbose_name=_("diagnosis")
    )
    content = models.JSONField()
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["translation_key", "language", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["translation_key", "language", "number"], name="one_number_a_diagnosis_and_language")
        ]
        verbose_name = _("version of a diagnosis")
        verbose_name_plural = _("versions of diagnoses")

    def __str__(self) -> str:
        return f"{self.title} {self.number}"

    @property
    def title(self) -> str:
        """The diagnosis's title as it was published."""
        return str(self.content.get("title", ""))

    @property
    def summary(self) -> str:
        """The summary as it was published."""
        return str(self.content.get("summary", ""))

    @property
    def safety(self) -> str:
        """What to read before starting; rich text, may be empty."""
        return str(self.content.get("safety", ""))

    @cached_property
    def tree(self) -> Tree:
        """The questions and outcomes."""
        return tree_from(self.content)
