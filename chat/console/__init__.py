"""The agents' console at `/desk/chat/`: its socket, pages, forms and set-up screens."""
