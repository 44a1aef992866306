from __future__ import annotations

from datetime import timedelta

import httpx2
import pytest

from local.server.ports import free_ports
from runtime.health import health_endpoint
from runtime.stuck import Turns
from tests.runtime.test_health import well


@pytest.fixture
def turns() -> Turns:
    return Turns(longest=timedelta())


def test_a_turn_that_ends_is_no_trouble(turns: Turns) -> None:
    with turns.taken("run", evicts=False):
        pass
    assert turns.trouble() is None


def test_a_deal_that_does_not_yield_is_trouble_for_as_long_as_that_lasts(turns: Turns) -> None:
    with turns.taken("run", evicts=False):
        assert "does not yield" in (turns.trouble() or "")
    assert turns.trouble() is None


def test_a_deal_that_cannot_be_evicted_is_trouble_until_it_can(turns: Turns) -> None:
    with pytest.raises(RuntimeError), turns.taken("run-1", evicts=True):
        raise RuntimeError("tasks remain")
    assert "run-1 cannot be taken out of the cache" in (turns.trouble() or "")
    with turns.taken("run-1", evicts=True):
        pass
    assert turns.trouble() is None


def test_a_turn_of_a_moment_is_no_trouble() -> None:
    turns = Turns()
    with pytest.raises(RuntimeError), turns.taken("run", evicts=True):
        raise RuntimeError("tasks remain")
    with turns.taken("another", evicts=False):
        assert turns.trouble() is None


async def test_a_process_that_is_stuck_says_that_it_does_not_live() -> None:
    (port,) = free_ports(1)
    stuck = health_endpoint("127.0.0.1", port, well, lambda: "a deal does not yield")
    async with stuck, httpx2.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.1:{port}/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "a deal does not yield"})
