"""Addresses without a language prefix."""

from django.urls import path

from portal import sitemaps
from portal.views import health, labels, metrics, private_media, site

app_name = "site"
urlpatterns = [
    path("", site.front_door, name="front_door"),
    path("display/", site.display, name="display"),
    path("language/<str:code>/", site.language, name="language"),
    path("media/public/<path:path>", site.public_media, name="public_media"),
    path("documents/<int:document_id>/<path:document_filename>", site.document, name="document"),
    path("media/private/<str:reference>/", private_media.private_media, name="private_media"),
    path("uploads/", private_media.upload, name="upload"),
    path("uploads/<str:reference>/remove/", private_media.upload_remove, name="upload_remove"),
    path("p/<str:code>/", labels.short, name="short"),
    path("sitemap.xml", sitemaps.index, name="sitemap_index"),
    path("sitemap-<str:code>.xml", sitemaps.sitemap, name="sitemap"),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("metrics", metrics.metrics, name="metrics"),
]
