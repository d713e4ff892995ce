"""Addresses below a language prefix."""

from django.urls import path

from portal.views import announcements, catalogue, codes, desk, get_help, home, information, member, style_guide, ticket, track

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("products/", catalogue.catalogue, name="catalogue"),
    path("products/<slug:family_slug>/", catalogue.family, name="family"),
    path("products/<slug:family_slug>/<str:model_slug>/", catalogue.model, name="model"),
    path("codes/", codes.codes, name="codes"),
    path("codes/<slug:family_slug>/<str:code>/", codes.code, name="code"),
    path("announcements/", announcements.announcements, name="announcements"),
    path("announcements/<slug:reference>/", announcements.announcement, name="announcement"),
    path("help/", get_help.get_help, name="get_help"),
    path("help/suggestions/", get_help.help_suggestions, name="help_suggestions"),
    path("help/solved/", get_help.help_solved, name="help_solved"),
    path("help/<str:reference>/", ticket.help_detail, name="help_detail"),
    path("help/<str:reference>/reply/", ticket.reply, name="help_reply"),
    path("help/<str:reference>/confirm/", ticket.confirm, name="help_confirm"),
    path("help/<str:reference>/reopen/", ticket.reopen, name="help_reopen"),
    path("track/", track.track, name="track"),
    path("track/code/", track.code, name="track_code"),
    path("my/", member.my, name="my"),
    path("my/profile/", member.profile, name="my_profile"),
    path("my/tickets/<str:reference>/", ticket.my_ticket, name="my_ticket"),
    path("desk-articles/", desk.article_picker, name="article_picker"),
    path("privacy/", information.privacy, name="privacy"),
    path("style-guide/", style_guide.style_guide, name="style_guide"),
]
