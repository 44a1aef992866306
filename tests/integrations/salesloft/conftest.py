from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from integrations.kit.simulator.process import RunningSimulator
from integrations.salesloft.enrolments import SalesloftEngagement
from integrations.salesloft.settings import SalesloftConnection
from local.webhook_receiver import WebhookReceiver, webhook_receiver
from store.database import Store
from tests.activities.conftest import receiver, worker
from tests.integrations.salesloft.team import WELL, Team
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
async def salesloft_process(gateway_door: WebhookReceiver) -> AsyncIterator[RunningSimulator]:
    options = {"points": "100000"}
    async with running_simulator(
        "integrations.salesloft.simulator", target=gateway_door.url, options=options
    ) as running:
        await running.switch(hold=True)
        yield running


@pytest.fixture
async def salesloft(salesloft_process: RunningSimulator) -> AsyncIterator[RunningSimulator]:
    """A team that behaves; other tests have left people in it."""
    yield salesloft_process
    await salesloft_process.switch(**WELL)


@pytest.fixture
async def connection(salesloft: RunningSimulator) -> SalesloftConnection:
    example = await salesloft.connection()
    secrets = {
        "api_key": SecretStr(example.secrets["api-key"]),
        "webhook_secrets": [SecretStr(example.secrets["callback-token"])],
    }
    return SalesloftConnection.model_validate({**example.block, **secrets, "points_per_minute": 100_000})


@pytest.fixture
async def cadences(connection: SalesloftConnection, store: Store) -> AsyncIterator[SalesloftEngagement]:
    made = SalesloftEngagement(connection, store)
    yield made
    await made.close()


@pytest.fixture
async def team(
    salesloft: RunningSimulator, gateway_door: WebhookReceiver, connection: SalesloftConnection, store: Store
) -> AsyncIterator[Team]:
    await salesloft.deliver()  # what other tests have left
    made = Team(salesloft, gateway_door, connection, store)
    yield made
    await made.close()
