"""Addresses of repairs at the desk."""

from django.urls import path

from fieldservice.views import booking, lists, order

app_name = "repairs"
urlpatterns = [
    path("", lists.repair_list, name="list"),
    path("new/", booking.new, name="new"),
    path("of/<str:reference>/", lists.of_ticket, name="of_ticket"),
    path("<str:reference>/", order.detail, name="detail"),
    path("<str:reference>/move/<slug:key>/", order.move, name="move"),
    path("<str:reference>/quote/", order.quote, name="quote"),
    path("<str:reference>/message/", order.message, name="message"),
    path("<str:reference>/note/", order.note, name="note"),
    path("<str:reference>/outlet/", order.outlet, name="outlet"),
    path("<str:reference>/looked-at/", order.looked_at, name="looked_at"),
    path("<str:reference>/reveal/", order.reveal, name="reveal"),
]
