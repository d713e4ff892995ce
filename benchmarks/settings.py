"""Settings of the measurements: those of the one-process mode, with the bare page and view added and the rate limits off."""

from portal.settings.dev import *  # noqa: F403
from portal.settings.dev import BASE_DIR, MIDDLEWARE, TEMPLATES

ROOT_URLCONF = "benchmarks.urls"
TEMPLATES = [{**TEMPLATES[0], "DIRS": [*TEMPLATES[0]["DIRS"], BASE_DIR / "benchmarks" / "templates"]}]
# All requests come from one address; the limits would measure themselves. The middleware stays the product's own.
RATELIMIT_ENABLE = False
MIDDLEWARE = list(MIDDLEWARE)
DEBUG = False
