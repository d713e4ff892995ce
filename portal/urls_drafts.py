"""Addresses of drafting guides from solved cases, below /desk/drafts/."""

from django.urls import path

from portal.views import drafts

app_name = "desk_drafts"
urlpatterns = [
    path("ticket/<str:reference>/", drafts.of_ticket, name="of_ticket"),
    path("chat/<str:reference>/", drafts.of_chat, name="of_chat"),
]
