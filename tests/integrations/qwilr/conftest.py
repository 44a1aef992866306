from __future__ import annotations

import pytest

from integrations.kit.simulator.process import RunningSimulator
from tests.integrations.documents.fixtures import (
    connected,
    connection,
    database,
    database_url,
    desk,
    documents,
    gateway_door,
    migrated_sqlite,
    polling,
    process,
    receiver,
    running,
    store,
    worker,
)
from tests.integrations.documents.tools import QWILR, DocumentTool

__all__ = [
    "connected", "connection", "database", "database_url", "desk", "documents", "gateway_door", "migrated_sqlite",
    "polling", "process", "receiver", "running", "store", "worker",
]  # fmt: skip


@pytest.fixture(scope="module")
def tool() -> DocumentTool:
    return QWILR


@pytest.fixture
def qwilr(running: RunningSimulator) -> RunningSimulator:
    """The account that the tests are about."""
    return running
