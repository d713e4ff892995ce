"""The maker's brand for places without a request: mails, SMS, background work."""

from django.http import HttpRequest
from wagtail.models import Site

from core.models import BrandSettings


def current_brand() -> BrandSettings:
    """Return the brand of the default site; the built-in defaults where nothing was saved yet."""
    site = Site.objects.filter(is_default_site=True).first()
    saved = BrandSettings.objects.filter(site=site).first() if site else None
    return saved or BrandSettings.objects.first() or BrandSettings()


def brand_of(request: HttpRequest) -> BrandSettings:
    """Return the brand of the request's site, looked up once a request; the built-in defaults where there is no site."""
    try:
        saved: BrandSettings = BrandSettings.for_request(request)
    except BrandSettings.DoesNotExist:
        return BrandSettings()
    return saved
