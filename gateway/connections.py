"""How long a connection may take, and how many there may be: whoever only holds one open is not waited for."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from typing_extensions import override
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

LONGEST_HEAD = 10.0
"""Seconds in which a request's line and headers have to arrive, from when the connection stands (wall clock)."""
LONGEST_REQUEST = 90.0
"""Seconds from there until the answer has been taken: more than any request needs."""
LARGEST_HEAD = 16 * 1024
"""Bytes of a request's line and headers."""
MOST_CONNECTIONS = 500
"""Connections at once. When one more comes, the one that has been silent for the longest goes."""


class Connection(H11Protocol):
    """A connection that is closed when a request does not arrive, or its answer is not taken, in time."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],  # uvicorn's own signature
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._end: asyncio.TimerHandle | None = None
        self.serves = False
        self.silent_since = 0.0

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        super().connection_made(transport)
        self._wait(LONGEST_HEAD)
        if len(self.connections) > MOST_CONNECTIONS:
            silent = [one for one in self.connections if isinstance(one, Connection) and not one.serves]
            min(silent, key=lambda one: one.silent_since, default=self).transport.abort()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._end:
            self._end.cancel()
        super().connection_lost(exc)

    @override
    def handle_events(self) -> None:
        super().handle_events()
        serves = self.cycle is not None and not self.cycle.response_complete
        if serves and not self.serves:
            self._wait(LONGEST_REQUEST)
        self.serves = serves

    @override
    def on_response_complete(self) -> None:
        self.serves = False
        self._wait(LONGEST_HEAD)
        super().on_response_complete()

    def _wait(self, seconds: float) -> None:
        """Give the connection so long for what comes next."""
        if self._end:
            self._end.cancel()
        self.silent_since = self.loop.time()
        self._end = self.loop.call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE) and not self.transport.is_closing():
            self.transport.close()
        # What the other side does not read keeps a closing connection open.
        self.loop.call_soon(self.transport.abort)
