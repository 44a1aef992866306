from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from fastapi import FastAPI, Request, Response
from standardwebhooks.webhooks import Webhook

from gateway.http_server import running_server


class Clock:
    """A wall clock, moved by hand. It starts now, since receivers compare signatures' times with theirs."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Receiver:
    """A subscriber on loopback that checks what it gets with the library of Standard Webhooks.

    It answers what ``answers`` has in turn, and then 204. ``hold`` keeps it from answering.
    """

    clock: Clock
    url: str = ""
    secret: str = ""
    answers: list[tuple[int, Mapping[str, str]]] = field(default_factory=list)
    got: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    hold: asyncio.Event | None = None
    refuse: Callable[[dict[str, Any]], bool] = lambda _: False
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: Request) -> Response:
        """Take one event."""
        body = await request.body()
        with time_machine.travel(self.clock(), tick=False):
            event = Webhook(self.secret).verify(body, dict(request.headers))
        self.got.append(event)
        self.ids.append(request.headers["webhook-id"])
        self.headers.append(request.headers)
        self.arrived.set()
        if self.hold is not None:
            await self.hold.wait()
        if self.refuse(event):
            return Response(status_code=500)
        status, headers = self.answers.pop(0) if self.answers else (204, {})
        return Response(status_code=status, headers=dict(headers))

    def numbers(self, deal_id: str) -> list[int]:
        """The numbers of the lines that it got of a deal, in order."""
        return [event["data"]["number"] for event in self.got if event["subject"] == deal_id]


@pytest.fixture
async def receiver(clock: Clock) -> AsyncIterator[Receiver]:
    receiver, app = Receiver(clock), FastAPI()
    handler: Callable[[Request], Awaitable[Response]] = receiver.take
    app.add_route("/hooks", handler, methods=["POST"])
    async with running_server(app, "127.0.0.1", 0) as address:
        receiver.url = f"{address}/hooks"
        yield receiver
        if receiver.hold is not None:
            receiver.hold.set()


@pytest.fixture
def clock() -> Clock:
    return Clock()
