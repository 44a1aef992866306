"""Business time: when a calendar is open, and what a duration comes to on it.

A calendar has working hours, a time zone, public holidays and extra closed days. Every function takes any
aware datetime, refuses a naive one (`NaiveTime`), and returns UTC. An opening contains the minute it begins
and not the minute it ends. The calendar has no clock of its own: the same question has the same answer.

**What a duration means**, counting on from a start (`Calendar.add`):

======  ================================================================================================
``m``   Minutes of elapsed time, also across a change of daylight saving and over closed hours.
``h``   Hours of elapsed time, likewise: 24h after noon is 11:00 or 13:00 on the days of a change.
``d``   Calendar days: the same time on the wall clock so many days later, open or not.
``bd``  Business days: the same time on the wall clock on the so-many-th business day after.
``bh``  Business hours: the first moment by which so much open time has passed.
======  ================================================================================================

**Business days.** 2bd after Tuesday 15:00 is Thursday 15:00; 1bd after Friday 15:00 is Monday 15:00.

- A start outside opening hours counts as the next opening: 1bd after Saturday, or after Friday 18:00, is
  Tuesday 09:00. 0bd is that opening itself, or the start if it is open.
- The result is always open, and on exactly that business day. If its hours differ from those of the start, a
  time before them becomes the opening, one in a break the end of the break, one after them the last minute
  (14:59 when the day closes at 15:00). In general a result leaves a minute to act before the day closes.

**Business hours.** 4bh after Friday 15:00 is Monday 11:00. 2bh after Friday 15:00 is Friday 17:00, the moment
of closing: a deadline, not a time to act at (`Calendar.next_open` makes it one). 0bh is the start itself.

**Counting back** (`Calendar.subtract`, in a playbook ``{before: anchor, by: 1bd}``) is the mirror image.

- Business days: an anchor outside opening hours counts as the last minute of the opening before it. On the
  day found, a time in a break becomes the last minute before the break. 1bd before Monday 10:00 is Friday
  10:00; 1bd before Saturday is Thursday 16:59.
- Business hours: the last moment from which so much open time remains. 2bh before Monday 10:00 is Friday 16:00.

**Daylight saving**, for ``d`` and ``bd`` (the others count moments, not wall clocks):

- A result that the clock skips is the first moment after the gap: in Berlin 02:30 on the last Sunday in March
  is 03:00. A day that is skipped whole (Apia, 2011-12-30) has no business hours, and a ``d`` that would end on
  it ends at the next midnight.
- A result that the clock shows twice is the first of the two.
- A start in the second pass of a doubled hour counts as the end of that hour, so that a later start never
  leads to an earlier result.

**Always true**: ``add`` never goes back and ``subtract`` never forward; a later start or a longer duration of
the same unit never gives an earlier end. A closure of more than 400 days raises `NoOpening`. Moments before
1900 and after 9980 raise `OutOfReach`: a date such as 9999-12-31 means "never" and is better left out.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Self

from pydantic import BaseModel, ConfigDict
from typing_extensions import override

from dealwright.calendar.durations import BadSpan, RefusedTime, Span
from dealwright.calendar.opening_index import FIRST_YEAR, LAST_YEAR, NoOpening, Openings, OutOfReach, openings_of
from dealwright.calendar.working_hours import BadHours, WorkingHours
from dealwright.calendar.zones import Region, UnknownRegion, UnknownZone, ZoneName, instant, reading

__all__ = [
    "BadHours",
    "BadSpan",
    "Calendar",
    "Closed",
    "NaiveTime",
    "NoOpening",
    "OutOfReach",
    "RefusedTime",
    "Span",
    "UnknownRegion",
    "UnknownZone",
    "WorkingHours",
]

_NONE = timedelta()


class NaiveTime(RefusedTime):
    """A datetime without a time zone, which names no moment."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"{at.isoformat()} has no time zone", f"give it one, such as {at.isoformat()}Z for UTC")


class Closed(RefusedTime):
    """A question about the opening at a moment when the calendar is closed."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"the calendar is closed at {at.isoformat()}", "ask about next_open of it")


class Calendar(BaseModel):
    """The business time of one place: a contact's, an owner's or a playbook's.

    Raises, each inside a pydantic ``ValidationError``: `BadHours`, `UnknownZone`, `UnknownRegion`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    hours: WorkingHours
    """On the wall clock of ``timezone``."""
    timezone: ZoneName
    """An IANA name, such as ``Europe/Berlin``."""
    holidays: Region | None = None
    """Whose public holidays are closed days: a country, ``DE``, or a subdivision, ``DE-BE``."""
    extra_closed: tuple[date, ...] = ()
    """More closed days, such as a company's own."""

    def is_open(self, at: datetime) -> bool:
        """Whether a moment is in business hours."""
        at = _utc(at)
        year = self._openings.year_at(at)
        opening = bisect_right(year.opens, at) - 1
        return opening >= 0 and at < year.closes[opening]

    def next_open(self, at: datetime) -> datetime:
        """The moment itself if it is open, else the next opening.

        Raises:
            NoOpening: there is none within 400 days.
        """
        at = _utc(at)
        year, opening = self._openings.open_or_next(at)
        return max(at, year.opens[opening])

    def closes(self, at: datetime) -> datetime:
        """When the opening that contains a moment ends; at midnight at the latest, also round the clock.

        Raises:
            Closed: no opening contains it.
        """
        at = _utc(at)
        year, opening = self._openings.open_or_next(at)
        if at < year.opens[opening]:
            raise Closed(at)
        return year.closes[opening]

    def add(self, start: datetime, span: Span) -> datetime:
        """The moment a duration after a start; the module says what each unit means.

        Raises:
            NoOpening: the count of business days or hours meets a closure of more than 400 days.
            OutOfReach: the start or the count leads out of the years that can be counted with.
        """
        at = _utc(start)
        match span.unit:
            case "m":
                return at + timedelta(minutes=span.amount)
            case "h":
                return at + timedelta(hours=span.amount)
            case "d":
                return self._days_from(at, span.amount)
            case "bd":
                return self._business_days_after(at, span.amount)
            case "bh":
                return self.add_open_time(at, timedelta(hours=span.amount))
            case "bm":
                return self.add_open_time(at, timedelta(minutes=span.amount))

    def subtract(self, anchor: datetime, span: Span) -> datetime:
        """The moment a duration before an anchor: ``{before: anchor, by: span}``.

        Raises:
            NoOpening: the count of business days or hours meets a closure of more than 400 days.
            OutOfReach: the anchor or the count leads out of the years that can be counted with.
        """
        at = _utc(anchor)
        match span.unit:
            case "m":
                return at - timedelta(minutes=span.amount)
            case "h":
                return at - timedelta(hours=span.amount)
            case "d":
                return self._days_from(at, -span.amount)
            case "bd":
                return self._business_days_before(at, span.amount)
            case "bh":
                return self.subtract_open_time(at, timedelta(hours=span.amount))
            case "bm":
                return self.subtract_open_time(at, timedelta(minutes=span.amount))

    def add_open_time(self, start: datetime, duration: timedelta) -> datetime:
        """The first moment by which the calendar has been open for a duration since a start.

        Raises:
            BadSpan: the duration is negative.
            NoOpening: it meets a closure of more than 400 days.
            OutOfReach: it is not over within 60 years.
        """
        at = _utc(start)
        return self._openings.after_open_time(at, duration) if _some(duration) else at

    def subtract_open_time(self, anchor: datetime, duration: timedelta) -> datetime:
        """The last moment from which the calendar is open for a duration until an anchor.

        Raises:
            BadSpan: the duration is negative.
            NoOpening: it meets a closure of more than 400 days.
            OutOfReach: it is not over within 60 years.
        """
        at = _utc(anchor)
        return self._openings.before_open_time(at, duration) if _some(duration) else at

    def is_business_day(self, day: date) -> bool:
        """Whether a day of the calendar's zone has business hours."""
        days = self._openings.year(day.year).days
        index = bisect_left(days, day)
        return index < len(days) and days[index] == day

    @override
    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy, checked like any new calendar; pydantic's own would keep the openings of the old rules."""
        return self.model_validate({**dict(self), **(update or {})})

    @cached_property
    def _openings(self) -> Openings:
        return openings_of(self.hours.week, self.timezone, self.holidays, self.extra_closed)

    def _days_from(self, at: datetime, days: int) -> datetime:
        if not days:
            return at
        zone = self._openings.zone
        return instant(zone, reading(zone, at) + timedelta(days=days))

    def _business_days_after(self, at: datetime, days: int) -> datetime:
        openings = self._openings
        year, opening = openings.open_or_next(at)
        at = max(at, year.opens[opening])
        if not days:
            return at
        day = year.day_of[opening]
        time_of_day = reading(openings.zone, at) - _midnight(year.days[day])
        year, day = openings.business_day(year, day, days)
        wanted = instant(openings.zone, _midnight(year.days[day]) + time_of_day)
        first, last = year.first[day], year.first[day + 1] - 1
        found = bisect_right(year.closes, wanted, first, last)
        return min(max(wanted, year.opens[found]), year.last_minute(last))

    def _business_days_before(self, at: datetime, days: int) -> datetime:
        openings = self._openings
        year, opening = openings.open_or_previous(at)
        at = min(at, year.last_minute(opening))
        if not days:
            return at
        day = year.day_of[opening]
        time_of_day = reading(openings.zone, at) - _midnight(year.days[day])
        year, day = openings.business_day(year, day, -days)
        wanted = instant(openings.zone, _midnight(year.days[day]) + time_of_day)
        first, last = year.first[day], year.first[day + 1] - 1
        found = max(first, bisect_right(year.opens, wanted, first, last + 1) - 1)
        return max(year.opens[found], min(wanted, year.last_minute(found)))


def _utc(at: datetime) -> datetime:
    if at.tzinfo is not UTC and at.utcoffset() is None:
        raise NaiveTime(at)
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise OutOfReach(
            f"{at.isoformat()} is not between {FIRST_YEAR} and {LAST_YEAR}", "leave out dates that mean never"
        )
    return at if at.tzinfo is UTC else at.astimezone(UTC)


def _some(duration: timedelta) -> bool:
    if duration < _NONE:
        raise BadSpan(f"open time cannot be negative, not {duration}", "add and subtract are two functions")
    return duration > _NONE


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())
