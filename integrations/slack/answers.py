"""What Slack's answers mean: refusals come with status 200 and ``ok: false`` (https://docs.slack.dev/apis/web-api)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ValidationError

from integrations.kit.answers import (
    Answer,
    BadCredentials,
    Empty,
    Ok,
    Operation,
    Rejected,
    Retry,
    Unknown,
    Verdict,
    by_status,
)

_ONE_SECOND, _A_WHILE = timedelta(seconds=1), timedelta(seconds=30)
_NOBODY = frozenset({"users_not_found", "user_not_found", "user_disabled"})
_CREDENTIALS = frozenset({"invalid_auth", "not_authed", "token_expired", "token_revoked", "account_inactive"})
_LATER = frozenset({"ratelimited", "rate_limited", "service_unavailable", "team_added_to_org"})
_MAY_BE_DONE = frozenset({"internal_error", "fatal_error", "request_timeout"})
"""Slack says of these that some of it may have happened."""


class _Body(BaseModel):
    ok: bool
    error: str = "no error named"
    needed: str | None = None


def classify(operation: Operation, answer: Answer) -> Verdict:
    """The verdict on an answer."""
    if answer.status == 429:  # noqa: PLR2004 - of one method, or of one channel; other calls go on
        return Retry(answer.retry_after(datetime.now(UTC)) or _ONE_SECOND)
    if answer.status not in operation.success:
        return by_status(operation, answer)
    try:
        body = _Body.model_validate_json(answer.body)
    except ValidationError:
        return Unknown()
    if body.ok:
        return Ok()
    if body.error in _NOBODY:
        return Empty()
    if body.error in _CREDENTIALS:
        return BadCredentials()
    if body.error in _LATER:
        return Retry(_A_WHILE)
    if body.error in _MAY_BE_DONE:
        return Unknown() if operation.changes else Retry(_A_WHILE)
    return Rejected(_in_words(body))


def _in_words(body: _Body) -> str:
    match body.error:
        case "missing_scope":
            return f"the app lacks the scope {body.needed}: add it and install the app again"
        case "not_in_channel":
            return "the app is not in the channel: invite it there"
        case "channel_not_found":
            return (
                "there is no such channel, or it is private and the app is not in it: look at the ids in the settings"
            )
    return body.error
