"""The demo: an invented maker with its catalogue, guides, people and ninety days of requests."""
