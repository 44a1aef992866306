"""What Outreach's answers mean: JSON:API errors, and how much of its limit is left.

https://developers.outreach.io/api/making-requests: errors are ``{"errors": [{"id", "title", "detail", "source"}]}``;
https://developers.outreach.io/api/getting-started: 10,000 requests in an hour for each user, times in ``Retry-After``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ValidationError

from integrations.kit.answers import Answer, Operation, Rejected, Retry, Verdict, by_status
from integrations.kit.request_budget import Limit, Remaining
from integrations.kit.retry_after import retry_after

LIMIT = Limit(most=10_000, per=timedelta(hours=1))
_RIGHTS_SOON = timedelta(minutes=5)
"""A missing scope or right is given by a person: the call is tried again after a while."""


class _Source(BaseModel):
    pointer: str = ""


class _Error(BaseModel):
    id: str | None = None
    title: str = ""
    detail: str = ""
    source: _Source | None = None

    def told(self) -> str:
        pointer = self.source.pointer if self.source is not None else ""
        return " ".join(filter(None, (self.detail or self.title or self.id or "", f"({pointer})" if pointer else "")))


class _Errors(BaseModel):
    errors: list[_Error]


def classify(operation: Operation, answer: Answer) -> Verdict:
    """A missing scope or right (403) may be given later; what a record is not valid for (422) is told in words."""
    if answer.status == 403:  # noqa: PLR2004 - Forbidden
        return Retry(_RIGHTS_SOON)
    verdict = by_status(operation, answer)
    if isinstance(verdict, Rejected) and (said := errors_in(answer.body)):
        return Rejected(said)
    return verdict


def errors_in(body: bytes) -> str:
    """What an answer says is wrong, for people; empty where it says nothing of the kind."""
    try:
        return "; ".join(one.told() for one in _Errors.model_validate_json(body).errors)[:300]
    except ValidationError:
        return ""


def remaining(headers: Mapping[str, str]) -> Remaining | None:
    """How many calls are left to the user in this hour."""
    left = headers.get("x-ratelimit-remaining", "")
    if not left.isdecimal():
        return None
    anew_in = retry_after(headers.get("x-ratelimit-reset"), datetime.now(UTC))
    return Remaining(int(left), anew_in if anew_in is not None and anew_in <= LIMIT.per else LIMIT.per)
