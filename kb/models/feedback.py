"""“Did this solve it?” — one vote a visitor and article, with a reason on no."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ArticleVote(models.Model):
    """A vote on a guide or code card. `subject_key` is the key of its search document, e.g. `guide:<translation key>`."""

    class Reason(models.TextChoices):
        INACCURATE = "inaccurate", _("It is wrong or out of date")
        UNCLEAR = "unclear", _("I do not understand it")
        NO_PICTURES = "no_pictures", _("Pictures are missing or do not match")
        NOT_MY_PROBLEM = "not_mine", _("It is not my problem")
        DID_NOT_HELP = "no_effect", _("I did it all and it did not help")
        OTHER = "other", _("Something else")

    subject_key = models.CharField(max_length=120)
    page = models.ForeignKey("kb.GuidePage", null=True, blank=True, on_delete=models.SET_NULL, related_name="votes")
    title = models.CharField(max_length=255)
    language = models.CharField(max_length=10)
    helpful = models.BooleanField()
    reason = models.CharField(max_length=12, choices=Reason.choices, blank=True)
    comment = models.TextField(blank=True)
    query = models.CharField(max_length=200, blank=True)
    referrer = models.CharField(max_length=300, blank=True)
    visitor_key = models.CharField(max_length=64)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    handled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["subject_key", "visitor_key"], name="one_vote_a_visitor")]
        indexes = [models.Index(fields=["visitor_key", "created_at"], name="vote_visitor")]
        verbose_name = _("vote")
        verbose_name_plural = _("votes")

    def __str__(self) -> str:
        return f"{self.subject_key}: {'yes' if self.helpful else 'no'}"
