"""The settings of live chat for places without a request."""

from wagtail.models import Site

from chat.models import ChatSettings


def chat_settings() -> ChatSettings:
    """Return the settings of the default site; the built-in defaults where nothing was saved yet."""
    site = Site.objects.filter(is_default_site=True).first()
    saved = ChatSettings.objects.filter(site=site).first() if site else None
    return saved or ChatSettings.objects.first() or ChatSettings()
