"""What API v2 takes in each field: it refuses what is unknown, and a number that is written as a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

from pydantic import JsonValue

from integrations.pipedrive.simulator.company import CUSTOMIZED, Company, JsonObject
from integrations.pipedrive.simulator.errors import PipedriveError, bad_request

Rule = Callable[[JsonValue], bool]


def _text(value: JsonValue) -> bool:
    return isinstance(value, str)


def _whole(value: JsonValue) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool))


def _number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _flag(value: JsonValue) -> bool:
    return isinstance(value, bool)


def _day(value: JsonValue) -> bool:
    if value is None:
        return True
    try:
        return isinstance(value, str) and date.fromisoformat(value) is not None
    except ValueError:
        return False


def _clock(value: JsonValue) -> bool:
    return value is None or (isinstance(value, str) and re.fullmatch(r"\d\d:\d\d(:\d\d)?", value) is not None)


def _object(value: JsonValue) -> bool:
    return value is None or isinstance(value, dict)


def _list(value: JsonValue) -> bool:
    return isinstance(value, list)


def _optional_text(value: JsonValue) -> bool:
    return value is None or isinstance(value, str)


def _one_of(*choices: str) -> Rule:
    return lambda value: value in choices


RULES: Mapping[str, Mapping[str, Rule]] = {
    "deal": {
        "title": _text, "owner_id": _whole, "person_id": _whole, "org_id": _whole, "pipeline_id": _whole,
        "stage_id": _whole, "value": _number, "currency": _text, "status": _one_of("open", "won", "lost"),
        "lost_reason": _optional_text, "probability": _whole, "expected_close_date": _day,
    },
    "person": {
        "name": _text, "owner_id": _whole, "org_id": _whole, "emails": _list, "phones": _list, "visible_to": _whole,
    },
    "organization": {"name": _text, "owner_id": _whole, "visible_to": _whole, "label_ids": _list, "address": _object},
    "activity": {
        "subject": _text, "type": _text, "owner_id": _whole, "deal_id": _whole, "org_id": _whole,
        "participants": _list, "due_date": _day, "due_time": _clock, "duration": _clock, "done": _flag,
        "priority": _whole, "note": _optional_text,
    },
    "note": {
        "content": _text, "deal_id": _whole, "person_id": _whole, "org_id": _whole, "user_id": _whole,
        "add_time": _text,
    },
    "callLog": {
        "outcome": _one_of("connected", "no_answer", "left_message", "left_voicemail", "wrong_number", "busy"),
        "to_phone_number": _text, "start_time": _text, "end_time": _text, "subject": _text, "note": _text,
        "deal_id": _whole, "person_id": _whole, "user_id": _whole,
    },
}  # fmt: skip
REQUIRED = {
    "deal": ("title",), "person": ("name",), "organization": ("name",), "activity": ("subject",), "note": ("content",),
    "callLog": ("outcome", "to_phone_number", "start_time", "end_time"),
}  # fmt: skip
DEFAULTS: Mapping[str, JsonObject] = {
    "deal": {
        "person_id": None, "org_id": None, "pipeline_id": 1, "stage_id": 1, "value": 0, "currency": "EUR",
        "status": "open", "lost_reason": None, "probability": None, "expected_close_date": None,
    },
    "person": {"org_id": None, "emails": [], "phones": []},
    "organization": {"address": None, "label_ids": []},
    "activity": {
        "type": "call", "deal_id": None, "org_id": None, "person_id": None, "participants": [], "due_date": None,
        "due_time": None, "duration": None, "done": False, "note": None,
    },
    "note": {"deal_id": None, "person_id": None},
    "callLog": {"note": "", "deal_id": None},
}  # fmt: skip
_LONGEST_REASON = 150


def checked(company: Company, kind: str, given: JsonObject, *, new: bool) -> tuple[JsonObject, JsonObject]:
    """What a body writes: the values, and the custom fields.

    Raises:
        PipedriveError: it cannot be written.
    """
    custom = given.get("custom_fields", {})
    values = {name: value for name, value in given.items() if name != "custom_fields"}
    if kind not in CUSTOMIZED and "custom_fields" in given:
        raise bad_request("Parameter 'custom_fields' is not allowed")
    for name, value in values.items():
        if (rule := RULES[kind].get(name)) is None:
            raise bad_request(f"Parameter '{name}' is not allowed")
        if not rule(value):
            raise bad_request(f"Parameter '{name}' has a wrong type or value")
    if new and (missing := [name for name in REQUIRED[kind] if not values.get(name)]):
        raise bad_request(f"Parameter '{missing[0]}' is required")
    if not isinstance(custom, dict):
        raise bad_request("Parameter 'custom_fields' has a wrong type or value")
    codes = {one.field_code for one in company.custom(kind)}
    if unknown := sorted(custom.keys() - codes):
        raise bad_request(f"Parameter 'custom_fields.{unknown[0]}' is not allowed")
    _check_references(company, values)
    return values, custom


def _check_references(company: Company, values: JsonObject) -> None:
    if (stage := values.get("stage_id")) is not None and stage not in [one.id for one in company.stages]:
        raise bad_request("stage_id: no such stage")
    if (owner := values.get("owner_id")) is not None and owner not in [one.id for one in company.users]:
        raise PipedriveError(400, "owner_id: no such user")
    for name, kind in (("deal_id", "deal"), ("person_id", "person"), ("org_id", "organization")):
        there = company.records[kind].get(int(str(value))) if (value := values.get(name)) is not None else None
        if value is not None and (there is None or there.is_deleted):
            raise bad_request(f"{name}: no such {kind}")
    reason = values.get("lost_reason")
    if isinstance(reason, str) and len(reason) > _LONGEST_REASON:
        raise bad_request("lost_reason is too long")
