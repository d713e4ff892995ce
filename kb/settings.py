"""The settings of self-service for places without a request."""

from wagtail.models import Site

from kb.models import SelfServiceSettings


def self_service_settings() -> SelfServiceSettings:
    """Return the settings of the default site; the built-in ones, with the comparison switched off, where nothing was saved yet."""
    site = Site.objects.filter(is_default_site=True).first()
    saved = SelfServiceSettings.objects.filter(site=site).first() if site else None
    return saved or SelfServiceSettings.objects.first() or SelfServiceSettings()
