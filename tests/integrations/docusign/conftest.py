from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from integrations.docusign.documents import DocuSignDocuments
from integrations.docusign.polling import DocuSignPolling
from integrations.docusign.settings import DocuSignConnection
from integrations.kit.simulator.process import RunningSimulator, running_simulator
from store.database import Store
from tests.activities.conftest import Worker, receiver, worker
from tests.integrations.docusign.account import Account
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
async def docusign_process(gateway_door: WebhookReceiver) -> AsyncIterator[RunningSimulator]:
    async with running_simulator("integrations.docusign.simulator", target=gateway_door.url) as running:
        await running.switch(hold=True)
        yield running


@pytest.fixture
async def docusign(docusign_process: RunningSimulator) -> AsyncIterator[RunningSimulator]:
    """An account that behaves; other tests have left envelopes in it."""
    yield docusign_process
    await docusign_process.switch(
        only="", lose_request=0, lose_response=0, bad_gateway=0, server_error=0, quota_spent=0, hold=True, clock_skew=0
    )


@pytest.fixture
async def connection(docusign: RunningSimulator) -> DocuSignConnection:
    example = await docusign.connection()
    block = {**example.block, "attachments": {"security": "https://seller.example/security.pdf"}}
    secrets = {
        "private_key": SecretStr(example.secrets["private-key"]),
        "webhook_secrets": [SecretStr(example.secrets["hmac-key"])],
    }
    return DocuSignConnection.model_validate({**block, **secrets})


@pytest.fixture
async def documents(connection: DocuSignConnection, store: Store) -> AsyncIterator[DocuSignDocuments]:
    made = DocuSignDocuments(connection, store)
    yield made
    await made.close()


@pytest.fixture
async def polling(connection: DocuSignConnection, store: Store) -> AsyncIterator[DocuSignPolling]:
    made = DocuSignPolling(connection, store)
    yield made
    await made.close()


@pytest.fixture
def account(
    docusign: RunningSimulator, gateway_door: WebhookReceiver, store: Store, documents: DocuSignDocuments,
    worker: Worker,
) -> Account:  # fmt: skip
    return Account(docusign, gateway_door, store, documents, worker)
