"""Regions of warranty terms: `CN-31` lies in `CN`; an empty region is everywhere."""


def parts_of(region: str) -> list[str]:
    """Return the steps of a region from the widest to the narrowest."""
    return region.upper().split("-") if region else []


def holds(wider: str, narrower: str) -> bool:
    """Return whether the second region lies in the first (or is the first)."""
    pieces = parts_of(wider)
    return parts_of(narrower)[: len(pieces)] == pieces
