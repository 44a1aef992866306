"""Calendars and times in a few characters. March 2026: the 9th is a Monday."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dealwright.calendar.business_calendar import Calendar

NINE_TO_FIVE = "Mon-Fri 09:00-17:00"
SHORT_FRIDAY = "Mon-Thu 09:00-17:00, Fri 09:00-15:00"
WITH_LUNCH = "Mon-Fri 09:00-12:00 13:00-17:00"
ALWAYS = "Mon-Sun 00:00-24:00"


def calendar(hours: str = NINE_TO_FIVE, timezone: str = "Europe/Berlin", **rest: object) -> Calendar:
    return Calendar.model_validate({"hours": hours, "timezone": timezone, **rest})


def at(wall: str, timezone: str = "Europe/Berlin", *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(timezone), fold=fold).astimezone(UTC)


def wall(moment: datetime, timezone: str = "Europe/Berlin") -> str:
    return moment.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%dT%H:%M")
