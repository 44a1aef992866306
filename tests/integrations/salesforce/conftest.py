from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from integrations.kit.http import ToolClient
from integrations.kit.simulator.process import RunningSimulator
from integrations.salesforce.simulator.keys import new_private_key
from tests.integrations.salesforce.crm_world import AMY, logged_in
from tests.integrations.salesforce.org_client import OrgClient
from tests.simulators.forked import running_simulator
from tests.store.databases import database_url, migrated_postgres, migrated_sqlite, postgres, store

__all__ = ["database_url", "migrated_postgres", "migrated_sqlite", "postgres", "store"]

TARGET = "http://127.0.0.1:1/"


@pytest.fixture(scope="session")
def private_key() -> str:
    return new_private_key()


@pytest.fixture
async def org(private_key: str) -> AsyncIterator[OrgClient]:
    client = OrgClient(private_key=private_key, target=TARGET)
    await client.login()
    yield client
    await client.http.aclose()


@pytest.fixture
def database() -> str:
    return "sqlite"


@pytest.fixture(scope="module")
async def simulator() -> AsyncIterator[RunningSimulator]:
    async with running_simulator("integrations.salesforce.simulator") as running:
        values = {"Name": AMY.name, "Email": AMY.email}
        await running.change(do="create", sobject="User", values=values)
        yield running


@pytest.fixture(scope="module")
async def tool(simulator: RunningSimulator) -> AsyncIterator[ToolClient]:
    client = await logged_in(simulator)
    yield client
    await client.close()
