"""Addresses of votes and reading times, below a language prefix."""

from django.urls import path

from kb import views

app_name = "kb"
urlpatterns = [
    path("feedback/vote/", views.vote, name="vote"),
    path("feedback/reading/", views.reading, name="reading"),
]
