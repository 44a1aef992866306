"""``/healthz`` and ``/readyz`` of a worker, for orchestrators."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from runtime.connection import NotReady
from runtime.sockets import bind_socket

Check = Callable[[], Awaitable[str | None]]
"""None when all is well, else what is wrong."""


@asynccontextmanager
async def health_endpoint(
    host: str, port: int | None, ready: Check, stuck: Callable[[], str | None] = lambda: None
) -> AsyncIterator[None]:
    """Answer ``/healthz`` (the process lives, and goes on) and ``/readyz`` (it can work); without a port, do nothing.

    ``stuck`` says what keeps the process from going on, if anything does: then ``/healthz`` fails.

    Raises:
        NotReady: something else listens there.
    """
    if port is None:
        yield
        return

    async def healthz(_: Request) -> JSONResponse:
        trouble = stuck()
        return JSONResponse({"status": trouble or "ok"}, status_code=503 if trouble else 200)

    async def readyz(_: Request) -> JSONResponse:
        wrong = await ready()
        return JSONResponse({"status": wrong or "ready"}, status_code=503 if wrong else 200)

    app = Starlette(routes=[Route("/healthz", healthz), Route("/readyz", readyz)])
    try:
        listener = bind_socket(host, port)
        listener.listen()  # from now on nobody is turned away, though the server begins a moment later
    except OSError as error:
        raise NotReady(
            f"The health endpoint cannot listen on {host}:{port} ({error.strerror}): stop what uses it, "
            "or set DEALWRIGHT_HEALTH_PORT to another one"
        ) from error
    server = _Quiet(uvicorn.Config(app, log_config=None, access_log=False))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task
        listener.close()


class _Quiet(uvicorn.Server):
    """A server inside another program: it leaves signals to that program."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take no signal."""
        yield
