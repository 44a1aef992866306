"""Several calls in one: ``/composite`` (up to 25, with references) and ``/composite/sobjects`` (up to 200 records)."""

from __future__ import annotations

import re

from pydantic import JsonValue

from integrations.salesforce.simulator.rest import VERSION, Answer, Call, RestApi, segments_of, with_method
from integrations.salesforce.simulator.schema import ApiError, not_found
from integrations.salesforce.simulator.validation import Values

MOST_CALLS, MOST_RECORDS = 25, 200


class _RolledBack(Exception):
    """One part failed, and all were wanted or none."""


_REFERENCE = re.compile(r"@\{(\w+)\.(\w+)\}")


def answer_bundle(api: RestApi, call: Call) -> Answer:
    """The answer to a call under ``/composite``.

    Raises:
        ApiError: the bundle as a whole is refused.
    """
    match call.segments:
        case ("composite",):
            return _composite(api, call)
        case ("composite", "sobjects", name, key_field):
            return _collection(api, call, name, key_field)
    raise not_found()


def _composite(api: RestApi, call: Call) -> Answer:
    body = call.body if isinstance(call.body, dict) else {}
    parts = body.get("compositeRequest")
    if call.method != "POST" or not isinstance(parts, list):
        raise ApiError(400, "JSON_PARSER_ERROR", "compositeRequest is required")
    if len(parts) > MOST_CALLS:
        raise ApiError(400, "BAD_REQUEST", f"At most {MOST_CALLS} subrequests are allowed")
    answers: list[dict[str, JsonValue]] = []
    try:
        with api.org.transaction():
            _carry_out(api, call, parts, answers)
            _require(all(map(_succeeded, answers)) or not body.get("allOrNone"))
    except _RolledBack:
        message = "The transaction was rolled back since another operation in the same transaction failed."
        halted: JsonValue = [{"errorCode": "PROCESSING_HALTED", "message": message}]
        answers = [{**one, "body": halted, "httpStatusCode": 400} if _succeeded(one) else one for one in answers]
    return Answer(200, {"compositeResponse": [*answers]})


def _carry_out(api: RestApi, call: Call, parts: list[JsonValue], answers: list[dict[str, JsonValue]]) -> None:
    bodies: dict[str, JsonValue] = {}
    for part in parts:
        answers.append(_one(api, call, part, bodies))
        bodies[str(answers[-1]["referenceId"])] = answers[-1]["body"]


def _require(as_wanted: bool) -> None:
    if not as_wanted:
        raise _RolledBack


def _succeeded(answer: dict[str, JsonValue]) -> bool:
    return answer["httpStatusCode"] in (200, 201, 204)


def _one(api: RestApi, call: Call, part: JsonValue, bodies: dict[str, JsonValue]) -> dict[str, JsonValue]:
    if not isinstance(part, dict) or not {"method", "url", "referenceId"} <= part.keys():
        raise ApiError(400, "JSON_PARSER_ERROR", "method, url and referenceId are required")
    try:
        path, _, _ = _text_with(str(part["url"]), bodies).partition("?")
        segments = segments_of(path)
        inner = segments[3:] if segments[:3] == ("services", "data", VERSION) else ()
        answer = api.answer(with_method(call, str(part["method"]), inner, _resolved(part.get("body"), bodies)))
    except ApiError as error:
        answer = Answer(error.status, [error.entry()])  # type: ignore[list-item]
    return {
        "body": answer.body, "httpHeaders": {}, "httpStatusCode": answer.status, "referenceId": part["referenceId"],
    }  # fmt: skip


def _collection(api: RestApi, call: Call, name: str, key_field: str) -> Answer:
    body = call.body if isinstance(call.body, dict) else {}
    records = body.get("records")
    if call.method != "PATCH" or not isinstance(records, list):
        raise ApiError(400, "JSON_PARSER_ERROR", "records is required")
    if len(records) > MOST_RECORDS:
        raise ApiError(
            400, "EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {MOST_RECORDS} records"
        )
    results: list[dict[str, JsonValue]] = []
    try:
        with api.org.transaction():
            results += [_record(api, call, name, key_field, record) for record in records]
            _require(all(result["success"] for result in results) or not body.get("allOrNone"))
    except _RolledBack:
        problem: JsonValue = {"statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK", "message": "Record rolled back"}
        results = [{"success": False, "errors": [problem]} if one["success"] else one for one in results]
    return Answer(200, [*results])


def _record(api: RestApi, call: Call, name: str, key_field: str, record: JsonValue) -> dict[str, JsonValue]:
    try:
        answer = api.upsert(name, key_field, *_keyed(record, key_field), call.author)
    except ApiError as error:
        problem: JsonValue = {"statusCode": error.code, "message": error.message, "fields": [*error.fields]}
        return {"success": False, "errors": [problem]}
    return answer.body if isinstance(answer.body, dict) else {}


def _keyed(record: JsonValue, key_field: str) -> tuple[str, Values]:
    if not isinstance(record, dict) or not record.get(key_field):
        raise ApiError(400, "MISSING_ARGUMENT", f"{key_field} not specified", [key_field])
    values = {key: value for key, value in record.items() if key not in {"attributes", key_field}}
    return str(record[key_field]), values


def _resolved(part: JsonValue, bodies: dict[str, JsonValue]) -> JsonValue:
    match part:
        case str():
            return _text_with(part, bodies)
        case dict():
            return {key: _resolved(value, bodies) for key, value in part.items()}
        case list():
            return [_resolved(value, bodies) for value in part]
    return part


def _text_with(text: str, bodies: dict[str, JsonValue]) -> str:
    return _REFERENCE.sub(lambda found: _referred(found, bodies), text)


def _referred(found: re.Match[str], bodies: dict[str, JsonValue]) -> str:
    there = bodies.get(found[1])
    value = there.get(found[2]) if isinstance(there, dict) else None
    if value is None:
        message = f"Invalid reference specified. No value for {found[1]}.{found[2]} found in {found[1]}"
        raise ApiError(400, "PROCESSING_HALTED", message)
    return str(value)
