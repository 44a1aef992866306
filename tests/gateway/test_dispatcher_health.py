"""What readiness says of the dispatcher."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest

from gateway.api import create_app
from gateway.webhooks.dispatch import Dispatcher
from gateway.webhooks.dispatcher_health import FAILURE_TIMEOUT, STALL_TIMEOUT, DispatcherHealth
from store import intake
from store.database import Store
from tests.gateway.conftest import OPTIONS, served
from tests.gateway.fake_deals import FakeDealClient
from tests.temporal_environment import wait_until


class Clock:
    """A machine's clock, moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_dispatcher_that_never_began_or_has_ended_is_no_dispatcher() -> None:
    health = DispatcherHealth()
    assert "does not run" in str(health.problem())
    with health.running():
        assert health.problem() is None
    assert "restart the gateway" in str(health.problem())


def test_a_dispatcher_that_does_nothing_for_long_stands() -> None:
    clock = Clock()
    health = DispatcherHealth(clock)
    with health.running():
        clock.now = STALL_TIMEOUT
        health.made_progress()
        clock.now += STALL_TIMEOUT
        assert health.problem() is None
        clock.now += 1
        assert "has done nothing for 121 s" in str(health.problem())


def test_a_dispatcher_that_fails_again_and_again_says_at_what() -> None:
    clock = Clock()
    health = DispatcherHealth(clock)
    with health.running():
        health.round_failed(RuntimeError("broken"))
        health.made_progress()  # something got through
        clock.now = FAILURE_TIMEOUT + 1
        health.round_failed(RuntimeError("broken"))
        assert "has failed for 16 s" in str(health.problem())
        assert "RuntimeError" in str(health.problem())
        health.round_succeeded()
        assert health.problem() is None


@pytest.fixture
async def ready(store: Store) -> AsyncIterator[tuple[httpx2.AsyncClient, Dispatcher]]:
    app = create_app(OPTIONS, await FakeDealClient.make(), store)
    async with served(app) as api:
        yield api, app.state.dispatcher


async def test_readiness_fails_for_a_dispatcher_that_has_died(
    ready: tuple[httpx2.AsyncClient, Dispatcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    api, dispatcher = ready
    assert (await api.get("/readyz")).status_code == 200

    async def dies(*_: object, **__: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(intake, "due", dies)
    dispatcher.wake()

    async def is_unready() -> bool:
        return (await api.get("/readyz")).status_code == 503

    await wait_until(is_unready)
    assert "the dispatcher does not run" in (await api.get("/readyz")).json()["detail"]
