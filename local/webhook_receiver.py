"""A server on loopback that keeps every webhook it gets, and answers as it is told to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.http_server import running_server


@dataclass
class WebhookReceiver:
    """What came, and what is answered: the next of ``answers``, and 202 after them."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    """The addresses that were called, in order, with their queries."""

    @property
    def bodies(self) -> list[Any]:
        """The bodies that came, in order."""
        return [json.loads(body) for _, body in self.requests]

    async def has(self, count: int) -> None:
        """Wait until so many requests came."""
        async with asyncio.timeout(60):
            while len(self.requests) < count:  # noqa: ASYNC110 - it has no event of its own
                await asyncio.sleep(0.005)

    async def take(self, request: Request) -> Response:
        """Keep one request."""
        self.urls.append(str(request.url))
        self.requests.append((dict(request.headers), await request.body()))
        return Response(status_code=self.answers.pop(0) if self.answers else 202)


@asynccontextmanager
async def webhook_receiver(port: int = 0) -> AsyncIterator[WebhookReceiver]:
    """A receiver that listens while the block runs, on a free port unless one is given."""
    receiver = WebhookReceiver()
    app = Starlette(routes=[Route(path, receiver.take, methods=["POST"]) for path in ("/hook", "/hook/{secret}")])
    async with running_server(app, "127.0.0.1", port) as url:  # type: ignore[arg-type] # any application
        receiver.url = f"{url}/hook"
        yield receiver
