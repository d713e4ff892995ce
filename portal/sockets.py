"""All socket addresses in one list."""

from importlib import import_module
from importlib.util import find_spec

websocket_urlpatterns: list = []
if find_spec("tickets.routing"):
    websocket_urlpatterns += import_module("tickets.routing").websocket_urlpatterns
