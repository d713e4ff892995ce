"""Addresses of the visitor's chat, below a language prefix and `chat/`."""

from django.urls import path

from portal.views import chat, chat_end, chat_http

app_name = "chat"
urlpatterns = [
    path("", chat.start, name="start"),
    path("resume/<str:token>/", chat.resume, name="resume"),
    path("<str:key>/", chat.conversation, name="conversation"),
    path("<str:key>/messages/", chat_http.messages, name="messages"),
    path("<str:key>/files/", chat_http.files, name="files"),
    path("<str:key>/end/", chat_end.end, name="end"),
    path("<str:key>/rating/", chat_end.rating, name="rating"),
    path("<str:key>/ticket/", chat_end.ticket, name="ticket"),
    path("<str:key>/transcript/", chat_end.transcript, name="transcript"),
]
