"""Times reckoned from a date of the deal, as a playbook writes them."""

from __future__ import annotations

from functools import cached_property
from typing import Literal, Self

from pydantic import model_validator

from dealwright.calendar.durations import Span
from dealwright.diagnostics.diagnostic import BadValue
from dealwright.playbook.language.paths import DATED_PATHS
from dealwright.values.recorded import Given


class Dated(Given):
    """A time reckoned from a date of the deal: ``{before: contract.ends_on, by: 90d}``."""

    before: Literal[DATED_PATHS] | None = None  # type: ignore[valid-type] # the paths are listed once, in paths
    """Before this date."""
    after: Literal[DATED_PATHS] | None = None  # type: ignore[valid-type] # likewise
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
        return str(self.before or self.after)
