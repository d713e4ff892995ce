"""Reading live chat: doors, settings, messages, the queue as its visitors see it."""
