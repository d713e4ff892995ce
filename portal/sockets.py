"""All socket addresses in one list."""

from importlib import import_module
from importlib.util import find_spec

websocket_urlpatterns: list = []
for name in ("tickets.routing", "chat.routing", "chat.console.routing"):
    if find_spec(name):
        websocket_urlpatterns += import_module(name).websocket_urlpatterns
