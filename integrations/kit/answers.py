"""What a tool's answer to a call means: one verdict each, by a classifier that a tool may have of its own.

Status codes alone do not tell: 403 is a spent quota at Salesforce, 404 is an empty list at Gong, 200 may be a refusal
at Slack.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias, TypeVar

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError

from integrations.kit.errors import Unanswered
from integrations.kit.retry_after import retry_after

_SHOWN = 200
_JSON = TypeAdapter[JsonValue](JsonValue)
_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One thing that a tool can be asked to do. Its name is shown in errors."""

    name: str
    method: str = "GET"
    success: frozenset[int] = frozenset(range(200, 300))
    empty: frozenset[int] = frozenset()
    """Statuses that say that there is nothing (404 where a thing is looked up)."""
    cost: int = 1
    """In the units of the tool's request budget."""
    reads: bool | None = None
    """Whether it changes nothing; None: as its method says."""

    @property
    def changes(self) -> bool:
        """Whether a call without an answer may have changed something."""
        return self.method not in {"GET", "HEAD"} if self.reads is None else not self.reads


@dataclass(frozen=True)
class Answer:
    """What a tool answered; the names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    empty: bool = False
    """There is nothing of what was asked for."""
    duplicate: str | None = None
    """The call had been made before, and this is what the tool named the thing then."""

    def json(self) -> JsonValue:
        """The body as JSON.

        Raises:
            Unanswered: it is none.
        """
        return self._read(lambda: _JSON.validate_json(self.body))

    def read_as(self, model: type[_Model]) -> _Model:
        """The body as a model.

        Raises:
            Unanswered: it does not have what its documentation promises.
        """
        return self._read(lambda: model.model_validate_json(self.body))

    def _read(self, read: Callable[[], _Read]) -> _Read:
        try:
            return read()
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"])) or "its body"
            raise Unanswered(f"it answered {self.status} with what cannot be read ({where})") from None

    @property
    def text(self) -> str:
        """The body's beginning, for people, on one line."""
        return " ".join(self.body[: 4 * _SHOWN].decode("utf-8", "replace").split())[:_SHOWN]

    def retry_after(self, now: datetime) -> timedelta | None:
        """What the header ``Retry-After`` says."""
        return retry_after(self.headers.get("retry-after"), now)


_Read = TypeVar("_Read")


@dataclass(frozen=True)
class Ok:
    """Done."""


@dataclass(frozen=True)
class Empty:
    """Done: there is nothing of what was asked for."""


@dataclass(frozen=True)
class Duplicate:
    """Done before, under the same key."""

    reference: str


@dataclass(frozen=True)
class Retry:
    """Not taken: the same call may be made again."""

    after: timedelta | None = None


@dataclass(frozen=True)
class Quota:
    """Not taken: no call of this credential is taken before a time."""

    until: datetime | None = None
    """None where the tool does not say."""


@dataclass(frozen=True)
class BadCredentials:
    """Not taken: the credentials are not, or no longer, good."""


@dataclass(frozen=True)
class Rejected:
    """Never to be taken; why, in words."""

    reason: str


@dataclass(frozen=True)
class Unknown:
    """It may or may not have been taken."""


Verdict: TypeAlias = Ok | Empty | Duplicate | Retry | Quota | BadCredentials | Rejected | Unknown
Classify: TypeAlias = Callable[[Operation, Answer], Verdict]


def by_status(operation: Operation, answer: Answer) -> Verdict:
    """The verdict where a tool uses HTTP's statuses as they are meant; a tool's own classifier ends with it."""
    status, now = answer.status, datetime.now(UTC)
    if status in operation.empty:
        return Empty()
    if status in operation.success:
        return Ok()
    after = answer.retry_after(now)
    match status:
        case 401:
            return BadCredentials()
        case 429:
            return Quota(now + after if after is not None else None)
        case 408 | 425 | 503:
            return Retry(after)
    if status >= 500:  # noqa: PLR2004 - the server's own errors
        return Unknown() if operation.changes else Retry(after)
    return Rejected(f"it answered {status}: {answer.text}")
