"""What Apollo's answers mean. Errors are ``{"error", "error_code"}`` or ``{"message"}``; 401 is plain text.

https://docs.apollo.io/reference/rate-limits: fixed windows for each team and endpoint, told in each answer's headers.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from pydantic import BaseModel, ValidationError

from integrations.kit.answers import Answer, Operation, Rejected, Retry, Verdict, by_status
from integrations.kit.request_budget import Remaining

_RIGHTS_SOON = timedelta(minutes=5)
"""A key's scope, or a plan, is changed by a person: the call is tried again after a while."""
_WINDOWS = (("x-minute-requests-left", timedelta(minutes=1)), ("x-hourly-requests-left", timedelta(hours=1)))


class _Error(BaseModel):
    error: str | None = None
    message: str | None = None


def classify(operation: Operation, answer: Answer) -> Verdict:
    """A key without the right (403, ``API_INACCESSIBLE``) may get it later; what is wrong (422) is told in words."""
    if answer.status == 403:  # noqa: PLR2004 - Forbidden
        return Retry(_RIGHTS_SOON)
    verdict = by_status(operation, answer)
    if isinstance(verdict, Rejected) and (said := error_in(answer.body)):
        return Rejected(said)
    return verdict


def error_in(body: bytes) -> str:
    """What an answer says is wrong; empty where it says nothing of the kind."""
    try:
        read = _Error.model_validate_json(body)
    except ValidationError:
        return ""
    return (read.error or read.message or "")[:300]


def remaining(headers: Mapping[str, str]) -> Remaining | None:
    """How many calls of an endpoint are left, in the window that has the fewest."""
    left = [
        Remaining(int(headers[name]), per)
        for name, per in _WINDOWS
        if headers.get(name, "").isdecimal()
    ]  # fmt: skip
    return min(left, key=lambda one: one.units, default=None)
