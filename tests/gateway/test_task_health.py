"""What readiness and metrics say of background tasks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from pydantic import JsonValue

from dealwright.decision import Verdict
from gateway.api import create_app
from gateway.namespace_binding import NamespaceBinding
from gateway.task_health import FAILURE_TIMEOUT, STALL_TIMEOUT, TaskHealth
from gateway.webhooks.dispatch import Dispatcher
from gateway.webhooks.questions import Questions
from integrations.kit.commands import GivenCommand
from store import feeds, intake
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
    health = TaskHealth()
    assert "does not run" in str(health.problem())
    with health.running():
        assert health.problem() is None
    assert "restart the gateway" in str(health.problem())


def test_a_dispatcher_that_does_nothing_for_long_stands() -> None:
    clock = Clock()
    health = TaskHealth(clock)
    with health.running():
        clock.now = STALL_TIMEOUT
        health.made_progress()
        clock.now += STALL_TIMEOUT
        assert health.problem() is None
        clock.now += 1
        assert "has done nothing for 121 s" in str(health.problem())


def test_a_dispatcher_that_fails_again_and_again_says_at_what() -> None:
    clock = Clock()
    health = TaskHealth(clock)
    with health.running():
        health.round_failed(RuntimeError("broken"))
        health.made_progress()  # something got through
        clock.now = FAILURE_TIMEOUT + 1
        health.round_failed(RuntimeError("broken"))
        assert "has failed for 16 s" in str(health.problem())
        assert "RuntimeError" in str(health.problem())
        health.round_succeeded()
        assert health.problem() is None


def test_how_long_a_task_has_done_nothing_and_has_failed() -> None:
    clock = Clock()
    health = TaskHealth(clock)
    with health.running():
        clock.now = 5
        assert (health.idle(), health.failing()) == (5, 0)
        health.round_failed(RuntimeError("broken"))
        clock.now = 8
        health.round_failed(RuntimeError("broken"))
        assert (health.idle(), health.failing()) == (0, 3)
        health.round_succeeded()
        assert (health.idle(), health.failing()) == (0, 0)


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


class Tool:
    """A tool with questions, which hangs; and one that is listened to, and has a fault."""

    async def read(self, what: JsonValue) -> GivenCommand:
        raise NotImplementedError

    async def tell(self, what: JsonValue, verdict: Verdict) -> None:
        raise NotImplementedError

    async def settle(self) -> None:
        await asyncio.Event().wait()

    async def run(self, kept: Callable[[], None]) -> None:
        kept()
        raise RuntimeError("a fault of ours")


async def test_each_background_task_has_its_gauges_and_a_tool_that_hangs_or_dies_leaves_the_gateway_ready(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    app, tool = create_app(OPTIONS, await FakeDealClient.make(), store), Tool()
    questions = Questions({"slack": tool})
    app.state.background = replace(app.state.background, questions=questions, listeners={"salesforce": tool})
    async with served(app) as api:
        shown = (await api.get("/metrics")).text
        assert (await api.get("/readyz")).status_code == 200
    for task in ("dispatcher", "deliverer of events", "audit trail", "questions in slack"):
        assert f'dealwright_gateway_task_running{{task="{task}"}} 1' in shown
        assert f'dealwright_gateway_task_idle_seconds{{task="{task}"}} ' in shown
    assert 'dealwright_gateway_task_running{task="listener to salesforce"} 0' in shown
    assert "the listener to salesforce has ended" in caplog.text


async def test_what_schedules_do_is_shown_by_how_long_ago_it_was(store: Store) -> None:
    now = datetime.now(UTC)
    await feeds.polled(store, "hubspot", "7", now - timedelta(hours=2), found=False)
    async with served(create_app(OPTIONS, await FakeDealClient.make(), store)) as api:
        shown = dict(line.rsplit(" ", 1) for line in (await api.get("/metrics")).text.splitlines())
    assert 7200 <= int(shown['dealwright_gateway_tool_read_seconds_ago{source="hubspot"}']) < 7260
    assert shown["dealwright_gateway_work_message_waiting_seconds"] == "0"


async def test_a_gateway_that_does_not_know_whose_deals_these_are_is_not_ready(store: Store) -> None:
    binding = NamespaceBinding(known=False)
    async with served(create_app(OPTIONS, await FakeDealClient.make(), store, binding.problem)) as api:
        assert "not known yet" in (await api.get("/readyz")).json()["detail"]
        binding.known = True
        assert (await api.get("/readyz")).status_code == 200
