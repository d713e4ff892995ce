"""Handlers of Wagtail's signals: what is published or taken down becomes an event of ours."""
