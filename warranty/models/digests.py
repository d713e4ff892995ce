"""What colleagues who decide registrations were told by mail."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ReviewDigest(models.Model):
    """That a colleague was told today what waits for them, so that nobody is told twice a day."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("review digest")
        verbose_name_plural = _("review digests")
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="one_review_digest_a_day")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.day}"
