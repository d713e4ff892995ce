"""Production: HTTPS, a real secret, hashed static files; refuses to start on contradictory or default values (portal/checks.py)."""

from portal import env
from portal.settings.base import *
from portal.settings.base import SILENCED_SYSTEM_CHECKS

SECRET_KEY = env.text("SECRET_KEY")
SECURE_SSL_REDIRECT = env.flag("HEARTH_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = env.number("HEARTH_HSTS_SECONDS", 31536000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
LANGUAGE_COOKIE_SECURE = True
# Frames of our own pages are needed for the previews of the CMS; everybody else is refused (also by frame-ancestors).
SILENCED_SYSTEM_CHECKS = [*SILENCED_SYSTEM_CHECKS, "security.W019"]
