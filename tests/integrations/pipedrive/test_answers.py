"""What Pipedrive's answers mean for what is to be done next."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.kit.answers import Answer, BadCredentials, Ok, Operation, Quota, Rejected, Retry, Unknown, Verdict
from integrations.pipedrive.answers import classify

CREATE = Operation(name="create a record", method="POST", cost=5)
DELETE = Operation(name="delete a record", method="DELETE", success=frozenset({200, 410}))
ERROR = (Path(__file__).parent / "samples" / "api.403.json").read_bytes()
PAGE = b"<html>You have been blocked</html>"
LEFT = {"x-daily-ratelimit-token-remaining": "150"}
SPENT = {"x-daily-ratelimit-token-remaining": "4"}


@pytest.mark.parametrize(
    ("status", "headers", "body", "verdict"),
    [
        (201, {}, b"{}", Ok),
        (400, {}, ERROR, Rejected),
        (403, {}, ERROR, Rejected),
        (403, {}, PAGE, Quota),
        (401, {}, ERROR, BadCredentials),
        (429, LEFT, ERROR, Retry),
        (429, SPENT, ERROR, Quota),
        (500, {}, ERROR, Unknown),
        (503, {}, PAGE, Retry),
    ],
    ids=[
        "made", "what it cannot be", "a scope that is missing", "shut out by its proxy", "a wrong token", "a burst",
        "the day's tokens", "perhaps made", "away",
    ],
)  # fmt: skip
def test_an_answer_says_what_may_be_done(
    status: int, headers: dict[str, str], body: bytes, verdict: type[Verdict]
) -> None:
    assert isinstance(classify(CREATE, Answer(status, headers, body)), verdict)


def test_what_is_gone_already_counts_as_deleted() -> None:
    assert isinstance(classify(DELETE, Answer(410, {}, b'{"success": true}')), Ok)


def test_a_refusal_says_why_in_pipedrives_words() -> None:
    verdict = classify(CREATE, Answer(403, {}, ERROR))

    assert isinstance(verdict, Rejected)
    assert "Scope and URL mismatch" in verdict.reason
