from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from integrations.hubspot.crm import HubSpotCrm
from integrations.hubspot.polling import HubSpotPolling
from integrations.hubspot.settings import HubSpotConnection
from integrations.kit.simulator.process import RunningSimulator
from store.database import Store
from tests.integrations.hubspot.account import Account, connection_to
from tests.simulators.forked import running_simulator
from tests.store.databases import migrated


@pytest.fixture(scope="package")
async def hubspot_process() -> AsyncIterator[RunningSimulator]:
    async with running_simulator(
        "integrations.hubspot.simulator", options={"calls_in_ten_seconds": "5000", "set_up": "false"}
    ) as running:
        yield running


@pytest.fixture(scope="package")
async def store(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    store = Store.open(migrated(tmp_path_factory.mktemp("hubspot")))
    yield store
    await store.close()


@pytest.fixture(scope="package")
async def connection(hubspot_process: RunningSimulator) -> HubSpotConnection:
    return await connection_to(hubspot_process)


@pytest.fixture(scope="package")
async def account_set_up(
    hubspot_process: RunningSimulator, connection: HubSpotConnection, store: Store
) -> RunningSimulator:
    polling = HubSpotPolling(connection, store)
    await polling.repair()
    await polling.close()
    return hubspot_process


@pytest.fixture
async def account(account_set_up: RunningSimulator) -> AsyncIterator[Account]:
    """A HubSpot account that behaves and is set up; other tests have left deals in it."""
    yield Account(account_set_up)
    await account_set_up.switch(
        only="", lose_request=0, lose_response=0, bad_gateway=0, server_error=0, quota_spent=0, expire_token=0
    )


@pytest.fixture
async def crm(connection: HubSpotConnection, store: Store, account: Account) -> AsyncIterator[HubSpotCrm]:
    crm = HubSpotCrm(connection, store)
    yield crm
    await crm.close()
