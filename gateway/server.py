"""The gateway served over HTTP, until it is told to stop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

LONGEST_GOODBYE = 10
"""Seconds that requests under way get to finish (wall clock)."""


class PortTaken(OSError):
    """The gateway's port is in use: stop what uses it, or choose another one."""

    def __init__(self, host: str, port: int, cause: OSError) -> None:
        super().__init__(
            f"The gateway cannot listen on {host}:{port} ({cause.strerror}): stop what uses it, or choose another port."
        )


class _Server(uvicorn.Server):
    """A server that leaves signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(
    app: FastAPI, host: str, port: int, stop: asyncio.Event, *, on_ready: Callable[[str], None] = lambda _: None
) -> None:
    """Serve until ``stop`` is set; requests under way are finished first.

    Port 0 takes any free one; ``on_ready`` is told the address (``http://127.0.0.1:8700``) once it answers.

    Raises:
        PortTaken: something else listens there.
    """
    listener = _listen(host, port)
    bound = listener.getsockname()[1]
    server = _Server(
        uvicorn.Config(
            app, log_config=None, access_log=False, timeout_graceful_shutdown=LONGEST_GOODBYE, server_header=False
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="gateway")
    stopping = asyncio.create_task(stop.wait(), name="gateway-stop")
    try:
        while not server.started and not serving.done() and not stopping.done():
            await asyncio.wait({serving, stopping}, timeout=0.01)
        if server.started:
            on_ready(f"http://{f'[{host}]' if ':' in host else host}:{bound}")
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        server.should_exit = True
        stopping.cancel()
        await serving
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PortTaken(host, port, error) from error
    return listener
