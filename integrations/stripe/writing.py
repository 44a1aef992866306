"""Calls of Stripe's API that change something: each with an idempotency key, and what its errors mean.

https://docs.stripe.com/api/idempotent_requests: the answer to a key is kept for 24 hours at least; another body under
it is a 400 of the type ``idempotency_error``, the same call beside it a 409. ``Stripe-Should-Retry`` goes before the
status.
"""

from __future__ import annotations

import hashlib

from pydantic import BaseModel, ConfigDict, ValidationError

from integrations.kit.answers import Answer, Operation, Rejected, Retry, Unknown, Verdict, by_status

KEY_PREFIX = "dealwright-"
"""How our idempotency keys begin: an event with one tells what we did ourselves."""


class _Error(BaseModel):
    model_config = ConfigDict(frozen=True)

    type: str = ""
    code: str | None = None
    message: str = ""


class _Problem(BaseModel):
    model_config = ConfigDict(frozen=True)

    error: _Error = _Error()


def key_of(*parts: str) -> str:
    """The idempotency key of a call: Stripe takes 255 characters, and ids may be longer."""
    return KEY_PREFIX + hashlib.sha256("\x00".join(parts).encode()).hexdigest()


def by_stripe(operation: Operation, answer: Answer) -> Verdict:
    """The verdict in Stripe's terms."""
    if answer.status in operation.success or answer.status in operation.empty or answer.status == 401:  # noqa: PLR2004
        return by_status(operation, answer)
    error = _error(answer)
    if error.type == "idempotency_error":
        return Rejected(f"another call was made under this key: {error.message}")
    if answer.status == 409:  # noqa: PLR2004 - the same call, or one about the same object, is being made
        return Unknown() if operation.changes else Retry()
    if answer.headers.get("stripe-should-retry") == "true" and answer.status < 500:  # noqa: PLR2004
        return by_status(operation, answer) if answer.status == 429 else Retry()  # noqa: PLR2004
    verdict = by_status(operation, answer)
    return Rejected(error.message or answer.text) if isinstance(verdict, Rejected) else verdict


def _error(answer: Answer) -> _Error:
    try:
        return _Problem.model_validate_json(answer.body).error
    except ValidationError:
        return _Error()
