"""What a tool sends again minutes later, since it heard no answer: it counts once, whoever took it the first time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dealwright.client.deal_client import DealClient
from gateway.api import create_app
from gateway.http_server import running_server
from store import intake
from store.database import Store
from tests.gateway.conftest import OPTIONS, served
from tests.simulators.forked import running_simulator

SECRETS = {"pipedrive": ("dealwright:local-pipedrive-secret",), "slack": ("local-slack-secret",)}


@dataclass
class Installation:
    """A gateway that is started anew over the same database, behind a proxy that loses answers."""

    deals: DealClient
    database_url: str
    url: str = ""
    """Of the proxy."""
    lose: int = 0
    """Answers that get lost from now on: the gateway has taken what they are about."""
    taken: list[tuple[dict[str, str], int]] = field(default_factory=list)
    """The headers of what was passed on, and the gateway's statuses."""
    _gateway: httpx2.AsyncClient | None = None
    _running: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def start_anew(self) -> None:
        """End the gateway, if one runs, and start another one."""
        await self._running.aclose()
        store = Store.open(self.database_url)
        self._running.push_async_callback(store.close)
        app = create_app(replace(OPTIONS, webhook_secrets=SECRETS), self.deals, store)
        self._gateway = await self._running.enter_async_context(served(app))

    async def end(self) -> None:
        """End the gateway."""
        await self._running.aclose()

    async def pass_on(self, request: Request) -> Response:
        """As a proxy does."""
        assert self._gateway is not None
        headers = {name: value for name, value in request.headers.items() if name not in {"host", "content-length"}}
        answer = await self._gateway.post(request.url.path, content=await request.body(), headers=headers)
        self.taken.append((dict(request.headers), answer.status_code))
        if self.lose:
            self.lose -= 1
            return Response("the connection was lost", 502)
        return Response(answer.content, answer.status_code)

    async def has_taken(self, count: int) -> None:
        """Wait until the gateway took so many requests."""
        async with asyncio.timeout(60):
            while len(self.taken) < count:  # noqa: ASYNC110 - it has no event of its own
                await asyncio.sleep(0.01)


@pytest.fixture
async def installation(away: DealClient, database_url: str) -> AsyncIterator[Installation]:
    running = Installation(away, database_url)
    await running.start_anew()
    app = Starlette(routes=[Route("/webhooks/{source}", running.pass_on, methods=["POST"])])
    async with running_server(app, "127.0.0.1", 0) as url:  # type: ignore[arg-type] # any application
        running.url = url
        yield running
    await running.end()


async def test_a_webhook_of_pipedrive_that_comes_again_counts_once_also_in_a_gateway_that_started_meanwhile(
    installation: Installation, store: Store
) -> None:
    target = f"{installation.url}/webhooks/pipedrive"
    async with running_simulator("integrations.pipedrive.simulator", target=target) as simulator:
        deal: Any = await simulator.change(do="create", kind="deal", values={"title": "Acme"})
        await installation.has_taken(1)
        installation.lose = 2
        await simulator.change(do="update", kind="deal", id=deal["id"], values={"stage_id": 2})
        await installation.has_taken(2)
        await simulator.switch(clock_skew=3)
        await installation.has_taken(3)
        await installation.start_anew()
        await simulator.switch(clock_skew=33)
        await installation.has_taken(4)
        attempts = [one.attempt for one in (await simulator.webhooks()).attempts]

    moved, made = await intake.recent(store)
    assert ([status for _, status in installation.taken], attempts) == ([202] * 4, [0, 0, 1, 2])
    assert (moved.fact, made.fact) == ("crm_stage_moved", "open_deal")


async def test_a_press_that_slack_would_post_again_counts_once_also_in_a_gateway_that_started_meanwhile(
    installation: Installation, store: Store
) -> None:
    button = {"type": "button", "action_id": "yes", "text": {"type": "plain_text", "text": "Yes"}, "value": "w1"}
    asked = {"channel": "C0DEALS", "text": "Yes or no?", "blocks": [{"type": "actions", "elements": [button]}]}
    target = f"{installation.url}/webhooks/slack"
    async with (
        running_simulator("integrations.slack.simulator", target=target) as slack,
        httpx2.AsyncClient(timeout=60) as http,
    ):
        token = {"Authorization": "Bearer xoxb-local-slack"}
        message = (await http.post(f"{slack.url}/api/chat.postMessage", json=asked, headers=token)).json()
        await slack.switch(posts_again=True)
        installation.lose = 2
        await slack.change(do="press", user="U0MAX", channel="C0DEALS", ts=message["ts"], action_id="yes")
        await installation.has_taken(2)
        await installation.start_anew()
        await slack.switch(clock_skew=60)
        await installation.has_taken(3)

    (row,) = await intake.recent(store)
    assert [status for _, status in installation.taken] == [200] * 3
    assert [headers.get("x-slack-retry-num") for headers, _ in installation.taken] == [None, "1", "2"]
    assert row.deal_ref == "w1"
