"""Socket address of the agents' console."""

from django.urls import path

from chat.console.consumers import ConsoleConsumer

websocket_urlpatterns = [path("ws/desk-chat/", ConsoleConsumer.as_asgi())]
