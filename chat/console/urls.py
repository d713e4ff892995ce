"""Addresses of the agents' console, below `/desk/chat/`."""

from django.urls import path

from chat.console import steps, views

app_name = "chatdesk"
urlpatterns = [
    path("", views.home, name="console"),
    path("list/", views.side, name="list"),
    path("here/", views.here, name="here"),
    path("offers/", views.offers, name="offers"),
    path("overview/", views.overview, name="overview"),
    path("state/", steps.state, name="state"),
    path("offers/<int:pk>/accept/", steps.accept, name="accept"),
    path("offers/<int:pk>/decline/", steps.decline, name="decline"),
    path("<str:reference>/", views.detail, name="chat"),
    path("<str:reference>/head/", views.head, name="head"),
    path("<str:reference>/stream/", views.stream, name="stream"),
    path("<str:reference>/card/", views.card, name="card"),
    path("<str:reference>/take/", steps.take, name="take"),
    path("<str:reference>/take-over/", steps.take_over, name="take_over"),
    path("<str:reference>/message/", steps.message, name="message"),
    path("<str:reference>/note/", steps.note, name="note"),
    path("<str:reference>/transfer/", steps.transfer, name="transfer"),
    path("<str:reference>/transfer/cancel/", steps.cancel_transfer, name="cancel_transfer"),
    path("<str:reference>/end/", steps.end, name="end"),
    path("<str:reference>/ticket/", steps.ticket, name="ticket"),
    path("<str:reference>/reveal/", steps.reveal, name="reveal"),
]
