"""Addresses of the reports, below /desk/reports/."""

from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("", views.self_service, name="self_service"),
    path("definitions/", views.definitions, name="definitions"),
    path("tables/<slug:key>/", views.table, name="table"),
    path("attempts/", views.attempts, name="attempts"),
    path("attempts/<str:key>/", views.attempt, name="attempt"),
    path("contacts/", views.contacts, name="contacts"),
    path("searches/", views.search_rows, name="searches"),
    path("votes/", views.vote_rows, name="votes"),
]
