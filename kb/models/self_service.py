"""Settings of the knowledge base that an administrator changes in the back office."""

import secrets

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting


def new_salt() -> str:
    """Return a fresh salt for the drawing of the comparison group."""
    return secrets.token_urlsafe(12)


@register_setting(icon="doc-full-inverse")
class SelfServiceSettings(BaseSiteSetting):
    """How the effect of suggestions is measured: a share of visitors sees none before a contact (docs/deflection.md)."""

    holdout_percent = models.PositiveSmallIntegerField(
        _("visitors without suggestions, in percent"),
        default=0,
        validators=[MaxValueValidator(50)],
        help_text=_(
            "This share of visitors sees no suggestions in the help form and before a chat, so that the effect can be estimated. "
            "Search, error codes and safety notices are never held back. 0 switches the comparison off."
        ),
    )
    holdout_minimum = models.PositiveSmallIntegerField(
        _("visitors needed in each group"),
        default=100,
        validators=[MinValueValidator(10)],
        help_text=_("With fewer in either group the report says “not enough data yet”."),
    )
    holdout_salt = models.CharField(
        _("draw"), max_length=40, default=new_salt, help_text=_("Another text draws the group anew. Each visitor stays where they are.")
    )

    panels = [
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("holdout_percent"), FieldPanel("holdout_minimum")]), FieldPanel("holdout_salt")],
            heading=_("Comparison group"),
        ),
    ]

    class Meta:
        verbose_name = _("self-service")
