"""Points in time as tests write them: a day, a minute, or a delay such as ``+3bd``, in the team's time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import TypeAlias
from zoneinfo import ZoneInfo

from dealwright.calendar.business_calendar import Calendar
from dealwright.calendar.durations import Span
from dealwright.calendar.zones import instant
from dealwright.diagnostics.diagnostic import BadValue
from dealwright.diagnostics.text import quoted
from dealwright.playbook.language.team import CalendarRule

Json: TypeAlias = "str | bool | int | float | list[Json] | dict[str, Json] | None"
_FIXED = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}))?")
POINT_PATTERN = rf"^\+\s*[0-9]+(m|h|d|bd|bh)$|^{_FIXED.pattern}$"
"""A point in time, for editors."""
_EXAMPLES = "a day such as 2026-03-02, a minute such as 2026-03-02 14:30, or a delay such as +3bd"
_FIRST_YEAR, _LAST_YEAR = 1970, 2200
_ON_A_DAY_OFF = time(9)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Point:
    """A point in time as it is written."""

    text: str
    day: date | None = None
    wall: time | None = None
    """None for a day alone."""
    delay: Span | None = None
    """Instead of a day: how long after the point before."""

    def __str__(self) -> str:
        return self.text


def read_point(written: object) -> Point:
    """Read a point in time.

    Raises:
        BadValue: it is none, and what to write instead.
    """
    if isinstance(written, Point):
        return written
    text = written.isoformat() if isinstance(written, date) else str(written).strip()
    if text.startswith("+"):
        return Point(text, delay=Span.parse(text[1:].strip()))
    if (found := _FIXED.fullmatch(text)) is None:
        raise BadValue(f"{quoted(text)} is no point in time", f"write {_EXAMPLES}")
    try:
        point = Point(text, date.fromisoformat(found[1]), time.fromisoformat(found[2]) if found[2] else None)
    except ValueError:
        raise BadValue(f"there is no {text} in the calendar", f"write {_EXAMPLES}") from None
    if point.day is not None and not _FIRST_YEAR <= point.day.year <= _LAST_YEAR:
        raise BadValue(f"{text} is too far away", f"write a day between {_FIRST_YEAR} and {_LAST_YEAR}")
    return point


class Clock:
    """Makes moments of points in time, in the team's time zone and business hours."""

    def __init__(self, calendar: CalendarRule) -> None:
        self._rule = calendar

    @cached_property
    def calendar(self) -> Calendar:
        """The team's business time."""
        return self._rule.calendar_in(None, None)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The team's time zone."""
        return ZoneInfo(self._rule.timezone)

    def moment(self, point: Point, since: datetime) -> datetime:
        """When it is: of a day alone, when its business hours begin (09:00 on a day off); a delay counts from since."""
        if point.delay is not None:
            return self.calendar.add(since, point.delay)
        day = point.day or since.date()
        if point.wall is not None:
            return self._at(day, point.wall)
        opening = self.calendar.next_open(self._at(day, time()))
        return opening if opening < self._at(day + timedelta(days=1), time()) else self._at(day, _ON_A_DAY_OFF)

    def begin(self, point: Point, since: datetime) -> datetime:
        """Its first moment: of a day alone, midnight."""
        return self._at(point.day, time()) if point.day and not point.wall else self.moment(point, since)

    def end(self, point: Point, since: datetime) -> datetime:
        """The first moment after it: of a day alone, the next midnight; else a minute later."""
        if point.day is not None and point.wall is None:
            return self._at(point.day + timedelta(days=1), time())
        return self.moment(point, since) + _MINUTE

    def shown(self, at: datetime) -> datetime:
        """A moment on the team's wall clock."""
        return at.astimezone(self.zone)

    def payload(self, value: object, since: datetime, key: str = "") -> Json:
        """What a fact, command or deal says as JSON: its times and days may be written as points in time."""
        match value:
            case dict():
                return {str(name): self.payload(each, since, str(name)) for name, each in value.items()}
            case list() | tuple():
                return [self.payload(each, since, key) for each in value]
            case str() | date() if _is_time(key) and _is_point(value):
                return self.moment(read_point(value), since).isoformat()
            case str() if _is_day(key) and value.startswith("+") and _is_point(value):
                return self.shown(self.moment(read_point(value), since)).date().isoformat()
            case date():
                return value.isoformat()
            case None | str() | bool() | int() | float():
                return value
        return str(value)

    def _at(self, day: date, wall: time) -> datetime:
        return instant(self.zone, datetime.combine(day, wall)).astimezone(UTC)


def _is_time(key: str) -> bool:
    return key in {"at", "until"} or key.endswith("_at")


def _is_day(key: str) -> bool:
    return key == "on" or key.endswith("_on")


def _is_point(value: str | date) -> bool:
    try:
        read_point(value)
    except BadValue:
        return False
    return True
