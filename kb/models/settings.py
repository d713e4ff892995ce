"""How guides are kept in good order: how often they are reviewed, when owners are reminded, how long a sentence may be."""

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting


@register_setting(icon="doc-full")
class KnowledgeSettings(BaseGenericSetting):
    """One row for the whole portal; `KnowledgeSettings.load()`."""

    review_months = models.PositiveSmallIntegerField(_("months from one review to the next"), default=12, validators=[MinValueValidator(1)])
    remind_days = models.PositiveSmallIntegerField(_("owners are reminded so many days before"), default=14)
    change_days = models.PositiveSmallIntegerField(_("days a major change is told to readers"), default=90)
    sentence_zh = models.PositiveSmallIntegerField(_("longest good Chinese sentence, in characters"), default=45)
    sentence_en = models.PositiveSmallIntegerField(_("longest good English sentence, in words"), default=25)
    paragraph_zh = models.PositiveSmallIntegerField(_("longest good Chinese paragraph, in characters"), default=160)
    paragraph_en = models.PositiveSmallIntegerField(_("longest good English paragraph, in words"), default=90)

    panels = [
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("review_months"), FieldPanel("remind_days")]), FieldPanel("change_days")], heading=_("Reviews")
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("sentence_zh"), FieldPanel("sentence_en")]),
                FieldRowPanel([FieldPanel("paragraph_zh"), FieldPanel("paragraph_en")]),
            ],
            heading=_("Readability"),
        ),
    ]

    class Meta:
        verbose_name = _("knowledge base")
