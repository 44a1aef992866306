from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from integrations.apollo.sequences import ApolloSequences
from integrations.apollo.settings import ApolloConnection
from integrations.kit.simulator.process import RunningSimulator
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
async def apollo_process() -> AsyncIterator[RunningSimulator]:
    async with running_simulator("integrations.apollo.simulator", options={"minute": "4000"}) as running:
        yield running


@pytest.fixture
async def apollo(apollo_process: RunningSimulator) -> AsyncIterator[RunningSimulator]:
    """A team that behaves; other tests have left contacts in it."""
    yield apollo_process
    await apollo_process.switch(only="", lose_request=0, lose_response=0, bad_gateway=0, server_error=0, quota_spent=0)


@pytest.fixture
async def connection(apollo: RunningSimulator) -> ApolloConnection:
    example = await apollo.connection()
    return ApolloConnection.model_validate({**example.block, "key": SecretStr(example.secrets["key"])})


@pytest.fixture
async def sequences(connection: ApolloConnection, store: Store) -> AsyncIterator[ApolloSequences]:
    made = ApolloSequences(connection, store)
    yield made
    await made.close()
