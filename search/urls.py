"""Addresses of search, below ``/{language}/search/``."""

from django.urls import path

from search import views

app_name = "search"
urlpatterns = [
    path("", views.results, name="results"),
    path("suggest/", views.suggest, name="suggest"),
    path("click/", views.click, name="click"),
]
