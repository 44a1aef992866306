"""How a playbook writes a duration: ``90m``, ``2h``, ``3d``, ``2bd``, ``4bh``, ``10bm``.

What a duration comes to from a given moment, in a given time zone, is said in `dealwright.calendar.business_calendar`.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar, Literal, Self, cast

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, model_serializer, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from typing_extensions import override

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.diagnostics.text import quoted

Unit = Literal["m", "h", "d", "bd", "bh", "bm"]

TEN_YEARS: dict[Unit, int] = {"m": 5_256_000, "h": 87_600, "d": 3_650, "bd": 2_600, "bh": 20_800, "bm": 1_248_000}
"""The longest duration of each unit; business years are counted with 260 days of 8 hours."""
ELAPSED: Mapping[Unit, timedelta] = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
"""How long the units are that do not depend on anybody's calendar: a day has 24 hours here."""

_SPAN = re.compile(r"(0|[1-9][0-9]{0,8})(m|h|d|bd|bh|bm)")
_HOW_TO_WRITE = "a whole number and m, h, d (calendar days), bd (business days), bh or bm (business hours, minutes)"
_EXAMPLES = ["90m", "2h", "3d", "2bd", "4bh"]

_AMOUNT_AND_WORD = re.compile(r"([0-9]{1,9}(?:[.,][0-9]{1,3})?)\s*([a-z -]*?)s?")
_WORDS: dict[str, tuple[int, Unit]] = {
    **dict.fromkeys(("m", "min", "minute"), (1, "m")),
    **dict.fromkeys(("h", "hr", "hour"), (1, "h")),
    **dict.fromkeys(("d", "day", "calendar day"), (1, "d")),
    **dict.fromkeys(("w", "wk", "week"), (7, "d")),
    **dict.fromkeys(("bd", "wd", "workday", "business day", "working day"), (1, "bd")),
    **dict.fromkeys(("bh", "wh", "business hour", "working hour"), (1, "bh")),
    **dict.fromkeys(("bm", "bmin", "business minute", "working minute"), (1, "bm")),
}
_NO_FIXED_LENGTH = {"mo": "month", "month": "month", "quarter": "quarter", "y": "year", "yr": "year", "year": "year"}
_FINER: dict[Unit, tuple[int, Unit]] = {"d": (24, "h"), "h": (60, "m"), "bh": (60, "bm")}


class RefusedTime(BadValue):
    """A duration, hours, a time zone, a region or a moment that cannot be used; the message says what can."""


class BadSpan(RefusedTime):
    """A text that is no duration, or a duration that is negative or longer than ten years."""


class OneText(BaseModel):
    """A value that is one short text in playbooks, JSON and the editor's schema."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text_schema: ClassVar[JsonSchemaValue]

    @model_validator(mode="before")
    @classmethod
    def _is_one_text(cls, value: object) -> object:
        if isinstance(value, Mapping) and set(value) == set(cls.model_fields):
            return value
        if isinstance(value, str | int | float | cls):
            return value
        what = "a mapping" if isinstance(value, Mapping) else "a list" if isinstance(value, list | tuple) else "nothing"
        example = str(cls.text_schema["examples"][0])
        raise BadValue(f"{what} stands where one text is wanted", f"write it like {example}", code="wrong_type")

    @model_serializer(mode="plain")
    def _as_text(self) -> str:
        return str(self)

    @classmethod
    @override
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler, /) -> JsonSchemaValue:
        return {"type": "string", "title": cls.__name__, **cls.text_schema}


class Span(OneText):
    """A duration of the playbook.

    Units: ``m`` minutes and ``h`` hours of elapsed time, ``d`` calendar days, ``bd`` business days,
    ``bh`` business hours, ``bm`` business minutes. Whole numbers, never negative, at most ten years. As a pydantic
    field it is read from its text, and it is serialised to the same text.
    """

    amount: int
    unit: Unit

    text_schema: ClassVar[JsonSchemaValue] = {
        "pattern": f"^{_SPAN.pattern}$",
        "description": f"A duration: {_HOW_TO_WRITE}.",
        "examples": _EXAMPLES,
    }

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a duration.

        Raises:
            BadSpan: the text is no duration; the message says what to write instead.
        """
        amount, unit = _read(text)
        return cls(amount=amount, unit=unit)

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        if isinstance(value, str | int | float):
            amount, unit = _read(str(value))
            return {"amount": amount, "unit": unit}
        return value

    @model_validator(mode="after")
    def _is_bounded(self) -> Self:
        _refuse_out_of_bounds(self.amount, self.unit)
        return self

    @override
    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


def _read(text: str) -> tuple[int, Unit]:
    if not (match := _SPAN.fullmatch(text)):
        raise BadSpan(f"{quoted(text)} is not a duration", f"write {_instead_of(text.strip().lower())}")
    amount, unit = int(match[1]), cast("Unit", match[2])
    _refuse_out_of_bounds(amount, unit)
    return amount, unit


def _refuse_out_of_bounds(amount: int, unit: Unit) -> None:
    if not 0 <= amount <= TEN_YEARS[unit]:
        remedy = f"write 0{unit} to {TEN_YEARS[unit]}{unit} (ten years)"
        raise BadSpan(f"{amount}{unit} is out of bounds", remedy)


def _instead_of(text: str) -> str:
    if re.match(r"-[0-9]", text):
        return f"{_instead_of(text[1:])}, and {{before: …, by: …}} to count back"
    match = _AMOUNT_AND_WORD.fullmatch(text)
    word = match[2].strip().replace("-", " ") if match else ""
    if match and not word:
        amount = match[1].partition(".")[0]
        return f"its unit too: {amount}m, {amount}h, {amount}d or {amount}bd"
    if word in _NO_FIXED_LENGTH:
        return f"days, such as 30d: a {_NO_FIXED_LENGTH[word]} has no fixed length"
    if match and word in _WORDS and (better := _in_whole_units(match[1], *_WORDS[word])):
        return better
    return f"{_HOW_TO_WRITE}, such as {', '.join(_EXAMPLES)}"


def _in_whole_units(number: str, factor: int, unit: Unit) -> str | None:
    amount = Decimal(number.replace(",", ".")) * factor
    while amount % 1 and unit in _FINER:
        factor, unit = _FINER[unit]
        amount *= factor
    return None if amount % 1 else f"{round(amount)}{unit}"
