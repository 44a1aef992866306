"""The openings of a calendar, worked out a year at a time, so that a question about one is a binary search.

Playbooks and decisions use `dealwright.calendar.business_calendar`; these are the tables beneath it.
All moments here are in UTC.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import Self
from zoneinfo import ZoneInfo

from typing_extensions import override

from dealwright.calendar.durations import RefusedTime
from dealwright.calendar.working_hours import Week
from dealwright.calendar.zones import instant, public_holidays, zone_named

LONGEST_CLOSURE = timedelta(days=400)
FIRST_YEAR, LAST_YEAR = 1900, 9980

# A count from the last year may end ten years later, and look a closure further.
_FIRST_TABLE, _LAST_TABLE = FIRST_YEAR - 12, LAST_YEAR + 12
_MOST_TABLES = 64
_LONGEST_COUNT = 60
_MID_MONTH = range(2, 31)
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


class OutOfReach(RefusedTime):
    """A moment before 1900 or after 9980, or a duration that is not over within 60 years."""


class NoOpening(RefusedTime):
    """A calendar that does not open within 400 days."""

    def __init__(self, since: datetime, *, forward: bool) -> None:
        way = "after" if forward else "before"
        super().__init__(
            f"no opening within {LONGEST_CLOSURE.days} days {way} {since.isoformat()}",
            "check the calendar's hours and its extra_closed days",
        )


@dataclass(frozen=True, slots=True)
class Year:
    """The business days of one year on the calendar's clock, and their openings in order."""

    number: int
    days: tuple[date, ...]
    first: tuple[int, ...]
    """Of each business day the index of its first opening; then the number of openings."""
    day_of: tuple[int, ...]
    """Of each opening the index of its business day."""
    opens: tuple[datetime, ...]
    closes: tuple[datetime, ...]
    open_time: tuple[timedelta, ...]
    """The open time of the year before each opening; then that of the whole year."""

    @classmethod
    def of(cls, number: int, openings: dict[date, list[tuple[datetime, datetime]]]) -> Self:
        """The tables of a year from the openings of its business days."""
        flat = [opening for of_day in openings.values() for opening in of_day]
        return cls(
            number=number,
            days=tuple(openings),
            first=tuple(accumulate(map(len, openings.values()), initial=0)),
            day_of=tuple(day for day, of_day in enumerate(openings.values()) for _ in of_day),
            opens=tuple(opens for opens, _ in flat),
            closes=tuple(closes for _, closes in flat),
            open_time=tuple(accumulate((closes - opens for opens, closes in flat), initial=timedelta())),
        )

    def last_minute(self, opening: int) -> datetime:
        """The last moment of an opening that leaves a minute to act before it closes."""
        return max(self.opens[opening], self.closes[opening] - _MINUTE)


class Openings:
    """All openings of a calendar; `openings_of` keeps one for each set of rules."""

    __slots__ = ("_closed", "_rules", "_years", "zone")

    def __init__(self, week: Week, timezone: str, region: str | None, extra_closed: tuple[date, ...]) -> None:
        self.zone = zone_named(timezone)
        self._rules = (week, timezone, region, extra_closed)
        self._closed = frozenset(extra_closed)
        self._years: dict[int, Year] = {}

    @override
    def __reduce__(self) -> tuple[object, ...]:
        return openings_of, self._rules

    def year(self, number: int) -> Year:
        """The openings of a year.

        Raises:
            OutOfReach: nobody can count with a year so far off.
        """
        if known := self._years.get(number):
            return known
        if not _FIRST_TABLE <= number <= _LAST_TABLE:
            raise OutOfReach(f"the year {number} is too far off to count with")
        if len(self._years) >= _MOST_TABLES:
            self._years.clear()
        year = self._years[number] = Year.of(number, self._work_out(number))
        return year

    def year_at(self, at: datetime) -> Year:
        """The year of a moment, on the calendar's clock."""
        if at.day in _MID_MONTH:  # where no zone's clock shows another year
            return self.year(at.year)
        return self.year(at.astimezone(self.zone).year)

    def open_or_next(self, at: datetime) -> tuple[Year, int]:
        """The opening at a moment, else the next one."""
        year = self.year_at(at)
        opening = bisect_right(year.closes, at)
        return (year, opening) if opening < len(year.closes) else (self._later(year, at, year), 0)

    def open_or_previous(self, at: datetime) -> tuple[Year, int]:
        """The opening at a moment, else the one before."""
        year = self.year_at(at)
        opening = bisect_right(year.opens, at) - 1
        if opening < 0:
            year = self._earlier(year, at, year)
            opening = len(year.opens) - 1
        return year, opening

    def business_day(self, year: Year, day: int, steps: int) -> tuple[Year, int]:
        """The business day so many business days after another, or before it if ``steps`` is negative.

        Raises:
            NoOpening, OutOfReach: there are too few.
        """
        begun = year
        day += steps
        while day >= len(year.days):
            day -= len(year.days)
            year = self._later(year, year.closes[-1], begun)
        while day < 0:
            year = self._earlier(year, year.opens[0], begun)
            day += len(year.days)
        return year, day

    def after_open_time(self, at: datetime, duration: timedelta) -> datetime:
        """The first moment by which so much open time (more than none) has passed since ``at``."""
        year, opening = self.open_or_next(at)
        begun = year
        left = duration + year.open_time[opening] + max(timedelta(), at - year.opens[opening])
        while left > year.open_time[-1]:
            left -= year.open_time[-1]
            year = self._later(year, year.closes[-1], begun)
        opening = bisect_left(year.open_time, left) - 1
        return year.opens[opening] + (left - year.open_time[opening])

    def before_open_time(self, at: datetime, duration: timedelta) -> datetime:
        """The last moment from which so much open time (more than none) remains until ``at``."""
        year, opening = self.open_or_previous(at)
        begun = year
        left = year.open_time[opening] + min(at, year.closes[opening]) - year.opens[opening] - duration
        while left < timedelta():
            year = self._earlier(year, year.opens[0], begun)
            left += year.open_time[-1]
        opening = bisect_right(year.open_time, left) - 1
        return year.opens[opening] + (left - year.open_time[opening])

    def _later(self, year: Year, since: datetime, begun: Year) -> Year:
        """The next year with openings, unless its first is too long after ``since``."""
        _refuse_endless(year, begun)
        for number in (year.number + 1, year.number + 2):
            if (opens := self.year(number).opens) and opens[0] - since <= LONGEST_CLOSURE:
                return self.year(number)
        raise NoOpening(since, forward=True)

    def _earlier(self, year: Year, since: datetime, begun: Year) -> Year:
        """The last year with openings before a year, unless its last is too long before ``since``."""
        _refuse_endless(year, begun)
        for number in (year.number - 1, year.number - 2):
            if (closes := self.year(number).closes) and since - closes[-1] <= LONGEST_CLOSURE:
                return self.year(number)
        raise NoOpening(since, forward=False)

    def _work_out(self, number: int) -> dict[date, list[tuple[datetime, datetime]]]:
        week, _, region, _ = self._rules
        closed = self._closed | public_holidays(region, number) if region else self._closed
        spans = [[(opens * _MINUTE, closes * _MINUTE) for opens, closes in ranges] for ranges in week]
        openings = {}
        for day, begin in _days_of(self.zone, number):
            weekday = day.weekday()
            if not spans[weekday] or day in closed:
                continue
            if begin is not None:
                openings[day] = [(begin + opens, begin + closes) for opens, closes in spans[weekday]]
            elif of_day := self._of_changing_day(day, week[weekday]):
                openings[day] = of_day
        return openings

    def _of_changing_day(self, day: date, ranges: tuple[tuple[int, int], ...]) -> list[tuple[datetime, datetime]]:
        wall = datetime.combine(day, time())
        bounds = [
            (instant(self.zone, wall + opens * _MINUTE), instant(self.zone, wall + closes * _MINUTE))
            for opens, closes in ranges
        ]
        # A gap of daylight saving can swallow an opening, or a whole day.
        return [(opens, closes) for opens, closes in bounds if opens < closes]


def _refuse_endless(year: Year, begun: Year) -> None:
    if abs(year.number - begun.number) >= _LONGEST_COUNT:
        raise OutOfReach(
            f"the duration is not over within {_LONGEST_COUNT} years of {begun.number}: "
            "the calendar is open too seldom for it"
        )


@lru_cache(maxsize=128)
def _days_of(zone: ZoneInfo, year: int) -> tuple[tuple[date, datetime | None], ...]:
    """The days of a year, each with the moment it begins; None if the zone's offset changes on it."""
    first = datetime(year, 1, 1, tzinfo=zone)
    midnights = [first + day * _DAY for day in range(date(year + 1, 1, 1).toordinal() - first.toordinal() + 1)]
    offsets = [midnight.utcoffset() for midnight in midnights]
    return tuple(
        (midnight.date(), midnight.replace(tzinfo=UTC) - offset if offset is not None and offset == following else None)
        for midnight, offset, following in zip(midnights, offsets, offsets[1:], strict=False)
    )


@lru_cache(maxsize=256)
def openings_of(week: Week, timezone: str, region: str | None, extra_closed: tuple[date, ...]) -> Openings:
    """The openings that these rules come to: one for each set of rules, since its tables are costly."""
    return Openings(week, timezone, region, extra_closed)
