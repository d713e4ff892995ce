"""Live chat: conversations, delivery, routing, presence, the widget and the agents' console."""
