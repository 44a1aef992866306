"""Calls to a tool's HTTP API: one client for each tool, which turns every answer into a result or an error.

No call lasts longer than ``LONGEST_CALL``, no answer is larger than 8 MiB, no redirect is followed (it would carry the
credentials elsewhere), and no error repeats a secret.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from urllib.parse import unquote, urlsplit

import httpx2 as httpx
from pydantic import JsonValue

from integrations.kit.answers import (
    Answer,
    BadCredentials,
    Classify,
    Duplicate,
    Empty,
    Ok,
    Operation,
    Quota,
    Rejected,
    Retry,
    Unknown,
    by_status,
)
from integrations.kit.credentials import Authorization, Credentials
from integrations.kit.delivery import LONGEST_CALL
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.request_budget import Budget
from integrations.kit.trusted_authorities import trusted_authorities

_TIMEOUT = httpx.Timeout(connect=5, read=15, write=15, pool=5)
_PATH = re.compile(r"/[!-\"$->@-\[\]-~]*")
"""Visible ASCII but for ?, # and the backslash."""
_LARGEST_ANSWER = 8 * 1024 * 1024
_UNTIL_NEXT_TRY = timedelta(minutes=1)
"""How long no call is made after a quota was spent, where the tool does not say."""
_Error: TypeAlias = NotHandedOver | Refused | Unanswered
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_asks_nobody: ContextVar[bool] = ContextVar("asks_nobody", default=False)


@contextmanager
def asking_nobody() -> Iterator[None]:
    """Within this, every call to every tool ends in ``NotHandedOver``, before anything is sent."""
    token = _asks_nobody.set(True)
    try:
        yield
    finally:
        _asks_nobody.reset(token)


@dataclass(frozen=True, kw_only=True)
class Payload:
    """What a call carries."""

    query: Mapping[str, str | int] = field(default_factory=dict)
    json: JsonValue = None
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What of it no error may repeat."""


class ToolClient:
    """Calls one tool's API with one credential. Close it at the end."""

    def __init__(
        self,
        tool: str,
        base_url: str,
        credentials: Credentials,
        budget: Budget,
        classify: Classify = by_status,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._tool, self._base_url, self._credentials, self._budget = tool, base_url, credentials, budget
        self._classify, self._clock = classify, clock
        self._http = httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False, verify=trusted_authorities())

    async def call(self, operation: Operation, path: str, payload: Payload | None = None) -> Answer:
        """Make a call; ``path`` is relative to the base URL, or an absolute URL on the same host.

        An id in a relative path leads to no other one: what a stranger calls a record is no query and no way up.

        Raises:
            NotHandedOver: it was not taken, or (an operation that reads) not answered; it may be made again.
            Refused: it never will be.
            Unanswered: it may or may not have been taken.
        """
        if _asks_nobody.get():
            raise NotHandedOver(f"{self._tool} is not asked anything in a trial")
        payload = payload or Payload()
        authorization = await self._credentials.authorization()
        answer = await self._once(operation, path, payload, authorization)
        if isinstance(verdict := self._classify(operation, answer), BadCredentials):
            if not await self._credentials.renew(authorization):
                error = NotHandedOver(self._not_let_in(operation, answer))
                raise _without(error, (*authorization.secrets, *payload.secrets))
            authorization = await self._credentials.authorization()
            answer = await self._once(operation, path, payload, authorization)
            verdict = self._classify(operation, answer)
        match verdict:
            case Ok():
                return answer
            case Empty():
                return replace(answer, empty=True)
            case Duplicate(reference):
                return replace(answer, duplicate=reference)
        raise _without(await self._error(operation, answer, verdict), (*authorization.secrets, *payload.secrets))

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def _error(
        self, operation: Operation, answer: Answer, verdict: Retry | Quota | BadCredentials | Rejected | Unknown
    ) -> _Error:
        what = f"{self._tool}, {operation.name}: it answered {answer.status}: {answer.text}"
        match verdict:
            case Retry(after):
                return NotHandedOver(what, retry_after=after)
            case Quota(until):
                now = self._clock()
                held = until or now + _UNTIL_NEXT_TRY
                await self._budget.hold_back(held)
                return NotHandedOver(what, retry_after=max(held - now, timedelta(0)))
            case BadCredentials():
                return NotHandedOver(self._not_let_in(operation, answer))
            case Rejected(reason):
                return Refused(f"{self._tool}, {operation.name}: {reason}")
            case Unknown():
                return Unanswered(what) if operation.changes else NotHandedOver(what)

    async def _once(self, operation: Operation, path: str, payload: Payload, authorization: Authorization) -> Answer:
        url = self._url(path, authorization.base_url or self._base_url)
        await self._budget.take(operation.cost)
        try:
            async with asyncio.timeout(LONGEST_CALL.total_seconds()):
                answer = await self._exchange(operation.method, url, payload, authorization)
        except _NEVER_SENT as error:
            raise NotHandedOver(f"{self._tool} cannot be reached ({type(error).__name__})") from error
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            what = f"{self._tool}, {operation.name}: it gave no answer ({type(error).__name__})"
            raise (Unanswered(what) if operation.changes else NotHandedOver(what)) from error
        await self._budget.learn(answer.headers)
        return answer

    async def _exchange(self, method: str, url: str, payload: Payload, authorization: Authorization) -> Answer:
        async with self._http.stream(
            method, url, params=dict(payload.query) or None, json=payload.json, data=payload.form,
            headers={**payload.headers, **authorization.headers},
        ) as response:  # fmt: skip
            body = bytearray()
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > _LARGEST_ANSWER:
                    raise httpx.DecodingError("the answer is too large")
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status_code, headers, bytes(body))

    def _url(self, path: str, base_url: str) -> str:
        if path.startswith("/"):
            if not _PATH.fullmatch(path) or {".", ".."} & set(unquote(path).split("/")):
                raise Refused(f"{self._tool} has nothing of such an id: it would lead to another path")
            return base_url + path
        wanted, base = urlsplit(path), urlsplit(base_url)
        if (wanted.scheme, wanted.netloc) != (base.scheme, base.netloc):
            raise Refused(
                f"{self._tool} sent us on to another host ({wanted.hostname}), where its credentials do not go"
            )
        return path

    def _not_let_in(self, operation: Operation, answer: Answer) -> str:
        return f"{self._tool}, {operation.name}: it does not take the credentials ({answer.status}: {answer.text})"


def _without(error: _Error, secrets: tuple[str, ...]) -> _Error:
    """The error, without what the tool may have repeated of the credentials."""
    reason = error.reason
    for secret in filter(None, secrets):
        reason = reason.replace(secret, "…")
    if isinstance(error, NotHandedOver):
        return NotHandedOver(reason, retry_after=error.retry_after)
    return type(error)(reason)
