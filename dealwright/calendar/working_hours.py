"""The hours of the week in which a team works, as a playbook writes them: ``Mon-Fri 09:00-17:00``."""

import re
from itertools import groupby
from typing import ClassVar, Self

from pydantic import model_validator
from pydantic.json_schema import JsonSchemaValue
from typing_extensions import override

from dealwright.calendar.durations import OneText, RefusedTime
from dealwright.diagnostics.text import quoted

Range = tuple[int, int]
"""Minutes after midnight: the first that is open, and the first that is closed again (1440 is 24:00)."""
Week = tuple[tuple[Range, ...], ...]
"""Seven days from Monday, each with its ranges in order."""

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SHORT = 3
_END_OF_DAY = 24 * 60
_FEWEST = 8 * 60

_DASH = re.compile(r"\s*[-–—]\s*")  # noqa: RUF001 - word processors put these dashes in place of a hyphen
_DAY_OR_DAYS = re.compile(r"([A-Za-z]+)(?:-([A-Za-z]+))?")
_RANGE = re.compile(r"([0-9]{1,2}):([0-5][0-9])-([0-9]{1,2}):([0-5][0-9])")
_EXAMPLES = ["Mon-Fri 09:00-17:00", "Mon-Thu 09:00-12:00 13:00-17:00, Fri 09:00-15:00"]
_LIKE_THIS = " or ".join(f'"{example}"' for example in _EXAMPLES)


class BadHours(RefusedTime):
    """A text that is no working hours, or hours that overlap, run over midnight or never open."""


class WorkingHours(OneText):
    """The hours of a week in which a team works, on the wall clock of the calendar that uses them.

    Days and hours: ``Mon-Fri 09:00-17:00``. Days that differ: ``Mon-Thu 09:00-17:00, Fri 09:00-15:00``.
    A lunch break: ``Mon-Fri 09:00-12:00 13:00-17:00``. Round the clock: ``Mon-Sun 00:00-24:00``. Hours over
    midnight belong to two days: ``Fri 22:00-24:00, Sat 00:00-06:00``. The closing minute is closed.
    As a pydantic field it is read from its text and serialised to its shortest text.
    """

    week: Week

    text_schema: ClassVar[JsonSchemaValue] = {
        "description": f"Working hours of the week, such as {_LIKE_THIS}.",
        "examples": _EXAMPLES,
    }

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read working hours.

        Raises:
            BadHours: the text is no working hours; the message says what to write instead.
        """
        return cls(week=_read(text))

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        return {"week": _read(value)} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _is_a_week(self) -> Self:
        if len(self.week) != len(_DAYS) or not any(self.week) or not all(map(_is_in_order, self.week)):
            raise BadHours("a week has seven days, each with its ranges in order", f"write {_LIKE_THIS}")
        return self

    @property
    def minutes(self) -> int:
        """How long the week is open."""
        return sum(closes - opens for day in self.week for opens, closes in day)

    @override
    def __str__(self) -> str:
        runs = groupby(zip(_DAYS, self.week, strict=True), key=lambda day: day[1])
        return ", ".join(
            " ".join([_days_text([name for name, _ in days]), *map(_range_text, ranges)])
            for ranges, days in runs
            if ranges
        )


def enough(hours: WorkingHours) -> WorkingHours:
    """The hours of one person, which are as many as deadlines need: ten years of business time end within 60.

    Raises:
        BadHours: they are fewer than eight hours a week.
    """
    if hours.minutes < _FEWEST:
        raise BadHours(
            f"{quoted(str(hours))} is {hours.minutes / 60:.3g} hours a week: no deadline could be kept",
            "write at least eight hours a week",
        )
    return hours


def _read(text: str) -> Week:
    week: list[list[Range]] = [[] for _ in _DAYS]
    days: list[int] = []
    days_are_complete = True
    for token in re.split(r"[,;\s]+", _DASH.sub("-", text.strip())):
        if named := _DAY_OR_DAYS.fullmatch(token):
            days = _days(named, text) + ([] if days_are_complete else days)
            days_are_complete = False
        elif not days:
            raise BadHours(f"{quoted(text)} does not begin with a day", f"write {_LIKE_THIS}")
        else:
            opening = _range(token, text)
            days_are_complete = True
            for day in days:
                week[day].append(opening)
    if not days_are_complete:
        raise BadHours(f"{quoted(text)} does not end with hours", f"write {_LIKE_THIS}")
    return tuple(_joined(name, ranges) for name, ranges in zip(_DAYS, week, strict=True))


def _days(named: re.Match[str], text: str) -> list[int]:
    first = _day(named[1], text)
    last = _day(named[2], text) if named[2] else first
    return [(first + step) % len(_DAYS) for step in range((last - first) % len(_DAYS) + 1)]


def _day(name: str, text: str) -> int:
    for number, day in enumerate(_DAYS):
        if len(name) >= _SHORT and day.lower().startswith(name.lower()):
            return number
    shorts = ", ".join(day[:_SHORT] for day in _DAYS)
    raise BadHours(f"{quoted(name)} in {quoted(text)} is not a day", f"write one of {shorts}")


def _range(token: str, text: str) -> Range:
    if not (match := _RANGE.fullmatch(token)):
        raise BadHours(f"{quoted(token)} in {quoted(text)} is not a range of hours", "write it like 09:00-17:00")
    opens, closes = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    if max(opens, closes) > _END_OF_DAY:
        raise BadHours(f"{token} in {quoted(text)} goes past the end of the day", "a day ends at 24:00")
    if opens >= closes:
        raise BadHours(
            f"{token} in {quoted(text)} closes before it opens",
            'write hours over midnight as two days, such as "Fri 22:00-24:00, Sat 00:00-06:00"',
        )
    return opens, closes


def _joined(name: str, ranges: list[Range]) -> tuple[Range, ...]:
    joined: list[Range] = []
    for opens, closes in sorted(ranges):
        if joined and opens < joined[-1][1]:
            raise BadHours(
                f"{name} has {_range_text(joined[-1])} and {_range_text((opens, closes))}, which overlap",
                f"give each day its hours once, such as {_LIKE_THIS}",
            )
        touches = joined and opens == joined[-1][1]
        joined.append((joined.pop()[0] if touches else opens, closes))
    return tuple(joined)


def _is_in_order(ranges: tuple[Range, ...]) -> bool:
    bounds = [bound for opening in ranges for bound in opening]
    return bounds == sorted(set(bounds)) and all(0 <= bound <= _END_OF_DAY for bound in bounds)


def _days_text(names: list[str]) -> str:
    first, last = names[0][:_SHORT], names[-1][:_SHORT]
    return first if first == last else f"{first}-{last}"


def _range_text(opening: Range) -> str:
    return "-".join(f"{bound // 60:02d}:{bound % 60:02d}" for bound in opening)
