from __future__ import annotations

from typing import cast

import pytest

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
)  # fmt: skip
from tests.integrations.documents.tools import DOCUMENT_TOOLS, DocumentTool

__all__ = [
    "connected", "connection", "database", "database_url", "desk", "documents", "gateway_door", "migrated_sqlite",
    "polling", "process", "receiver", "running", "store", "worker",
]  # fmt: skip


@pytest.fixture(scope="module", params=DOCUMENT_TOOLS, ids=[one.name for one in DOCUMENT_TOOLS])
def tool(request: pytest.FixtureRequest) -> DocumentTool:
    """Each tool for documents, one after the other."""
    return cast("DocumentTool", request.param)
