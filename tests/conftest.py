"""What tests in several folders share."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, settings

from deals.decision import SEARCH_ATTRIBUTES
from runtime.local_server.plan import ServerPlan
from runtime.local_server.server import LocalServer

# A busy machine makes an example slow, and nothing wrong.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


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
