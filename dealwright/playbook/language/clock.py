"""What time it is for a deal: what conditions about dates go by, and what is reckoned from a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dealwright.calendar.business_calendar import Calendar


class Clock(NamedTuple):
    """The time for a deal, and whose business time it is reckoned in."""

    now: datetime
    """The time of the decision."""
    calendar: Calendar
    """The deal's owner's."""

    def first_moment(self, day: date) -> datetime:
        """When a day begins where the owner is; a time stands for itself. UTC."""
        first = day if isinstance(day, datetime) else datetime.combine(day, time(), ZoneInfo(self.calendar.timezone))
        return first.astimezone(UTC)
