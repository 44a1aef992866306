"""What tests in several folders share."""

from collections.abc import AsyncIterator

import pytest

from deals.decision import SEARCH_ATTRIBUTES
from runtime.local_server.plan import ServerPlan
from runtime.local_server.server import LocalServer


@pytest.fixture(scope="session")
async def temporal_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalServer]:
    """One real Temporal server for the whole run; started for the first test that asks for it."""
    plan = ServerPlan(
        directory=tmp_path_factory.mktemp("temporal"),
        search_attributes=SEARCH_ATTRIBUTES,
        ui=False,
        durable=False,
        own=True,
        dynamic={"history.transferProcessorUpdateAckInterval": "1s"},  # a deleted workflow is soon forgotten
    )
    async with LocalServer.start(plan) as server:
        yield server
