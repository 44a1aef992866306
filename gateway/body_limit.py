"""Limits for request bodies: size and time to arrive."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import MappingProxyType

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.problems import Problem, answer

MIB = 1024 * 1024
MAX_BODY_BYTES = MIB
"""Bytes of a request's body (1 MiB)."""
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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        largest = self._limit(scope["path"])
        try:
            body = await asyncio.wait_for(self._read(receive, largest), self._longest)
        except _TooLarge:
            detail = f"A body may have {largest} bytes."
            await _refuse(413, "too-large", "The body is too large", detail)(scope, receive, send)
        except TimeoutError:
            await _refuse(408, "too-slow", "The body did not arrive", None)(scope, receive, send)
        else:
            if body is not None:
                await self._app(scope, _replay(body, receive), send)

    def _limit(self, path: str) -> int:
        return next((most for start, most in self._larger.items() if f"{path}/".startswith(f"{start}/")), self._largest)

    async def _read(self, receive: Receive, largest: int) -> bytes | None:
        """The whole body; None when the sender has gone."""
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            chunk: bytes = message.get("body", b"")
            size += len(chunk)
            if size <= largest:
                chunks.append(chunk)
            # A sender that is answered in mid-sentence may never see the answer: most are heard out.
            if size > max(largest, self._largest * DRAIN_FACTOR) or (size > largest and not message.get("more_body")):
                raise _TooLarge
            if not message.get("more_body"):
                return b"".join(chunks)


class _TooLarge(Exception):
    """A body has more bytes than it may have."""


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replayed() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


def _refuse(status: int, name: str, title: str, detail: str | None) -> ASGIApp:
    problem = Problem(type=f"urn:dealwright:problem:{name}", title=title, status=status, detail=detail)
    # The rest of the body is not read, so the connection cannot serve another request.
    return answer(problem, {"Connection": "close"})
