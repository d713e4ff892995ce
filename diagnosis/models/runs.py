"""One person's way through a diagnosis, step by step."""

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # nothing that looks like something else
CODE_LENGTH = 6


def run_code() -> str:
    """Return a random short code that can be read aloud and typed on another device."""
    return "".join(secrets.choice(CODE_LETTERS) for _place in range(CODE_LENGTH))


def run_key() -> str:
    """Return an unguessable key of a run: whoever has the link may go on with it."""
    return secrets.token_urlsafe(18)


class DiagnosisRun(models.Model):
    """One attempt. Its help session points to the ticket, chat or repair it may have become."""

    class State(models.TextChoices):
        OPEN = "open", _("answering")
        ENDED = "ended", _("reached an outcome")

    key = models.CharField(max_length=40, unique=True, default=run_key)
    code = models.CharField(max_length=CODE_LENGTH, unique=True, null=True, blank=True)
    version = models.ForeignKey("diagnosis.DiagnosisVersion", on_delete=models.PROTECT, related_name="runs")
    help_session = models.ForeignKey("kb.HelpSession", null=True, blank=True, on_delete=models.SET_NULL, related_name="runs")
    visitor_key = models.CharField(max_length=64, blank=True, db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="diagnosis_runs")
    family = models.ForeignKey("products.ProductFamily", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    model = models.ForeignKey("products.ProductModel", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    unit = models.ForeignKey("products.Unit", null=True, blank=True, on_delete=models.SET_NULL, related_name="diagnosis_runs")
    language = models.CharField(max_length=10, default="zh-hans")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    outcome_node = models.CharField(_("outcome"), max_length=40, blank=True)
    solved = models.BooleanField(_("solved"), null=True, blank=True)
    note = models.TextField(_("what else the person said"), blank=True)
    case_reference = models.CharField(_("became"), max_length=24, blank=True, db_index=True)
    started_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["version", "started_at"], name="run_version_time")]
        verbose_name = _("run of a diagnosis")
        verbose_name_plural = _("runs of diagnoses")

    def __str__(self) -> str:
        return self.key

    @property
    def is_closed(self) -> bool:
        """Whether the answers stand: it was solved, or a person has them."""
        return bool(self.case_reference) or self.solved is True


class RunStep(models.Model):
    """One answer. A step that was changed keeps its row with `replaced_at`, and so do the steps after it that no longer count."""

    run = models.ForeignKey(DiagnosisRun, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    node_key = models.CharField(max_length=40)
    answer_key = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["run", "position", "id"]
        indexes = [models.Index(fields=["run", "replaced_at", "position"], name="run_step_order")]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "position"], condition=models.Q(replaced_at__isnull=True), name="one_current_step_a_position"
            )
        ]
        verbose_name = _("step of a run")
        verbose_name_plural = _("steps of runs")

    def __str__(self) -> str:
        return f"{self.node_key}: {self.answer_key}"
