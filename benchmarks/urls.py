"""The product's addresses, and the two bare ones that the product's pages are measured against."""

from django.urls import path

from benchmarks import views
from portal.urls import handler400, handler403, handler404, handler500
from portal.urls import urlpatterns as product

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    path("bare/view/", views.bare_view),
    path("bare/page/<path:page_path>", views.bare_page),
    *product,
]
