"""The maker's brand for places without a request: mails, SMS, background work."""

from wagtail.models import Site

from core.models import BrandSettings


def current_brand() -> BrandSettings:
    """Return the brand of the default site; the built-in defaults where nothing was saved yet."""
    site = Site.objects.filter(is_default_site=True).first()
    saved = BrandSettings.objects.filter(site=site).first() if site else None
    return saved or BrandSettings.objects.first() or BrandSettings()
