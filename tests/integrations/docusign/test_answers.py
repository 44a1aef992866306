"""What DocuSign's answers mean where the status alone does not say it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from integrations.docusign.client import classify
from integrations.kit.answers import Answer, Operation, Quota, Rejected

LIST = Operation(name="list envelopes")


def refused(code: str, **headers: str) -> Answer:
    return Answer(400, headers, json.dumps({"errorCode": code, "message": "No."}).encode())


def test_a_spent_hour_is_waited_for_until_docusign_counts_anew() -> None:
    anew = datetime.now(UTC) + timedelta(minutes=20)
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(anew.timestamp()))}

    verdict = classify(LIST, refused("HOURLY_APIINVOCATION_LIMIT_EXCEEDED", **headers))

    assert isinstance(verdict, Quota)
    assert verdict.until is not None
    assert abs(verdict.until - anew) < timedelta(seconds=5)


def test_any_other_refusal_is_one() -> None:
    assert isinstance(classify(LIST, refused("INVALID_REQUEST_PARAMETER")), Rejected)
