"""Addresses of the announcements at the desk, below /desk/announcements/."""

from django.urls import path

from portal.views import announcements_desk as desk

app_name = "desk_announcements"
urlpatterns = [
    path("", desk.announcements, name="list"),
    path("<slug:reference>/", desk.announcement, name="one"),
    path("<slug:reference>/read/", desk.read, name="read"),
]
