"""Addresses of the desk."""

from django.urls import path

from tickets.views import calls, keys, notices, overview, steps, ticket

app_name = "tickets"
urlpatterns = [
    path("", overview.desk, name="desk"),
    path("queue/", overview.queue, name="queue"),
    path("tickets/", overview.ticket_list, name="list"),
    path("tickets/new/", calls.new, name="new"),
    path("tickets/new/contacts/", calls.contacts, name="contacts"),
    path("keys/", keys.keys, name="keys"),
    path("notices/", notices.notices, name="notices"),
    path("notices/seen/", notices.seen, name="notices_seen"),
    path("tickets/<str:reference>/", ticket.detail, name="detail"),
    path("tickets/<str:reference>/thread/", ticket.thread, name="thread"),
    path("tickets/<str:reference>/viewers/", ticket.viewers, name="viewers"),
    path("tickets/<str:reference>/clock/", ticket.clock, name="clock"),
    path("tickets/<str:reference>/claim/", overview.claim, name="claim"),
    path("tickets/<str:reference>/reply/", steps.reply, name="reply"),
    path("tickets/<str:reference>/note/", steps.note, name="note"),
    path("tickets/<str:reference>/status/", steps.status, name="status"),
    path("tickets/<str:reference>/priority/", steps.priority, name="priority"),
    path("tickets/<str:reference>/move/", steps.move, name="move"),
    path("tickets/<str:reference>/assign/", steps.assign, name="assign"),
    path("tickets/<str:reference>/release/", steps.release, name="release"),
    path("tickets/<str:reference>/escalate/", steps.escalate, name="escalate"),
    path("tickets/<str:reference>/resolve/", steps.resolve, name="resolve"),
    path("tickets/<str:reference>/join/", steps.join, name="join"),
    path("tickets/<str:reference>/confirm/", steps.confirm, name="confirm"),
    path("tickets/<str:reference>/reopen/", steps.reopen, name="reopen"),
    path("tickets/<str:reference>/reveal/", steps.reveal, name="reveal"),
]
