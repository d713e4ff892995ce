"""The reports keep nothing of their own; this row-less model carries who may read them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Report(models.Model):
    """Bearer of the permission; there is no table."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [("view_reports", _("Can read the reports"))]
        verbose_name = _("report")
        verbose_name_plural = _("reports")
