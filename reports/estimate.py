"""Intervals for shares and for the difference of two shares. Pure.

Wilson's score interval for one share; Newcombe's hybrid of two Wilson intervals for a difference (R. G. Newcombe, Statistics in
Medicine 17, 1998, method 10): right where samples are small and shares near 0 or 1, where the usual plus-or-minus is not.
"""

from dataclasses import dataclass
from math import sqrt

#: Normal quantile of a two-sided 95 % interval.
Z95 = 1.959963984540054


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval; shares and differences of shares, so 0.1 is ten points."""

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low > 0 or self.high < 0


def wilson(hits: int, total: int, *, z: float = Z95) -> Estimate:
    """Return the share hits ÷ total with Wilson's score interval. Raises ValueError unless 0 <= hits <= total and total > 0."""
    if total <= 0 or not 0 <= hits <= total:
        raise ValueError("a share needs 0 <= hits <= total and total > 0")
    share, square = hits / total, z * z
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = z * sqrt(share * (1 - share) / total + square / (4 * total * total)) / (1 + square / total)
    return Estimate(share, max(0.0, middle - half) if hits else 0.0, min(1.0, middle + half) if hits < total else 1.0)


def difference(hits: int, total: int, other_hits: int, other_total: int, *, z: float = Z95) -> Estimate:
    """Return share one minus share two with Newcombe's hybrid score interval. Raises ValueError as `wilson` does."""
    one, two = wilson(hits, total, z=z), wilson(other_hits, other_total, z=z)
    value = one.value - two.value
    low = value - sqrt((one.value - one.low) ** 2 + (two.high - two.value) ** 2)
    high = value + sqrt((one.high - one.value) ** 2 + (two.value - two.low) ** 2)
    return Estimate(value, max(-1.0, low), min(1.0, high))
