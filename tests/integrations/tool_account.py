"""An account of a tool, for tests that all tools of a kind must pass. Whoever imports it says which ``process``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol, cast

import pytest

from integrations.kit.simulator.process import RunningSimulator
from local.webhook_receiver import WebhookReceiver, webhook_receiver

CALM = {"only": "", "lose_request": 0, "lose_response": 0, "bad_gateway": 0, "server_error": 0, "quota_spent": 0,
        "hold": True, "clock_skew": 0}  # fmt: skip


class _Closed(Protocol):
    async def close(self) -> None:
        """Give the connections back."""


async def close(port: object) -> None:
    """Give back the connections of what was made for a test."""
    await cast("_Closed", port).close()


@pytest.fixture
def database() -> str:
    """SQLite: what differs between databases is tested where the store is."""
    return "sqlite"


@pytest.fixture(scope="module")
async def gateway_door() -> AsyncIterator[WebhookReceiver]:
    """Where the tool's webhooks come in."""
    async with webhook_receiver() as receiving:
        yield receiving


@pytest.fixture
async def running(process: RunningSimulator) -> AsyncIterator[RunningSimulator]:
    """An account that behaves; other tests have left things in it."""
    yield process
    await process.switch(**CALM)
