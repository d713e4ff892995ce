"""The switchboard: event name → handlers. Durable ones become tasks in the same transaction, push ones run on commit and may be lost."""

from core.events import Subscription

TABLE: dict[str, Subscription] = {
    # Knowledge
    "guide.published": Subscription(durable=("search.tasks.index_guide", "kb.tasks.finish_editor_tasks")),
    "guide.unpublished": Subscription(durable=("search.tasks.remove_guide",)),
    "diagnosis.published": Subscription(durable=("search.tasks.index_diagnosis",), push=("kb.tasks.forget_articles",)),
    "diagnosis.unpublished": Subscription(durable=("search.tasks.index_diagnosis",), push=("kb.tasks.forget_articles",)),
    "diagnosis.ended": Subscription(),
    "diagnosis.finished": Subscription(),
    "announcement.published": Subscription(durable=("search.tasks.index_announcement",)),
    "announcement.submitted": Subscription(),
    "announcement.returned": Subscription(durable=("kb.tasks.tell_returned",)),
    "announcement.withdrawn": Subscription(durable=("search.tasks.index_announcement",)),
    "guide.drafted": Subscription(),
    "editor_task.assigned": Subscription(durable=("kb.tasks.tell_assigned",)),
    "editor_task.closed": Subscription(),
    # Catalogue
    "product.changed": Subscription(durable=("search.tasks.index_product",), push=("kb.tasks.forget_articles",)),
    "code.changed": Subscription(durable=("search.tasks.index_code",), push=("kb.tasks.forget_articles",)),
    "guide.review_due": Subscription(durable=("kb.tasks.tell_review_due",)),
    "market.changed": Subscription(push=("kb.tasks.forget_articles",)),
    # Service desk
    "ticket.opened": Subscription(
        durable=("tickets.tasks.tell_opened", "tickets.tasks.note_contact"),
        push=("tickets.realtime.ticket_changed",),
    ),
    "ticket.claimed": Subscription(push=("tickets.realtime.ticket_changed",)),
    "ticket.released": Subscription(push=("tickets.realtime.ticket_changed",)),
    "ticket.assigned": Subscription(push=("tickets.realtime.ticket_changed",)),
    "ticket.updated": Subscription(push=("tickets.realtime.ticket_changed",)),
    "ticket.replied": Subscription(durable=("tickets.tasks.tell_replied",), push=("tickets.realtime.ticket_changed",)),
    "ticket.customer_replied": Subscription(push=("tickets.realtime.ticket_changed",)),
    "ticket.resolved": Subscription(durable=("tickets.tasks.tell_resolved",), push=("tickets.realtime.ticket_changed",)),
    "ticket.reopened": Subscription(push=("tickets.realtime.ticket_changed",)),
    "ticket.closed": Subscription(durable=("tickets.tasks.tell_closed",), push=("tickets.realtime.ticket_changed",)),
    "ticket.escalated": Subscription(push=("tickets.realtime.ticket_changed",)),
    "ticket.viewed": Subscription(push=("tickets.realtime.ticket_viewed",)),
    "sla.warned": Subscription(push=("tickets.realtime.ticket_changed",)),
    "sla.breached": Subscription(push=("tickets.realtime.ticket_changed",)),
    "desk.noticed": Subscription(push=("tickets.realtime.notify_users",)),
    # Live chat
    "chat.started": Subscription(
        durable=("chat.tasks.note_contact",),
        push=("chat.dispatch.on_started", "chat.realtime.queue_moved", "chat.console.realtime.chat_changed"),
    ),
    "chat.message_sent": Subscription(push=("chat.realtime.message_sent",)),
    "chat.receipt_noted": Subscription(push=("chat.realtime.receipt_noted",)),
    "chat.ended": Subscription(
        push=("chat.realtime.state_changed", "chat.dispatch.on_ended", "chat.realtime.queue_moved", "chat.console.realtime.chat_changed")
    ),
    "chat.rated": Subscription(push=("chat.realtime.state_changed",)),
    "chat.ticket_made": Subscription(push=("chat.realtime.state_changed", "chat.console.realtime.chat_changed")),
    "chat.offered": Subscription(push=("chat.console.realtime.offered",)),
    "chat.passed": Subscription(push=("chat.dispatch.on_passed", "chat.console.realtime.offered", "chat.console.realtime.chat_changed")),
    "chat.accepted": Subscription(push=("chat.realtime.state_changed", "chat.realtime.queue_moved", "chat.console.realtime.chat_changed")),
    "chat.requeued": Subscription(
        push=(
            "chat.realtime.state_changed",
            "chat.dispatch.on_requeued",
            "chat.realtime.queue_moved",
            "chat.console.realtime.chat_changed",
        )
    ),
    "chat.agent_changed": Subscription(push=("chat.dispatch.on_agent", "chat.realtime.queue_moved", "chat.console.realtime.crew_changed")),
    "chat.noted": Subscription(push=("chat.console.realtime.noted",)),
    "chat.viewed": Subscription(push=("chat.console.realtime.viewed",)),
    # Repairs
    "repair.booked": Subscription(durable=("fieldservice.tasks.tell_booked", "fieldservice.tasks.note_contact")),
    "repair.moved": Subscription(durable=("fieldservice.tasks.tell_moved",)),
    "repair.quoted": Subscription(durable=("fieldservice.tasks.tell_quoted",)),
    "repair.visit_moved": Subscription(durable=("fieldservice.tasks.tell_moved",)),
    "repair.cancelled": Subscription(durable=("fieldservice.tasks.tell_moved",)),
    "repair.replied": Subscription(durable=("fieldservice.tasks.tell_replied",)),
    "repair.customer_wrote": Subscription(),
    "repair.updated": Subscription(),
    # Warranty
    "warranty.registered": Subscription(durable=("warranty.tasks.tell_registered", "portal.desk_news.registration_arrived")),
    "warranty.approved": Subscription(durable=("warranty.tasks.tell_approved", "portal.desk_news.registration_decided")),
    "warranty.returned": Subscription(durable=("warranty.tasks.tell_returned", "portal.desk_news.registration_decided")),
    "warranty.refused": Subscription(durable=("warranty.tasks.tell_refused", "portal.desk_news.registration_decided")),
    "warranty.claimed": Subscription(durable=("warranty.tasks.tell_claimed", "portal.desk_news.registration_arrived")),
    "warranty.transferred": Subscription(durable=("warranty.tasks.tell_transferred",)),
    # People
    "contact.verified": Subscription(),
    "access.changed": Subscription(push=("accounts.realtime.access_changed",)),
    "export.requested": Subscription(durable=("portal.copies.build_export",)),
    "account.closing_requested": Subscription(durable=("accounts.tasks.tell_closing_requested",)),
    "account.kept": Subscription(durable=("accounts.tasks.tell_kept",)),
    "account.closed": Subscription(),
}
