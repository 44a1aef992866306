from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from integrations.kit.simulator.process import RunningSimulator
from local.webhook_receiver import WebhookReceiver, webhook_receiver
from tests.simulators.forked import running_simulator
from tests.store.databases import database_url, migrated_sqlite, store

__all__ = ["database_url", "migrated_sqlite", "store"]


@pytest.fixture(scope="package")
async def gateway_door() -> AsyncIterator[WebhookReceiver]:
    """Where the workspace posts what people press."""
    async with webhook_receiver() as receiver:
        yield receiver


@pytest.fixture(scope="package")
async def slack_process(gateway_door: WebhookReceiver) -> AsyncIterator[RunningSimulator]:
    options = {"posts_a_second": "100"}
    async with running_simulator("integrations.slack.simulator", target=gateway_door.url, options=options) as running:
        yield running


@pytest.fixture
async def slack(slack_process: RunningSimulator) -> AsyncIterator[RunningSimulator]:
    """A workspace that behaves; other tests have left messages in it."""
    yield slack_process
    await slack_process.switch(
        only="", lose_request=0, lose_response=0, bad_gateway=0, server_error=0, quota_spent=0, expire_token=0
    )


@pytest.fixture
def database() -> str:
    """SQLite: what differs between databases is tested where the store is."""
    return "sqlite"
