"""Addresses of the desk's queue of registrations, below /desk/registrations/."""

from django.urls import path

from portal.views import registrations_desk as desk

app_name = "desk_registrations"
urlpatterns = [
    path("", desk.registrations, name="registrations"),
    path("digest/", desk.digest, name="digest"),
    path("<str:reference>/", desk.registration, name="registration"),
    path("<str:reference>/approve/", desk.registration_approve, name="approve"),
    path("<str:reference>/return/", desk.registration_return, name="return"),
    path("<str:reference>/refuse/", desk.registration_refuse, name="refuse"),
]
