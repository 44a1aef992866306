from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from integrations.kit.simulator.process import RunningSimulator
from integrations.pipedrive.crm import PipedriveCrm
from integrations.pipedrive.settings import PipedriveConnection
from store.database import Store
from tests.integrations.pipedrive.company import Company, connection_to, running_company
from tests.store.databases import migrated


@pytest.fixture(scope="package")
async def pipedrive_process() -> AsyncIterator[RunningSimulator]:
    async with running_company() as running:
        yield running


@pytest.fixture(scope="package")
async def store(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    store = Store.open(migrated(tmp_path_factory.mktemp("pipedrive")))
    yield store
    await store.close()


@pytest.fixture(scope="package")
async def connection(pipedrive_process: RunningSimulator) -> PipedriveConnection:
    return await connection_to(pipedrive_process)


@pytest.fixture
async def company(pipedrive_process: RunningSimulator) -> AsyncIterator[Company]:
    """A Pipedrive company that behaves and is set up; other tests have left deals in it."""
    yield Company(pipedrive_process)
    await pipedrive_process.switch(
        only="", lose_request=0, lose_response=0, bad_gateway=0, server_error=0, quota_spent=0, expire_token=0
    )


@pytest.fixture
async def crm(connection: PipedriveConnection, store: Store, company: Company) -> AsyncIterator[PipedriveCrm]:
    crm = PipedriveCrm(connection, store)
    yield crm
    await crm.close()
