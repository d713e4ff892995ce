"""Default mode: one process, SQLite, the embedded search engine, in-memory channels, mail and SMS on the console."""

from core.secrets import persistent_secret
from portal import env
from portal.settings.base import *
from portal.settings.base import DATA_DIR, LOGGING, STORAGES

DEBUG = env.flag("HEARTH_DEBUG")
SECRET_KEY = env.text("SECRET_KEY") or persistent_secret(DATA_DIR / "secret_key")
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
LOGGING = {**LOGGING, "root": {"handlers": ["console"], "level": env.text("HEARTH_LOG_LEVEL", "WARNING")}}
