"""An account of a tool for documents, and a desk in it. Whoever imports them says which ``tool``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from integrations.kit.connection import Connection
from integrations.kit.connections import read_connections
from integrations.kit.ports import Documents, PollingSource
from integrations.kit.simulator.process import RunningSimulator
from integrations.kit.tool import Connected
from integrations.qwilr.fetcher import QwilrFetcher
from integrations.qwilr.settings import QwilrConnection
from integrations.registry import TOOLS
from local.simulators import Said, write_connections
from local.webhook_receiver import WebhookReceiver
from store.database import Store
from tests.activities.conftest import Worker, receiver, worker
from tests.integrations.documents.desk import Desk
from tests.integrations.documents.tools import DocumentTool, tool_named
from tests.integrations.tool_account import close, database, gateway_door, running
from tests.simulators.forked import running_simulator
from tests.store.databases import database_url, migrated_sqlite, store

__all__ = [
    "connected", "connection", "database", "database_url", "desk", "documents", "gateway_door", "migrated_sqlite",
    "polling", "process", "receiver", "running", "store", "worker",
]  # fmt: skip


@pytest.fixture(scope="module")
async def process(tool: DocumentTool, gateway_door: WebhookReceiver) -> AsyncIterator[RunningSimulator]:
    async with running_simulator(f"integrations.{tool.name}.simulator", target=gateway_door.url) as running:
        await running.switch(hold=True)
        yield running


@pytest.fixture
async def connection(tool: DocumentTool, running: RunningSimulator, tmp_path: Path) -> Connection:
    beside = Said(blocks={tool.name: {"attachments": {"security": "https://seller.example/security.pdf"}}})
    file = write_connections(tmp_path, [await running.connection()], beside)
    return read_connections(file, TOOLS).tools[tool.name]


@pytest.fixture
def connected(tool: DocumentTool, connection: Connection, store: Store) -> Connected:
    return Connected(tool=tool.name, connection=connection, store=store)


@pytest.fixture
async def documents(tool: DocumentTool, connected: Connected) -> AsyncIterator[Documents]:
    makes = TOOLS[tool.name].documents
    assert makes is not None
    made = makes(connected)
    yield made
    await close(made)


@pytest.fixture
async def polling(tool: DocumentTool, connected: Connected) -> AsyncIterator[PollingSource]:
    makes = TOOLS[tool.name].polling
    assert makes is not None
    made = makes(connected)
    yield made
    await close(made)


@pytest.fixture
async def desk(
    running: RunningSimulator, gateway_door: WebhookReceiver, worker: Worker, documents: Documents,
    polling: PollingSource, connected: Connected,
) -> AsyncIterator[Desk]:  # fmt: skip
    reads, hints = TOOLS[connected.tool].handler, TOOLS[connected.tool].fetcher
    handler, fetcher = reads(connected) if reads else None, hints(connected) if hints else None
    if isinstance(connected.connection, QwilrConnection):  # what it counts as one visit depends on the clock
        now = datetime.now(UTC)
        fetcher = QwilrFetcher(connected.connection, connected.store, lambda: now)
    yield Desk(
        name=connected.tool, tool=tool_named(connected.tool), running=running, door=gateway_door,
        store=connected.store, worker=worker,
        documents=documents, polling=polling, handler=handler, fetcher=fetcher,
        read_webhooks=len(gateway_door.requests),
    )  # fmt: skip
    if fetcher is not None:
        await close(fetcher)
