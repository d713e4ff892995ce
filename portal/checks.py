"""System checks: contradictory or unsafe settings are refused at start-up, with what to do."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

WEAK = ("only-for-tests", "django-insecure", "change-me", "secret")


@register()
def modes_agree(app_configs: Any, **kwargs: Any) -> list[Error]:
    """The parts of services mode belong together."""
    found = []
    sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    if settings.REDIS_URL and sqlite and not settings.DEBUG and not _testing():
        found.append(
            Error(
                "REDIS_URL is set but the database is SQLite: several processes would share one file.",
                hint="Set DATABASE_URL to PostgreSQL, or leave REDIS_URL empty for the one-process mode.",
                id="portal.E001",
            )
        )
    if (settings.ELASTICSEARCH_USER and not settings.ELASTICSEARCH_PASSWORD) or (
        settings.ELASTICSEARCH_PASSWORD and not settings.ELASTICSEARCH_USER
    ):
        found.append(Error("ELASTICSEARCH_USER and ELASTICSEARCH_PASSWORD go together.", id="portal.E002"))
    if settings.ELASTICSEARCH_USER and not settings.ELASTICSEARCH_URL:
        found.append(Error("ELASTICSEARCH_USER is set without ELASTICSEARCH_URL.", id="portal.E003"))
    if settings.EMAIL_HOST_PASSWORD and not settings.EMAIL_HOST_USER:
        found.append(Error("EMAIL_HOST_PASSWORD is set without EMAIL_HOST_USER.", id="portal.E004"))
    if any(not url.startswith(("http://", "https://")) for url in settings.ELASTICSEARCH_URL):
        found.append(Error("ELASTICSEARCH_URL: every address starts with http:// or https://.", id="portal.E005"))
    if settings.REDIS_URL and not settings.REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
        found.append(Error("REDIS_URL: expected redis://, rediss:// or unix://.", id="portal.E006"))
    return found


@register(Tags.security)
def secrets_are_real(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Production refuses missing, short or default secrets and the demo."""
    if _testing() or not settings.SESSION_COOKIE_SECURE:
        return []
    found = []
    if len(settings.SECRET_KEY) < 40 or any(settings.SECRET_KEY.startswith(word) for word in WEAK):
        found.append(Error("SECRET_KEY is missing, short or a default.", hint="Set SECRET_KEY to 50 random characters.", id="portal.E010"))
    if settings.DEMO:
        found.append(Error("HEARTH_DEMO=1 with production settings: demo accounts have a public password.", id="portal.E011"))
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("postgresql") and database.get("PASSWORD") in {"hearth", "postgres", "password", ""}:
        found.append(Error("DATABASE_URL carries no password or a default one.", id="portal.E012"))
    if "*" in settings.ALLOWED_HOSTS or not settings.ALLOWED_HOSTS:
        found.append(Error("HEARTH_ALLOWED_HOSTS must name the portal's hosts.", id="portal.E013"))
    return found


def refuse_contradictions() -> None:
    """Stop a start with settings that `manage.py check --deploy` would refuse: a web server of its own runs no checks.

    Raises:
        ImproperlyConfigured: with what is wrong and what to do, one line each.
    """
    if found := [*modes_agree(None), *secrets_are_real(None)]:
        raise ImproperlyConfigured("\n".join(f"{error.id}: {error.msg} {error.hint or ''}".strip() for error in found))


def _testing() -> bool:
    return settings.SECRET_KEY.startswith("only-for-tests-")
