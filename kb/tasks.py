"""Answers of the knowledge base to news from the catalogue."""

from kb.caching import forget


def forget_articles(**_ids: object) -> None:
    """A family, model or code has changed: guides that name it are built again."""
    forget()
