"""What Salesforce's answers mean. Its errors are a list of ``{message, errorCode, fields}``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from integrations.kit.answers import (
    Answer,
    BadCredentials,
    Duplicate,
    Operation,
    Quota,
    Rejected,
    Retry,
    Unknown,
    Verdict,
    by_status,
)
from integrations.kit.errors import Unanswered

SPENT, NO_SESSION, TAKEN, HALTED = (
    "REQUEST_LIMIT_EXCEEDED",
    "INVALID_SESSION_ID",
    "DUPLICATE_VALUE",
    "PROCESSING_HALTED",
)
PASSING = frozenset({"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "API_CURRENTLY_DISABLED", "QUERY_TIMEOUT"})
"""Errors of the moment: nothing was done, and the same call may be made again."""
_AT_ONCE, _IN_A_DAY = timedelta(seconds=30), timedelta(minutes=15)
"""Salesforce does not say for how long a limit is spent. Too many calls at once pass in a moment, a day's do not."""
_SEVERAL, _MOST_SHOWN = 300, 300
_RECORD = re.compile(r"record with id: ([A-Za-z0-9]{15,18})")


@dataclass(frozen=True)
class OrgError:
    """One error."""

    code: str
    message: str
    fields: tuple[str, ...]

    @property
    def shown(self) -> str:
        """What people are told."""
        where = f" ({', '.join(self.fields)})" if self.fields else ""
        return f"{self.code}{where}: {self.message[:_MOST_SHOWN]}"


def errors_in(body: JsonValue) -> tuple[OrgError, ...]:
    """The errors in a body; none where it is no list of errors."""
    return tuple(_error(one) for one in body if isinstance(one, dict)) if isinstance(body, list) else ()


def classify(operation: Operation, answer: Answer) -> Verdict:
    """What an answer means. A bundle is answered 200 also when its calls failed."""
    if answer.status == _SEVERAL:
        return Rejected("several records have one key: mark its field Unique, and merge them")
    if answer.status in operation.empty or answer.status in operation.success:
        failed = failure_in_bundle(answer) if operation.name == "update" else None
        return by_status(operation, answer) if failed is None else _verdict(operation, answer, *failed)
    return _verdict(operation, answer, answer.status, _body(answer))


def failure_in_bundle(answer: Answer) -> tuple[int, JsonValue] | None:
    """The status and body of the call that made a bundle fail; None where all went well."""
    body = _body(answer)
    parts = body.get("compositeResponse") if isinstance(body, dict) else None
    parts = parts if isinstance(parts, list) else []
    failed = [part for part in parts if isinstance(part, dict) and not _is_success(part.get("httpStatusCode"))]
    causes = [part for part in failed if {error.code for error in errors_in(part.get("body"))} != {HALTED}]
    for part in causes or failed:
        status = part.get("httpStatusCode")
        return (status if isinstance(status, int) else 500), part.get("body")
    return None


def _verdict(operation: Operation, answer: Answer, status: int, body: JsonValue) -> Verdict:
    errors = errors_in(body)
    codes = {error.code for error in errors}
    if SPENT in codes:
        concurrent = any("Concurrent" in error.message for error in errors)
        return Quota(datetime.now(UTC) + (_AT_ONCE if concurrent else _IN_A_DAY))
    if codes & PASSING:
        return Retry()
    if NO_SESSION in codes:
        return BadCredentials()
    if TAKEN in codes and operation.name == "create":
        return Duplicate(next((found[1] for error in errors if (found := _RECORD.search(error.message))), ""))
    if errors and 400 <= status < 500 and status not in {401, 408, 429}:  # noqa: PLR2004 - the caller's errors
        return Rejected("; ".join(error.shown for error in errors))
    if status >= 500 and status != 503:  # noqa: PLR2004 - it may have been done
        return Unknown()
    return by_status(operation, answer) if status == answer.status else Unknown()


def _error(one: dict[str, JsonValue]) -> OrgError:
    fields = one.get("fields")
    code = one.get("errorCode") or one.get("statusCode") or "UNKNOWN"
    return OrgError(
        str(code), str(one.get("message") or ""), tuple(map(str, fields)) if isinstance(fields, list) else ()
    )


def _body(answer: Answer) -> JsonValue:
    try:
        return answer.json() if answer.body else None
    except Unanswered:
        return None


def _is_success(status: JsonValue) -> bool:
    return isinstance(status, int) and 200 <= status < 300  # noqa: PLR2004 - a success
