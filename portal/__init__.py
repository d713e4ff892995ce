"""The project package and composition root: the only place that knows every app."""
