from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from integrations.kit.simulator.process import RunningSimulator
from integrations.outreach.sequences import OutreachSequences
from integrations.outreach.settings import OutreachConnection
from local.webhook_receiver import WebhookReceiver, webhook_receiver
from store.database import Store
from tests.activities.conftest import receiver, worker
from tests.simulators.forked import running_simulator
from tests.store.databases import database_url, migrated_sqlite, store

__all__ = ["database_url", "migrated_sqlite", "receiver", "store", "worker"]


@pytest.fixture
def database() -> str:
    """SQLite: what differs between databases is tested where the store is."""
    return "sqlite"


@pytest.fixture(scope="package")
async def gateway_door() -> AsyncIterator[WebhookReceiver]:
    async with webhook_receiver() as receiving:
        yield receiving


@pytest.fixture(scope="package")
async def outreach_process(gateway_door: WebhookReceiver) -> AsyncIterator[RunningSimulator]:
    async with running_simulator("integrations.outreach.simulator", target=gateway_door.url) as running:
        await running.switch(hold=True)
        yield running


@pytest.fixture
async def outreach(outreach_process: RunningSimulator) -> AsyncIterator[RunningSimulator]:
    """An organization that behaves; other tests have left prospects in it."""
    yield outreach_process
    await outreach_process.switch(only="", lose_request=0, lose_response=0, bad_gateway=0, server_error=0, clock_skew=0)


@pytest.fixture
async def connection(outreach: RunningSimulator) -> OutreachConnection:
    """The app, let in anew: each test has a store of its own, and a refresh token is good once."""
    example = await outreach.connection()
    secrets = {
        "client_secret": SecretStr(example.secrets["client-secret"]),
        "refresh_token": SecretStr(str(await outreach.change(do="let_in"))),
        "webhook_secrets": [SecretStr(example.secrets["webhook-secret"])],
    }
    return OutreachConnection.model_validate({**example.block, **secrets})


@pytest.fixture
async def sequences(connection: OutreachConnection, store: Store) -> AsyncIterator[OutreachSequences]:
    made = OutreachSequences(connection, store)
    yield made
    await made.close()
