"""What Pipedrive's answers mean: https://pipedrive.readme.io/docs/core-api-concepts-http-status-codes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import inf

from pydantic import BaseModel, ValidationError

from integrations.kit.answers import Answer, Operation, Quota, Rejected, Retry, Verdict, by_status

_BURST = timedelta(seconds=2)
_BLOCKED = timedelta(minutes=1)
_UNTIL_TOMORROW = timedelta(minutes=15)
"""How long nothing is called once the day's tokens are spent: when Pipedrive's day ends is not told."""


class ErrorBody(BaseModel):
    """Pipedrive's error."""

    success: bool = False
    error: str = ""
    error_info: str | None = None

    @classmethod
    def of(cls, answer: Answer) -> ErrorBody | None:
        """The body; None for what does not come from Pipedrive itself."""
        try:
            return cls.model_validate_json(answer.body)
        except ValidationError:
            return None


def classify(operation: Operation, answer: Answer) -> Verdict:
    """The verdict on an answer."""
    body, after = ErrorBody.of(answer), answer.retry_after(datetime.now(UTC))
    if answer.status in operation.empty | operation.success:
        return by_status(operation, answer)
    match answer.status:
        case 429 if _tokens_left(answer) < operation.cost:
            return Quota(datetime.now(UTC) + (after or _UNTIL_TOMORROW))
        case 429:
            return Retry(after or _BURST)
        case 403 if body is None:  # Pipedrive's proxy, which shuts out whoever goes on after 429
            return Quota(datetime.now(UTC) + (after or _BLOCKED))
        case 400 | 403 | 404 | 410 if body is not None:
            return Rejected(f"{answer.status}: {body.error or answer.text}"[:500])
        case _:
            return by_status(operation, answer)


def _tokens_left(answer: Answer) -> float:
    left = answer.headers.get("x-daily-ratelimit-token-remaining", "")
    return int(left) if left.removeprefix("-").isdecimal() else inf
