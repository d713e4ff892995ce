"""Settings of the test suite: quick hashing, mail in memory; the mode follows the environment as in the product."""

import tempfile
from pathlib import Path

from portal.settings.base import *
from portal.settings.base import CACHES, CHANNEL_LAYERS, DATABASES, LOGGING, REDIS_URL, STORAGES

SECRET_KEY = "only-for-tests-" + "x" * 40
_root = Path(tempfile.mkdtemp(prefix="hearth-test-"))
DATA_DIR = _root
MEDIA_ROOT = _root / "media"
PRIVATE_MEDIA_ROOT = _root / "private"
STATIC_ROOT = _root / "static"
SEARCH_INDEX_DIR = _root / "search"
ELASTICSEARCH_INDEX_PREFIX = "hearth-test-" + _root.name[-8:].replace("_", "0").lower()
# Test processes share one Redis: each has its own keys and channel groups.
CACHES["default"].update({"KEY_PREFIX": ELASTICSEARCH_INDEX_PREFIX})
if REDIS_URL:
    CACHES["default"]["OPTIONS"].update({"SOCKET_CONNECT_TIMEOUT": 10, "SOCKET_TIMEOUT": 10})  # a busy machine is not an outage
    CHANNEL_LAYERS["default"]["CONFIG"].update({"prefix": ELASTICSEARCH_INDEX_PREFIX})
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file as in the product: the in-memory database of tests knows neither WAL nor waiting for another writer.
    DATABASES["default"]["TEST"] = {"NAME": str(_root / "test.sqlite3")}
ALLOWED_HOSTS = ["*"]
DEMO = True
STAFF_SECOND_FACTOR = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
SMS_BACKEND = "core.sms.MemoryBackend"
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
LOGGING = {**LOGGING, "root": {"handlers": ["console"], "level": "ERROR"}}
BOT_CHECK = False  # its own tests switch it on
