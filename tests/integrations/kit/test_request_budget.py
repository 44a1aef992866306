"""One budget of requests for all workers: never more than a tool takes, and one "too many" holds everybody back."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta

import pytest

from integrations.kit.errors import NotHandedOver
from integrations.kit.request_budget import Limit, Remaining, SharedBudget, budget_name
from store.database import Store
from tests.store.samples import NOW

NAME = budget_name("acme", "token")
LIMIT = Limit(most=100, per=timedelta(seconds=10))


class Clock:
    """A clock that goes on only while somebody waits."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    async def sleep(self, seconds: float) -> None:
        until = self.now + timedelta(seconds=seconds)
        await asyncio.sleep(0)
        self.now = max(self.now, until)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def stores(store: Store, database_url: str) -> AsyncIterator[list[Store]]:
    others = [Store.open(database_url) for _ in range(3)]
    yield [store, *others]
    for other in others:
        await other.close()


def left(headers: Mapping[str, str]) -> Remaining | None:
    return Remaining(int(headers["left"]), timedelta(seconds=30)) if "left" in headers else None


def budgets(stores: list[Store], clock: Clock, limit: Limit = LIMIT) -> list[SharedBudget]:
    return [SharedBudget(store, NAME, limit, left, clock=clock, sleep=clock.sleep) for store in stores]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "limit", [LIMIT, Limit(most=80, per=timedelta(seconds=2)), Limit(most=7, per=timedelta(seconds=1))]
)
async def test_all_workers_together_never_call_more_often_than_the_tool_takes(
    stores: list[Store], clock: Clock, seed: int, limit: Limit
) -> None:
    called: list[tuple[datetime, int]] = []

    async def work(budget: SharedBudget, lot: random.Random) -> None:
        for _ in range(40):
            cost = lot.choice((1, 1, 1, 2))
            try:
                await budget.take(cost)
            except NotHandedOver as wait:
                await clock.sleep((wait.retry_after or timedelta(seconds=1)).total_seconds())
            else:
                called.append((clock.now, min(cost, int(limit.burst))))
                await clock.sleep(lot.random() * 0.05)

    workers = [
        work(budget, random.Random(f"{seed}{place}")) for place, budget in enumerate(budgets(stores, clock, limit))
    ]
    await asyncio.gather(*workers)
    for begin, _ in called:
        assert sum(cost for at, cost in called if begin <= at < begin + limit.per) <= limit.most
    assert sum(cost for _, cost in called) > limit.most, "the test must go beyond one window"


class SlowDatabase(Clock):
    """A clock by which each look takes as long as a database that is slow to commit."""

    def __init__(self, commit: timedelta) -> None:
        super().__init__()
        self._commit = commit

    def __call__(self) -> datetime:
        self.now += self._commit
        return self.now


async def test_what_a_slow_database_gave_too_late_is_not_spent(store: Store) -> None:
    clock = SlowDatabase(commit=LIMIT.per / 5)
    with pytest.raises(NotHandedOver, match="acme takes no more calls") as held:
        await SharedBudget(store, NAME, LIMIT, clock=clock, sleep=clock.sleep).take(1)
    assert held.value.retry_after == timedelta(seconds=1)


async def test_a_database_that_is_slow_but_in_time_is_spent_from(store: Store) -> None:
    clock = SlowDatabase(commit=LIMIT.per / 50)
    await SharedBudget(store, NAME, LIMIT, clock=clock, sleep=clock.sleep).take(1)


async def test_one_worker_that_hears_too_many_holds_all_back(stores: list[Store], clock: Clock) -> None:
    workers = budgets(stores, clock)
    for worker in workers:
        await worker.take(1)
    await workers[0].hold_back(clock.now + timedelta(minutes=5))
    clock.now += timedelta(seconds=2)
    for worker in workers:
        with pytest.raises(NotHandedOver, match="acme takes no more calls for the time being") as held:
            await worker.take(1)
        assert held.value.retry_after == timedelta(minutes=5) - timedelta(seconds=2)
    clock.now += timedelta(minutes=5)
    await workers[1].take(1)


async def test_the_longest_hold_counts(stores: list[Store], clock: Clock) -> None:
    workers = budgets(stores, clock)
    await workers[0].hold_back(clock.now + timedelta(hours=1))
    await workers[1].hold_back(clock.now + timedelta(minutes=1))
    clock.now += timedelta(minutes=2)
    with pytest.raises(NotHandedOver):
        await workers[2].take(1)


async def test_a_tool_that_counts_less_than_we_do_is_believed(stores: list[Store], clock: Clock) -> None:
    first, other, *_ = budgets(stores, clock)
    await first.take(1)
    await first.learn({"left": "0"})
    clock.now += timedelta(seconds=2)
    with pytest.raises(NotHandedOver) as held:
        await other.take(1)
    assert held.value.retry_after == timedelta(seconds=28)


async def test_a_tool_that_counts_more_costs_no_write(stores: list[Store], clock: Clock) -> None:
    first, *_ = budgets(stores, clock)
    await first.take(1)
    before = clock.now
    await first.learn({"left": "99"})
    await first.learn({})
    await first.take(1)
    assert clock.now == before


async def test_a_call_that_costs_more_than_there_is_waits_for_it(stores: list[Store], clock: Clock) -> None:
    first, other, *_ = budgets(stores, clock)
    await first.take(20)
    began = clock.now
    await other.take(10)
    assert clock.now - began >= LIMIT.time_for(9)


async def test_without_the_database_no_call_is_made() -> None:
    away = Store.open("postgresql://deals@127.0.0.1:1/deals")
    with pytest.raises(NotHandedOver, match="The database does not answer"):
        await SharedBudget(away, NAME, LIMIT).take(1)
    await SharedBudget(away, NAME, LIMIT).hold_back(NOW)  # the call was answered: that counts
    await away.close()


def test_the_name_of_a_budget_does_not_tell_the_credential() -> None:
    assert "token" not in budget_name("acme", "token")
    assert budget_name("acme", "token") != budget_name("acme", "other")


async def test_a_lone_call_leaves_the_rest_to_other_processes(store: Store, clock: Clock) -> None:
    limit = Limit(most=100, per=timedelta(minutes=1))
    began = clock()
    for budget in budgets([store] * int(limit.burst), clock, limit):
        await budget.take(1)
    assert clock() == began
