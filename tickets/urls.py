"""Addresses of the desk."""

app_name = "tickets"
urlpatterns: list = []
