from __future__ import annotations

from datetime import timedelta

import httpx2
import pytest

from local.server.ports import free_ports
from runtime.health import health_endpoint
from runtime.stuck_workflows import ActivationMonitor
from tests.runtime.test_health import well


@pytest.fixture
def activations() -> ActivationMonitor:
    return ActivationMonitor(longest=timedelta())


def test_a_turn_that_ends_is_no_trouble(activations: ActivationMonitor) -> None:
    with activations.track("run", evicts=False):
        pass
    assert activations.problem() is None


def test_a_deal_that_does_not_yield_is_trouble_for_as_long_as_that_lasts(activations: ActivationMonitor) -> None:
    with activations.track("run", evicts=False):
        assert "does not yield" in (activations.problem() or "")
    assert activations.problem() is None


def test_a_deal_that_cannot_be_evicted_is_trouble_until_it_can(activations: ActivationMonitor) -> None:
    with pytest.raises(RuntimeError), activations.track("run-1", evicts=True):
        raise RuntimeError("tasks remain")
    assert "run-1 cannot be taken out of the cache" in (activations.problem() or "")
    with activations.track("run-1", evicts=True):
        pass
    assert activations.problem() is None


def test_a_turn_of_a_moment_is_no_trouble() -> None:
    activations = ActivationMonitor()
    with pytest.raises(RuntimeError), activations.track("run", evicts=True):
        raise RuntimeError("tasks remain")
    with activations.track("another", evicts=False):
        assert activations.problem() is None


async def test_a_process_that_is_stuck_says_that_it_does_not_live() -> None:
    (port,) = free_ports(1)
    stuck = health_endpoint("127.0.0.1", port, well, lambda: "a deal does not yield")
    async with stuck, httpx2.AsyncClient(timeout=60) as client:
        answer = await client.get(f"http://127.0.0.1:{port}/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "a deal does not yield"})
