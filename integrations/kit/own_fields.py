"""Fields of a CRM's records that hold what a playbook declares as fields of its own, read as what they are there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field, JsonValue, StringConstraints

from dealwright.values.iso_codes import wrong_currency
from dealwright.values.recorded import Given
from integrations.kit.task_outcomes import OutcomeWords

JsonObject = dict[str, JsonValue]
_MILLISECONDS = 1000


class Unfit(ValueError):
    """A value that is not what the field is said to hold."""


class OwnField(Given):
    """One field of a CRM's records of deals."""

    field: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_]{0,99}$")]
    """What the CRM's API calls it."""
    type: Literal["text", "number", "date", "money", "one_of"] = "text"
    """As which type the playbook declares it."""
    currency: str = ""
    """Of ``money`` that says none; without it the one of the settings."""
    words: dict[str, str] = {}
    """Of ``one_of``: the playbook's words, each with the CRM's, where that is not called alike."""

    def read(self, value: JsonValue, currency: str = "") -> JsonValue:
        """A value as a fact tells it; None for nothing. ``currency`` is that of the settings.

        Raises:
            Unfit: it is not what the field is said to hold.
        """
        held, own_currency = _unwrapped(value)
        if held is None or held in ("", []):
            return None
        match self.type:
            case "number":
                return _as_number(_number(held))
            case "date":
                return _day(held)
            case "money":
                return _money(held, own_currency or self.currency or currency)
            case "one_of":
                return OutcomeWords(self.words).ours(_text(held))
            case _:
                return _text(held)


def _from_name(given: object) -> object:
    return {"field": given} if isinstance(given, str) else given


Entry: TypeAlias = Annotated[OwnField, BeforeValidator(_from_name)]
OwnFields: TypeAlias = Annotated[dict[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")], Entry],
                                 Field(max_length=50)]  # fmt: skip
"""The fields that the playbook declares, each with the CRM's; a text alone is what the CRM calls it."""


def told_of(fields: Mapping[str, OwnField], theirs: str, value: JsonValue, currency: str = "") -> JsonObject:
    """What a change of a CRM's field tells: under ``own`` fields of the playbook, under ``noted`` what fits in none.

    Nothing of a field that stands for none of the playbook's.
    """
    own, noted = JsonObject(), JsonObject()
    for name, field in fields.items():
        if field.field != theirs:
            continue
        try:
            own[name] = field.read(value, currency)
        except Unfit:
            noted[theirs] = str(value)[:200]
    return {**({"own": own} if own else {}), **({"noted": noted} if noted and not own else {})}


def _unwrapped(value: JsonValue) -> tuple[JsonValue, str]:
    """What stands in a field, and its currency where it has one: Pipedrive puts a value beside its type."""
    if not isinstance(value, dict):
        return value, ""
    currency = value.get("currency")
    return value.get("value", value.get("id")), currency if isinstance(currency, str) else ""


def _text(value: JsonValue) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str() | int() | float():
            return str(value).strip()
        case list() if all(isinstance(one, str | int) for one in value):
            return ", ".join(map(str, value))
        case _:
            raise Unfit


def _number(value: JsonValue) -> str:
    try:
        number = Decimal(_text(value))
    except InvalidOperation:
        raise Unfit from None
    if not number.is_finite() or isinstance(value, bool) or abs(number.adjusted()) > 40:  # noqa: PLR2004 - digits
        raise Unfit
    return format(number.normalize(), "f")


def _as_number(text: str) -> JsonValue:
    """A number as JSON has it; as a text where it would be another one then."""
    number = float(text)
    if Decimal(repr(number)) != Decimal(text):
        return text
    return int(number) if number.is_integer() else number


def _day(value: JsonValue) -> str:
    text = _text(value)
    try:
        if text.lstrip("-").isdecimal():
            return datetime.fromtimestamp(int(text) / _MILLISECONDS, UTC).date().isoformat()
        if len(text) == len("2026-01-31"):
            return date.fromisoformat(text).isoformat()
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        raise Unfit from None
    return (at.astimezone(UTC) if at.tzinfo else at).date().isoformat()


def _money(value: JsonValue, currency: str) -> JsonObject:
    if not currency or wrong_currency(currency) is not None:
        raise Unfit
    return {"amount": _number(value), "currency": currency}
