"""Django configuration of the catalogue."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProductsConfig(AppConfig):
    """Families, models, parts, error codes, the problem tree, customers' units."""

    name = "products"
    label = "products"
    verbose_name = _("Products")

    def ready(self) -> None:
        """Register the imports of the catalogue."""
        from products import imports

        imports.register()
