"""The two kinds of model in the domain, and the few types they share.

*Recorded* models stand in workflow histories for as long as a deal lives, so reading them never fails
on a later release: unknown fields are ignored, fields are only ever added as optional ones, and nothing
in them depends on data that changes (time zones, currencies). *Given* models come from people and
programs, and are strict: an unknown field is a mistake to tell the sender about.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    model_validator,
)
from typing_extensions import override

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.values.size_limits import check_bounds

LONGEST_TEXT = 16 * 1024
"""Characters a text in a fact or command may have (16 KiB); longer ones are refused."""

Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=512)]
"""The id of an effect, task, handoff or approval: longer than any deal's and play's names together."""


def _not_a_number(value: object) -> object:
    if isinstance(value, int | float) or (isinstance(value, str) and _NUMBER.fullmatch(value)):
        remedy = "write one such as 2026-11-24T09:30:00+01:00, or a day such as 2026-11-24"
        raise BadValue("a number is no time", remedy, code="wrong_type")
    return value


_NUMBER = re.compile(r"\s*[-+]?[0-9.]+\s*")


def _numeric(value: object) -> object:
    if isinstance(value, bool):
        raise BadValue("true and false are no numbers", "write one such as 71", code="wrong_type")
    return value


Number = Annotated[float, BeforeValidator(_numeric)]
Whole = Annotated[int, BeforeValidator(_numeric)]
"""Numbers that somebody gives: neither ``true`` nor ``false`` is one."""
Moment = Annotated[AwareDatetime, BeforeValidator(_not_a_number)]
"""A time that somebody gives, with its offset. Seconds or milliseconds since 1970 look alike: both are refused."""
Day = Annotated[date, BeforeValidator(_not_a_number)]
"""A day that somebody gives."""


_put = object.__setattr__


class Quick(BaseModel):
    """A model that is copied often."""

    @override
    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with other values, not validated: as pydantic's own, in a tenth of the time."""
        if deep or self.__pydantic_extra__ is not None:
            return super().model_copy(update=update, deep=deep)
        changes, given, copy = update or {}, self.__pydantic_fields_set__, object.__new__(type(self))
        _put(copy, "__dict__", {**self.__dict__, **changes})
        _put(copy, "__pydantic_fields_set__", given if given.issuperset(changes) else given.union(changes))
        _put(copy, "__pydantic_extra__", None)
        _put(copy, "__pydantic_private__", None)
        return copy


class Recorded(Quick):
    """A model that is written into workflow histories and read back by later releases."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Given(Quick):
    """A model that someone outside hands in: strict, so that a mistake is heard."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Bounded(Given):
    """What somebody hands in whom we do not know: looked at only if it is not too much to look at.

    Its parts may be recorded models, which ignore what they do not know. Here an unknown field is a mistake in them,
    too.
    """

    def __init__(self, /, **given: Any) -> None:  # noqa: ANN401 - as pydantic's own
        # As pydantic's own, which it calls for JSON and dicts as well, but for what is forbidden at any depth.
        self.__pydantic_validator__.validate_python(given, self_instance=self, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _within_bounds(cls, given: object) -> object:
        check_bounds(given)
        return given


__all__ = [
    "LONGEST_TEXT",
    "AwareDatetime",
    "Bounded",
    "Day",
    "Given",
    "Moment",
    "Name",
    "Number",
    "Quick",
    "Recorded",
    "Reference",
    "Text",
    "Whole",
]
