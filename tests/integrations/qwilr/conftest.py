from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from integrations.kit.simulator.process import RunningSimulator, running_simulator
from integrations.qwilr.documents import QwilrDocuments
from integrations.qwilr.settings import QwilrConnection
from store.database import Store
from tests.activities.conftest import receiver, worker
from tests.simulators.webhook_receiver import WebhookReceiver, webhook_receiver
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
async def qwilr_process(gateway_door: WebhookReceiver) -> AsyncIterator[RunningSimulator]:
    async with running_simulator("integrations.qwilr.simulator", target=gateway_door.url) as running:
        await running.switch(hold=True)
        yield running


@pytest.fixture
async def qwilr(qwilr_process: RunningSimulator) -> AsyncIterator[RunningSimulator]:
    """An account that behaves; other tests have left pages in it."""
    yield qwilr_process
    await qwilr_process.switch(only="", lose_request=0, lose_response=0, bad_gateway=0, server_error=0, clock_skew=0)


@pytest.fixture
async def connection(qwilr: RunningSimulator) -> QwilrConnection:
    example = await qwilr.connection()
    secrets = {"key": SecretStr(example.secrets["key"]), "webhook_secrets": [SecretStr(example.secrets["hook"])]}
    return QwilrConnection.model_validate({**example.block, **secrets})


@pytest.fixture
async def documents(connection: QwilrConnection, store: Store) -> AsyncIterator[QwilrDocuments]:
    made = QwilrDocuments(connection, store)
    yield made
    await made.close()
