"""Engines that answer a search plan."""
