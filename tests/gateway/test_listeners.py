"""What tools tell over connections that are kept open: the gateway listens while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from dealwright import DealClient
from gateway.api import create_app
from store.database import Store
from tests.gateway.conftest import OPTIONS, served


class Listening:
    """A tool that is listened to."""

    def __init__(self) -> None:
        self.began, self.ended = asyncio.Event(), asyncio.Event()

    async def run(self, kept: Callable[[], None]) -> None:
        kept()
        self.began.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.set()


async def test_the_gateway_listens_from_its_start_to_its_end(away: DealClient, store: Store) -> None:
    app, tool = create_app(OPTIONS, away, store), Listening()
    app.state.background = replace(app.state.background, listeners={"acme": tool})
    async with served(app):
        await asyncio.wait_for(tool.began.wait(), 10)
    assert tool.ended.is_set()
