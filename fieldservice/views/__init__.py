"""Pages of the desk about repairs."""
