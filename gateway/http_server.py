"""The HTTP server (uvicorn) behind the gateway's app."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from fastapi import FastAPI

from gateway.connections import MAX_HEADER_BYTES, Connection
from gateway.redaction import RedactErrors
from runtime.sockets import bind_socket

log = logging.getLogger(__name__)

LOOPBACK = ("127.0.0.1", "::1")
"""This very machine."""
SHUTDOWN_GRACE = 10
"""Seconds that requests under way get to finish (wall clock)."""


class GatewayPortTaken(OSError):
    """The gateway's port is in use: stop what uses it, or choose another one."""

    def __init__(self, host: str, port: int, cause: OSError) -> None:
        super().__init__(
            f"The gateway cannot listen on {host}:{port} ({cause.strerror}): stop what uses it, or choose another port "
            "with DEALWRIGHT_GATEWAY_PORT (`dealwright up`: with --gateway-port)."
        )


class _Server(uvicorn.Server):
    """A server that leaves signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def running_server(app: FastAPI, host: str, port: int, trusted_proxies: Sequence[str] = ()) -> AsyncIterator[str]:
    """Serve for as long as the block runs; gives the address (``http://127.0.0.1:8700``) once it answers.

    Port 0 takes any free one. At the end, requests under way are finished first. ``trusted_proxies``, and those on
    this machine, say where a request came from (``X-Forwarded-For``).

    Raises:
        GatewayPortTaken: something else listens there.
    """
    listener = _listen(host, port)
    server = _Server(
        uvicorn.Config(
            RedactErrors(app),
            http=Connection,
            ws="none",
            h11_max_incomplete_event_size=MAX_HEADER_BYTES,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=SHUTDOWN_GRACE,
            server_header=False,
            forwarded_allow_ips=[*LOOPBACK, *trusted_proxies],
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="gateway")
    try:
        while not server.started and not serving.done():
            await asyncio.wait({serving}, timeout=0.01)
        if serving.done():
            serving.result()
            raise RuntimeError("The gateway ended before it served anything: its log says why.")
        yield f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await asyncio.wait({serving})
        listener.close()


async def serve_until(
    app: FastAPI, host: str, port: int, stop: asyncio.Event, trusted_proxies: Sequence[str] = ()
) -> None:
    """Serve until ``stop`` is set.

    Raises:
        GatewayPortTaken: something else listens there.
    """
    async with running_server(app, host, port, trusted_proxies) as address:
        log.info("the gateway answers at %s", address)
        await stop.wait()


def _listen(host: str, port: int) -> socket.socket:
    try:
        return bind_socket(host, port)
    except OSError as error:
        raise GatewayPortTaken(host, port, error) from error
