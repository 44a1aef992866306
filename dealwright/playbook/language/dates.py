"""Times reckoned from a date of the deal, as a playbook writes them."""

from __future__ import annotations

from functools import cached_property
from typing import Literal, Self

from pydantic import model_validator

from dealwright.calendar.durations import Span
from dealwright.diagnostics.diagnostic import BadValue
from dealwright.playbook.language.fields import DateField
from dealwright.values.recorded import Given


class Dated(Given):
    """A time reckoned from a date of the deal: ``{before: contract.ends_on, by: 90d}``."""

    before: DateField | None = None
    """Before this date."""
    after: DateField | None = None
    """After this date."""
    by: Span = Span.parse("0d")
    """By so much."""
    at: Literal["opening"] | None = None
    """``opening``: when business opens on that day, and not at the date's own time of day."""

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if (self.before is None) == (self.after is None):
            sides = "two sides" if self.before else "no side"
            raise BadValue(f"the time has {sides}", "write before or after, with the path of a date")
        return self

    @cached_property
    def anchor(self) -> str:
        """The path of the date."""
        return self.before or self.after or ""

    def words(self) -> str:
        """The time as people say it."""
        side = "before" if self.before else "after"
        return f"{self.by} {side} {self.anchor}" if self.by.amount else self.anchor
