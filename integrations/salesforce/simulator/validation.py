"""What the simulated org refuses: unknown, missing, overlong and ill-formed values, as Salesforce words it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from pydantic import JsonValue

from integrations.salesforce.simulator.ids import full_id
from integrations.salesforce.simulator.schema import ApiError, Field, SObject

Values = dict[str, JsonValue]


def checked(sobject: SObject, given: Values, *, creating: bool) -> Values:
    """The values as they are kept.

    Raises:
        ApiError: the first thing that is wrong.
    """
    for name in given:
        if (known := sobject.fields.get(name)) is None:
            raise ApiError(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
        if not known.writable:
            message = "Unable to create/update fields: " + name + ". Please check the security settings of this field"
            raise ApiError(400, "INVALID_FIELD_FOR_INSERT_UPDATE", message, [name])
    kept = {name: _value(name, sobject.fields[name], value) for name, value in given.items()}
    required = sorted(name for name, known in sobject.fields.items() if known.required)
    lacking = [name for name in required if kept.get(name) is None and (creating or name in kept)]
    if lacking:
        message = f"Required fields are missing: [{', '.join(lacking)}]"
        raise ApiError(400, "REQUIRED_FIELD_MISSING", message, lacking)
    return kept


def _value(name: str, known: Field, value: JsonValue) -> JsonValue:
    if value is None or value == "":
        return None
    match known.type:
        case "flag":
            fits = isinstance(value, bool)
        case "number":
            fits = isinstance(value, int | float) and not isinstance(value, bool)
        case "date":
            fits = isinstance(value, str) and _is(date.fromisoformat, value) and len(value) == len("2026-01-31")
        case "datetime":
            fits = isinstance(value, str) and _is(datetime.fromisoformat, value)
        case _:
            fits = isinstance(value, str)
    if not fits:
        raise ApiError(400, "JSON_PARSER_ERROR", f"Cannot deserialize instance of {known.type} from {value!r}", [name])
    return _text(name, known, value) if isinstance(value, str) else value


def _text(name: str, known: Field, value: str) -> str:
    if known.type == "id":
        long = full_id(value)
        if long is None or not long.startswith(known.to):
            raise ApiError(400, "MALFORMED_ID", f"{name}: id value of incorrect type: {value}", [name])
        return long
    if known.values and value not in known.values:
        message = f"{name}: bad value for restricted picklist field: {value}"
        raise ApiError(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, [name])
    if len(value) > known.longest:
        message = f"{name}: data value too large: {value[:40]} (max length={known.longest})"
        raise ApiError(400, "STRING_TOO_LONG", message, [name])
    return value


def _is(read: Callable[[str], object], value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True
