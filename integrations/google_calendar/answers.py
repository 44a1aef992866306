"""What Google Calendar's answers mean: a spent quota is 403 as well as 429.

https://developers.google.com/workspace/calendar/api/guides/errors
"""

from __future__ import annotations

from pydantic import BaseModel, ValidationError

from integrations.kit.answers import Answer, Operation, Quota, Verdict, by_status

_QUOTA = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"})
_FORBIDDEN = 403


class _Error(BaseModel):
    reason: str = ""


class _Errors(BaseModel):
    errors: list[_Error] = []


class _Problem(BaseModel):
    error: _Errors = _Errors()


def classify(operation: Operation, answer: Answer) -> Verdict:
    """The verdict on an answer."""
    if answer.status == _FORBIDDEN and reasons_of(answer) & _QUOTA:
        return Quota()
    return by_status(operation, answer)


def reasons_of(answer: Answer) -> frozenset[str]:
    """Why a call failed, in Google's words."""
    try:
        problem = _Problem.model_validate_json(answer.body)
    except ValidationError:
        return frozenset()
    return frozenset(one.reason for one in problem.error.errors)
