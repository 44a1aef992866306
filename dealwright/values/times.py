"""How times are written for people: in English whatever the machine's language, and cheaply, for it is done often."""

from __future__ import annotations

from datetime import date, datetime

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def in_full(at: datetime) -> str:
    """A time on its own clock: ``Tue 24 Nov 2026 09:30``."""
    return f"{_DAYS[at.weekday()]} {at.day:02} {_MONTHS[at.month - 1]} {at.year} {at.hour:02}:{at.minute:02}"


def day_of(at: date) -> str:
    """A day: ``24 Nov 2026``."""
    return f"{at.day:02} {_MONTHS[at.month - 1]} {at.year}"


def in_short(at: datetime) -> str:
    """A time of about now, on its own clock: ``24 Nov 09:30``."""
    return f"{at.day:02} {_MONTHS[at.month - 1]} {at.hour:02}:{at.minute:02}"
