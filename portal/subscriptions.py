"""The switchboard: event name → handlers. Durable ones become tasks in the same transaction, push ones run on commit and may be lost."""

from core.events import Subscription

TABLE: dict[str, Subscription] = {
    # Knowledge
    "guide.published": Subscription(durable=("search.tasks.index_guide",)),
    "guide.unpublished": Subscription(durable=("search.tasks.remove_guide",)),
    "announcement.published": Subscription(durable=("search.tasks.index_announcement",)),
    "announcement.withdrawn": Subscription(durable=("search.tasks.index_announcement",)),
    # Catalogue
    "product.changed": Subscription(durable=("search.tasks.index_product",)),
    "code.changed": Subscription(durable=("search.tasks.index_code",)),
    # Service desk
    "ticket.opened": Subscription(),
    "ticket.claimed": Subscription(),
    "ticket.replied": Subscription(),
    "ticket.customer_replied": Subscription(),
    "ticket.resolved": Subscription(),
    "ticket.reopened": Subscription(),
    "ticket.closed": Subscription(),
    "ticket.escalated": Subscription(),
    "sla.warned": Subscription(),
    "sla.breached": Subscription(),
    # People
    "contact.verified": Subscription(),
}
