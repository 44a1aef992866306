from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from temporalio.client import Client

from dealwright.client.deal_client import DealClient
from store.database import Store
from tests.store.databases import migrated
from tests.temporal_environment import QUIET, new_deal_id, running_worker


@pytest.fixture
def deals(temporal: Client) -> DealClient:
    return DealClient(temporal, timedelta(seconds=20))


@pytest.fixture(scope="module")
async def store(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    store = Store.open(migrated(tmp_path_factory.mktemp("client")))
    yield store
    await store.close()


@pytest.fixture(scope="module")
async def worker(temporal: Client, store: Store) -> AsyncIterator[None]:
    async with running_worker(temporal, store):
        yield


@pytest.fixture
async def deal_id(deals: DealClient, worker: None) -> str:
    opened = await deals.open({"id": new_deal_id()}, QUIET)
    return opened.deal_id
