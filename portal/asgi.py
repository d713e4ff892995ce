"""ASGI entry point: pages by Django, sockets by Channels."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.dev")

from django.core.asgi import get_asgi_application

django_application: Any = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402

from core.bodies import BodyLimit  # noqa: E402
from portal.checks import refuse_contradictions  # noqa: E402
from portal.sockets import websocket_urlpatterns  # noqa: E402
from portal.views.errors import too_long_page  # noqa: E402
from portal.warm import lifespan  # noqa: E402

refuse_contradictions()
application = ProtocolTypeRouter(
    {
        "http": BodyLimit(django_application, answer=too_long_page),
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
        "lifespan": lifespan,
    }
)
