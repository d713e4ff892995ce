"""Addresses of accounts beside those of allauth."""

app_name = "accounts"
urlpatterns: list = []
