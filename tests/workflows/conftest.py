from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from local.server.server import LocalServer
from tests.workflows.world import World, a_world


@pytest.fixture(scope="package")
async def world(temporal_server: LocalServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A world with a worker that is always there."""
    async with a_world(temporal_server, tmp_path_factory.mktemp("world")) as made, made.at_work():
        yield made


@pytest.fixture(scope="package")
async def idle_world(temporal_server: LocalServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A world where each test has workers of its own; none waits long for the one before."""
    async with a_world(temporal_server, tmp_path_factory.mktemp("idle-world"), timedelta(seconds=1)) as made:
        yield made
