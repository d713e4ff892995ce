"""Calendar arithmetic of warranty periods: months that end on the day with the same number, or on the month's last day. Pure."""

import calendar
from datetime import date, timedelta


def add_months(day: date, months: int) -> date:
    """Return the day with the same number `months` later (earlier when negative); the month's last day where it has no such day.

    29 February 2024 + 12 months is 28 February 2025, + 48 months is 29 February 2028. Clipped to the last day `date` can hold.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if year > date.max.year:
        return date.max
    if year < 1:
        return date.min
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def add_days(day: date, days: int) -> date:
    """Return the day `days` later, clipped to what `date` can hold."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min
