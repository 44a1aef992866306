"""Whether a process lives and is ready, over HTTP, for whoever restarts or routes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

Check = Callable[[], Awaitable[str | None]]
"""None when all is well, else what is wrong."""


@asynccontextmanager
async def health_endpoint(host: str, port: int | None, ready: Check) -> AsyncIterator[None]:
    """Answer ``/healthz`` (the process lives) and ``/readyz`` (it can work); without a port, do nothing."""
    if port is None:
        yield
        return

    async def healthz(_: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> JSONResponse:
        wrong = await ready()
        return JSONResponse({"status": wrong or "ready"}, status_code=503 if wrong else 200)

    app = Starlette(routes=[Route("/healthz", healthz), Route("/readyz", readyz)])
    server = _Quiet(uvicorn.Config(app, host=host, port=port, log_config=None, access_log=False))
    task = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await task


class _Quiet(uvicorn.Server):
    """A server inside another program: it leaves signals to that program."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take no signal."""
        yield
