"""Limits for HTTP connections: time-outs for headers and whole requests, and how many may be open."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from typing_extensions import override
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

HEADER_TIMEOUT = 10.0
"""Seconds in which a request's line and headers have to arrive, from when the connection stands (wall clock)."""
REQUEST_TIMEOUT = 90.0
"""Seconds from there until the answer has been taken: more than any request needs."""
MAX_HEADER_BYTES = 16 * 1024
"""Bytes of a request's line and headers."""
MAX_CONNECTIONS = 500
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
        self.access_log = False  # URLs may have a secret in them, however logging is set up
        self._timer: asyncio.TimerHandle | None = None
        self.serving = False
        self.idle_since = 0.0

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        super().connection_made(transport)
        self._close_after(HEADER_TIMEOUT)
        if len(self.connections) > MAX_CONNECTIONS:
            idle = [one for one in self.connections if isinstance(one, Connection) and not one.serving]
            min(idle, key=lambda one: one.idle_since, default=self).transport.abort()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer:
            self._timer.cancel()
        super().connection_lost(exc)

    @override
    def handle_events(self) -> None:
        super().handle_events()
        serving = self.cycle is not None and not self.cycle.response_complete
        if serving and not self.serving:
            self._close_after(REQUEST_TIMEOUT)
        self.serving = serving

    @override
    def on_response_complete(self) -> None:
        self.serving = False
        self._close_after(HEADER_TIMEOUT)
        super().on_response_complete()

    def _close_after(self, seconds: float) -> None:
        """Close the connection unless the next step comes in time."""
        if self._timer:
            self._timer.cancel()
        self.idle_since = self.loop.time()
        self._timer = self.loop.call_later(seconds, self._time_out)

    def _time_out(self) -> None:
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE) and not self.transport.is_closing():
            self.transport.close()
        # What the other side does not read keeps a closing connection open.
        self.loop.call_soon(self.transport.abort)
