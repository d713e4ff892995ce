"""Repairs as the customer follows them, and the outlets that do them."""
