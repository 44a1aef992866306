"""Limits for request bodies: size and time to arrive."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.problems import Problem, answer

MIB = 1024 * 1024
MAX_BODY_BYTES = MIB
"""Bytes of a request's body (1 MiB)."""
MOST_LARGE_BODIES = 8
"""Requests at once with a body above the usual limit, where a path may have one. A body is held before anything is
known of its sender, and so many connections with mail of 40 MiB each would be more than a machine holds."""
DRAIN_FACTOR = 8
"""A body that is too large is read up to so many times the limit, so that its sender sees the answer."""
BODY_TIMEOUT = 30.0
"""Seconds in which a request's body has to arrive (wall clock)."""


class BodyLimit:
    """ASGI middleware that reads a request's body before anything else sees the request.

    A body that is too large is answered with 413, one that does not arrive with 408; neither reaches the app.
    """

    def __init__(
        self,
        app: ASGIApp,
        largest: int = MAX_BODY_BYTES,
        longest: float = BODY_TIMEOUT,
        larger: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        """``larger`` names paths whose bodies may have more bytes, with all that is below them."""
        self._app, self._largest, self._longest, self._larger = app, largest, longest, larger
        self._large = 0
        """Requests now that have a large body, or may come to have one."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        largest = self._limit(scope["path"])
        body = _Body()
        try:
            await self._serve(body, largest, scope, receive, send)
        finally:
            self._large -= body.is_large

    async def _serve(self, body: _Body, largest: int, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(self._longest):
                whole = await self._read(body, receive, largest)
        except _TooMany:
            refusal = _refuse(503, "busy", "Too many large requests at once", "Send it again a little later.", wait=5)
            await refusal(scope, receive, send)
        except _TooLarge:
            detail = f"A body may have {largest} bytes."
            await _refuse(413, "too-large", "The body is too large", detail)(scope, receive, send)
        except TimeoutError:
            await _refuse(408, "too-slow", "The body did not arrive", None)(scope, receive, send)
        else:
            if whole is not None:
                await self._app(scope, _replay(whole, receive), send)

    def _limit(self, path: str) -> int:
        return next((most for start, most in self._larger.items() if f"{path}/".startswith(f"{start}/")), self._largest)

    async def _read(self, body: _Body, receive: Receive, largest: int) -> bytes | None:
        """The whole body; None when the sender has gone."""
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            chunk: bytes = message.get("body", b"")
            size += len(chunk)
            if self._largest < size <= largest and not body.is_large:
                if self._large >= MOST_LARGE_BODIES:
                    raise _TooMany
                body.is_large = True
                self._large += 1
            if size <= largest:
                body.chunks.append(chunk)
            # A sender that is answered in mid-sentence may never see the answer: most are heard out.
            if size > max(largest, self._largest * DRAIN_FACTOR) or (size > largest and not message.get("more_body")):
                raise _TooLarge
            if not message.get("more_body"):
                whole = b"".join(body.chunks)
                body.chunks.clear()
                return whole


@dataclass
class _Body:
    """What has come of a request's body."""

    chunks: list[bytes] = field(default_factory=list)
    is_large: bool = False
    """Whether it counts among the large ones."""


class _TooLarge(Exception):
    """A body has more bytes than it may have."""


class _TooMany(Exception):
    """One more large body comes than are held at once."""


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replayed() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


def _refuse(status: int, name: str, title: str, detail: str | None, wait: int | None = None) -> ASGIApp:
    problem = Problem(type=f"urn:dealwright:problem:{name}", title=title, status=status, detail=detail)
    # The rest of the body is not read, so the connection cannot serve another request.
    return answer(problem, {"Connection": "close", **({"Retry-After": str(wait)} if wait else {})})
