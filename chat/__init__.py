"""Live chat: conversations, routing, presence. Not part of the portal yet; the room is kept so that imports stay in order."""
