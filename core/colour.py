"""Contrast of colours as WCAG 2.2 defines it (relative luminance, 1.4.3)."""


def luminance(colour: str) -> float:
    """Return the relative luminance (0 to 1) of `#RRGGBB`."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast_on_white(colour: str) -> float:
    """Return the contrast ratio (1 to 21) between `#RRGGBB` and white; 0 for anything else."""
    try:
        return 1.05 / (luminance(colour) + 0.05)
    except (ValueError, IndexError):
        return 0.0
