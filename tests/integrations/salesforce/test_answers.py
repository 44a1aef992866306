"""What Salesforce's answers mean: its statuses alone do not say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from integrations.kit.answers import (
    Answer,
    BadCredentials,
    Duplicate,
    Empty,
    Ok,
    Operation,
    Quota,
    Rejected,
    Retry,
    Unknown,
)
from integrations.salesforce.answers import classify

CREATE = Operation(name="create", method="POST", success=frozenset({201}))
UPDATE = Operation(name="update", method="POST", success=frozenset({200}))
FIND = Operation(name="find", success=frozenset({200}), empty=frozenset({404}))


def error(code: str, message: str = "no") -> list[dict[str, Any]]:
    return [{"errorCode": code, "message": message, "fields": []}]


def bundle(*parts: tuple[int, Any]) -> dict[str, Any]:
    return {
        "compositeResponse": [{"httpStatusCode": status, "body": body, "referenceId": "x"} for status, body in parts]
    }


@pytest.mark.parametrize(
    ("operation", "status", "body", "expected"),
    [
        (CREATE, 201, {"id": "1"}, Ok),
        (FIND, 404, error("NOT_FOUND"), Empty),
        (FIND, 300, ["/a", "/b"], Rejected),
        (CREATE, 401, error("INVALID_SESSION_ID"), BadCredentials),
        (CREATE, 403, error("REQUEST_LIMIT_EXCEEDED"), Quota),
        (CREATE, 403, error("INSUFFICIENT_ACCESS"), Rejected),
        (CREATE, 400, error("UNABLE_TO_LOCK_ROW"), Retry),
        (CREATE, 400, error("DUPLICATES_DETECTED"), Rejected),
        (CREATE, 400, error("FIELD_CUSTOM_VALIDATION_EXCEPTION"), Rejected),
        (CREATE, 400, error("DUPLICATE_VALUE", "x duplicates value on record with id: 00T5f0000000001"), Duplicate),
        (UPDATE, 400, error("DUPLICATE_VALUE"), Rejected),
        (CREATE, 500, error("UNKNOWN_EXCEPTION"), Unknown),
        (CREATE, 503, error("SERVER_UNAVAILABLE"), Retry),
        (CREATE, 502, "<html>", Unknown),
        (UPDATE, 200, bundle((204, None), (200, {"Id": "1"})), Ok),
        (UPDATE, 200, bundle((400, error("UNABLE_TO_LOCK_ROW")), (400, error("PROCESSING_HALTED"))), Retry),
        (UPDATE, 200, bundle((403, error("REQUEST_LIMIT_EXCEEDED")), (400, error("PROCESSING_HALTED"))), Quota),
        (UPDATE, 200, bundle((404, error("ENTITY_IS_DELETED")), (400, error("PROCESSING_HALTED"))), Rejected),
        (UPDATE, 200, bundle((500, error("UNKNOWN_EXCEPTION")), (400, error("PROCESSING_HALTED"))), Unknown),
    ],
)
def test_an_answer_means(operation: Operation, status: int, body: Any, expected: type) -> None:
    raw = body if isinstance(body, str) else json.dumps(body)
    assert isinstance(classify(operation, Answer(status, {}, raw.encode())), expected)


def test_too_many_calls_at_once_pass_sooner_than_a_spent_day() -> None:
    def until(message: str) -> Any:
        body = json.dumps(error("REQUEST_LIMIT_EXCEEDED", message)).encode()
        verdict = classify(CREATE, Answer(403, {}, body))
        assert isinstance(verdict, Quota)
        return verdict.until

    assert until("ConcurrentRequests (Concurrent API Requests) Limit exceeded.") < until(
        "TotalRequests Limit exceeded."
    )
