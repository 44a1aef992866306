"""What Twilio's answers mean (https://www.twilio.com/docs/usage/twilios-response, /docs/api/errors).

Errors are JSON: ``{"code": 21610, "message": "…", "more_info": "…", "status": 400}``.
"""

from __future__ import annotations

from pydantic import BaseModel, ValidationError

from integrations.kit.answers import Answer, Operation, Rejected, Retry, Verdict, by_status

OPTED_OUT = 21610
"""The number answered STOP to this sender, as the network's own list has it."""
NO_SUCH_NUMBER = frozenset({21211, 21614, 30005, 30006})
"""There is no such number, or it takes no text messages: a landline, or one that was given up."""
_TOO_MANY = frozenset({20429, 21611, 14107})
"""Too many calls, or the queue of the sender is full: nothing was taken."""


class Problem(BaseModel):
    """An error as Twilio writes it."""

    code: int = 0
    message: str = ""


def classify(operation: Operation, answer: Answer) -> Verdict:
    """The verdict on an answer."""
    verdict = by_status(operation, answer)
    problem = problem_in(answer)
    if problem is None or not isinstance(verdict, Rejected):
        return verdict
    if problem.code in _TOO_MANY:
        return Retry()
    return Rejected(f"{problem.message} ({problem.code})")


def problem_in(answer: Answer) -> Problem | None:
    """The error in an answer, where it is one of Twilio's."""
    try:
        found = Problem.model_validate_json(answer.body)
    except ValidationError:
        return None
    return found if found.code else None


def code_of(reason: str) -> int:
    """The code in the reason of a refusal, as ``classify`` words it; 0 without one."""
    code = reason.rpartition("(")[2].removesuffix(")")
    return int(code) if code.isdecimal() else 0
