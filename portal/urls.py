"""All addresses: site-wide ones first, then those below a language, Wagtail's pages last."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from portal.views import cms

urlpatterns = [
    path("", include("portal.urls_site")),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("cms/login/", cms.sign_in),
    path("cms/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),  # films and captions are taken out before, in urls_site
    path("desk/repairs/", include("fieldservice.urls")),
    path("desk/chat/", include("chat.console.urls")),
    path("desk/machines/", include("portal.urls_machines")),
    path("desk/announcements/", include("portal.urls_announcements")),
    path("desk/drafts/", include("portal.urls_drafts")),
    path("desk/reports/", include("reports.urls")),
    path("desk/registrations/", include("portal.urls_registrations")),
    path("desk/", include("tickets.urls")),
]

urlpatterns += i18n_patterns(
    path("chat/", include("portal.urls_chat")),
    path("diagnose/", include("portal.urls_diagnosis")),
    path("", include("portal.urls_public")),
    path("search/", include("search.urls")),
    path("", include("kb.urls")),
    path("", include(wagtail_urls)),
    prefix_default_language=True,
)

handler400 = "portal.views.errors.bad_request"
handler403 = "portal.views.errors.forbidden"
handler404 = "portal.views.errors.not_found"
handler500 = "portal.views.errors.server_error"
handler429 = "portal.views.errors.too_many"
