"""Checks what is written into properties, as HubSpot does since 2026-09: type, option, uniqueness, what is required."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from pydantic import JsonValue

from integrations.hubspot.simulator.errors import HubSpotError, bad_request, invalid_properties
from integrations.hubspot.simulator.portal import CrmObject, Portal, Property, iso

LONGEST_TEXT = 65_536
_REQUIRED = {
    "deals": ("dealname", "dealstage"), "tasks": ("hs_timestamp",), "notes": ("hs_timestamp",),
    "calls": ("hs_timestamp",), "emails": ("hs_timestamp", "hs_email_direction"), "meetings": ("hs_timestamp",),
}  # fmt: skip
Problem = tuple[str, str, str]


def checked(portal: Portal, kind: str, given: JsonValue, there: CrmObject | None) -> dict[str, str]:
    """The properties as they are kept; an empty text clears one. ``there`` is the object that is changed, if one is.

    Raises:
        HubSpotError: what cannot be written, all of it.
    """
    if not isinstance(given, dict):
        raise bad_request("properties is missing, or no object")
    values: dict[str, str] = {}
    problems: list[Problem] = []
    for name, value in given.items():
        known = portal.properties[kind].get(name)
        if known is None:
            problems.append((name, "PROPERTY_DOESNT_EXIST", f'Property \\"{name}\\" does not exist'))
        elif known.read_only:
            problems.append((name, "READ_ONLY_VALUE", f'\\"{name}\\" is a read only property'))
        else:
            text = _as_text(value)
            problems += _wrong(portal, known, text, {**(there.properties if there else {}), **values})
            values[name] = _normal(known, text)
    if problems:
        raise invalid_properties(problems)
    _require(kind, {**(there.properties if there else {}), **values})
    _require_unique(portal, kind, values, there)
    return values


def _as_text(value: JsonValue) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _wrong(portal: Portal, known: Property, value: str, beside: Mapping[str, str]) -> list[Problem]:
    if value == "":
        return []
    if len(value) > LONGEST_TEXT:
        return [(known.name, "VALUE_TOO_LONG", f"{known.name} is longer than {LONGEST_TEXT} characters")]
    match known.type:
        case "number" if not _is_number(value):
            return [(known.name, "INVALID_DOUBLE", f"{value} was not a valid number.")]
        case "datetime" if _moment(value) is None:
            return [(known.name, "INVALID_LONG", f"{value} was not a valid long.")]
        case "enumeration" if value not in (options := _options(portal, known, beside)):
            text = f"{value} was not one of the allowed options: {options}".replace("'", "")
            return [(known.name, "INVALID_OPTION", text)]
        case _:
            return []


def _options(portal: Portal, known: Property, beside: Mapping[str, str]) -> list[str]:
    match known.name:
        case "hubspot_owner_id":
            return [owner.id for owner in portal.owners if not owner.archived]
        case "pipeline":
            return [pipeline.id for pipeline in portal.pipelines]
        case "dealstage":
            return portal.stage_ids(beside.get("pipeline"))
        case _:
            return known.options


def _is_number(value: str) -> bool:
    try:
        return Decimal(value).is_finite()
    except InvalidOperation:
        return False


def _moment(value: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(value) / 1000, UTC) if value.isdecimal() else datetime.fromisoformat(value)
    except (ValueError, OverflowError, OSError):
        return None


def _normal(known: Property, value: str) -> str:
    if known.type == "datetime" and (moment := _moment(value)) is not None:
        return iso(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    return value


def _require(kind: str, values: Mapping[str, str]) -> None:
    missing = [name for name in _REQUIRED.get(kind, ()) if not values.get(name)]
    if kind == "contacts" and not any(values.get(name) for name in ("email", "firstname", "lastname")):
        missing = ["email"]
    if missing:
        names = ", ".join(missing)
        message = f"Error creating {kind.upper()[:-1]}. Some required properties were not set."
        context: list[JsonValue] = [
            {"message": f"Required property {names} is missing", "code": "MISSING_REQUIRED_PROPERTY",
             "context": {"properties": [*missing]}}
        ]  # fmt: skip
        raise HubSpotError(400, "VALIDATION_ERROR", message, context)


def _require_unique(portal: Portal, kind: str, values: Mapping[str, str], there: CrmObject | None) -> None:
    for name, value in values.items():
        if not portal.properties[kind][name].unique or not value:
            continue
        other = portal.with_value(kind, name, value)
        if other is None or other is there:
            continue
        if kind == "contacts" and name == "email":
            raise HubSpotError(409, "CONFLICT", f"Contact already exists. Existing ID: {other.id}")
        text = f"{value} is already in use by object {other.id}: {name} must have unique values"
        raise invalid_properties([(name, "CONFLICTING_UNIQUE_VALUE", text)])
