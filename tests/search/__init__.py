"""Promises of search."""
