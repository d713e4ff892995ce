"""Addresses of the machines beside a chat or a request, below /desk/machines/."""

from django.urls import path

from portal.views import machines_desk as machines

app_name = "desk_machines"
urlpatterns = [
    path("chat/<str:reference>/", machines.of_chat, name="of_chat"),
    path("request/<str:reference>/", machines.of_ticket, name="of_ticket"),
]
