"""Words that guides avoid: what customers do not say, and other names of what has a name already. Edited in the CMS."""

from django.core.validators import MinLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class StyleWord(models.Model):
    """One word in one language, and what to say instead; the checks of the preview name it."""

    class Kind(models.TextChoices):
        PLAIN = "plain", _("customers do not use it")
        TERM = "term", _("it has another name with us")

    language = models.CharField(_("language"), max_length=10, choices=[("zh-hans", "简体中文"), ("en", "English")])
    avoid = models.CharField(_("word to avoid"), max_length=60, validators=[MinLengthValidator(2)])
    instead = models.CharField(_("say instead"), max_length=80, blank=True, help_text=_("Empty: leave it out."))
    kind = models.CharField(_("why"), max_length=8, choices=Kind.choices, default=Kind.PLAIN)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["language", "kind", "avoid"]
        constraints = [models.UniqueConstraint(fields=["language", "avoid"], name="one_style_word_a_language")]
        verbose_name = _("word to avoid")
        verbose_name_plural = _("words to avoid")

    def __str__(self) -> str:
        return f"{self.avoid} → {self.instead}" if self.instead else self.avoid
