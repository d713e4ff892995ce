"""Who belongs to the comparison group that sees no suggestions before a contact. Pure: a visitor's key decides, for good."""

import hashlib

BUCKETS = 10_000


def bucket_of(visitor_key: str, *, salt: str) -> int:
    """Return the place of a visitor, 0 to BUCKETS - 1, evenly spread; the same key and salt give the same place."""
    digest = hashlib.sha256(f"{salt}\x00{visitor_key}".encode()).digest()
    return int.from_bytes(digest[:8], "big") * BUCKETS >> 64


def held_back(visitor_key: str, *, percent: int, salt: str) -> bool:
    """Tell whether this visitor is to see no suggestions.

    A larger share keeps everybody who was in the smaller one. Nobody without a key is held back.

    Args:
        percent: share of visitors in the group, 0 to 100.
    """
    if not visitor_key or percent <= 0:
        return False
    return bucket_of(visitor_key, salt=salt) * 100 < percent * BUCKETS
