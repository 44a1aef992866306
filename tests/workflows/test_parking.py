"""A deal whose decisions fail: it parks, keeps what it is told, and goes on by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from dealwright.commands import Acknowledge, Pause
from dealwright.contract import DecideRequest
from dealwright.facts import LeadQualified, UsageReported
from store import journal
from store.database import Store
from tests.temporal_environment import wait_until
from tests.workflows.world import Fault, World

pytestmark = pytest.mark.server
PAUSE = Pause(by="Ana", why="holidays")
NOT_YET = {"accepted": False, "decided": False, "text": "Recorded, not yet decided. Ask again with the same id."}


class BrokenRule(RuntimeError):
    """A mistake in the rules."""


async def always(_: DecideRequest) -> None:
    raise BrokenRule("no rule holds")


def on(*ids: str, seen: list[int] | None = None) -> Fault:
    """Rules that fail on some facts and commands."""

    async def fault(request: DecideRequest) -> None:
        if seen is not None:
            seen.append(len(request.inbox))
        if any(item.id in ids and item.broken is None for item in request.inbox):
            raise BrokenRule(f"no rule for {' and '.join(ids)}")

    return fault


async def tell(world: World, deal_id: str, ids: Sequence[str]) -> None:
    for id_ in ids:
        await world.deals.record(deal_id, UsageReported(id=id_, health=50))


@pytest.fixture
async def deal_id(idle_world: World) -> str:
    """A deal that is open; no worker is there."""
    deal_id = await idle_world.open()
    async with idle_world.at_work():
        await idle_world.settle(deal_id)
    return deal_id


async def test_a_parked_deal_says_so_and_keeps_what_it_is_told(idle_world: World, deal_id: str) -> None:
    async with idle_world.at_work(always):
        await tell(idle_world, deal_id, ["1"])
        seen = await idle_world.see(deal_id, lambda seen: "parked" in seen.attention)
        assert seen.attention["parked"] == "The deal cannot be decided: BrokenRule: no rule holds"

        async def listed() -> bool:
            return deal_id in [deal.deal_id for deal in (await idle_world.deals.find(needs_attention=True)).deals]

        await wait_until(listed)
        await tell(idle_world, deal_id, ["2", "3"])
        await idle_world.pass_time(deal_id, timedelta(days=2))
    async with idle_world.at_work():
        await idle_world.pass_time(deal_id, timedelta(hours=1))
        assert await idle_world.facts(deal_id) == ["1", "2", "3"]
        assert (await idle_world.deals.snapshot(deal_id)).attention == {}
        assert await idle_world.refused(deal_id) == []


async def test_a_deal_that_goes_on_is_no_longer_listed_as_needing_attention(idle_world: World, deal_id: str) -> None:
    async with idle_world.at_work(always):
        await tell(idle_world, deal_id, ["1"])
        await idle_world.see(deal_id, lambda seen: "parked" in seen.attention)
    async with idle_world.at_work():
        await idle_world.pass_time(deal_id, timedelta(minutes=1))

        async def gone() -> bool:
            return deal_id in [deal.deal_id for deal in (await idle_world.deals.find(needs_attention=False)).deals]

        await wait_until(gone)


async def test_a_parked_deal_looks_again_ever_more_rarely(idle_world: World, deal_id: str) -> None:
    looks: list[int] = []

    async def count(request: DecideRequest) -> None:
        looks.append(len(request.inbox))
        await always(request)

    async with idle_world.at_work(count):
        await tell(idle_world, deal_id, ["1"])
        await idle_world.see(deal_id, lambda seen: "parked" in seen.attention)
        await idle_world.pass_time(deal_id, timedelta(days=1))
    assert 24 <= len(looks) <= 80


async def test_one_fact_that_no_rule_can_take_is_refused_and_all_others_are_taken(
    idle_world: World, deal_id: str
) -> None:
    async with idle_world.at_work(on("3")):
        await tell(idle_world, deal_id, ["1", "2", "3", "4", "5"])
        await idle_world.see(deal_id, lambda seen: "parked" in seen.attention)
        await idle_world.pass_time(deal_id, timedelta(hours=1))
        assert await idle_world.facts(deal_id) == ["1", "2", "4", "5"]
        (refused,) = await idle_world.refused(deal_id)
        assert (refused.id, refused.error) == ("3", "The deal cannot be decided: BrokenRule: no rule for 3")
        assert "parked" not in (await idle_world.deals.snapshot(deal_id)).attention


async def test_several_such_facts_are_all_found_without_another_wait(idle_world: World, deal_id: str) -> None:
    looks: list[int] = []
    async with idle_world.at_work(on("2", "40", "80", seen=looks)):
        async with idle_world.without_mail():
            await tell(idle_world, deal_id, [str(number) for number in range(100)])
        await idle_world.pass_time(deal_id, timedelta(hours=2))
        assert len(await idle_world.facts(deal_id)) == 97
        assert [refused.id for refused in await idle_world.refused(deal_id)] == ["2", "40", "80"]
    assert len(looks) <= 120


async def test_rules_that_fail_whatever_comes_refuse_nothing(idle_world: World, deal_id: str) -> None:
    async with idle_world.at_work(always):
        await tell(idle_world, deal_id, ["1", "2"])
        await idle_world.see(deal_id, lambda seen: "parked" in seen.attention)
        await idle_world.pass_time(deal_id, timedelta(days=1))
    async with idle_world.at_work():
        await idle_world.pass_time(deal_id, timedelta(hours=1))
        assert await idle_world.facts(deal_id) == ["1", "2"]
        assert await idle_world.refused(deal_id) == []


async def test_a_command_that_no_rule_can_take_is_answered_in_the_end(idle_world: World, deal_id: str) -> None:
    async with idle_world.at_work(on("p1")):
        assert await idle_world.give(deal_id, PAUSE, "p1") == NOT_YET
        await idle_world.pass_time(deal_id, timedelta(hours=1))
        verdict = await idle_world.deals.command(deal_id, PAUSE, command_id="p1")
        assert (verdict.decided, verdict.accepted) == (True, False)
        assert "no rule for p1" in verdict.text
        assert not (await idle_world.deals.snapshot(deal_id)).paused


async def test_a_command_to_a_parked_deal_is_recorded_and_decided_when_it_goes_on(
    idle_world: World, deal_id: str
) -> None:
    async with idle_world.at_work(always):
        await tell(idle_world, deal_id, ["1"])
        await idle_world.see(deal_id, lambda seen: "parked" in seen.attention)
        assert await idle_world.give(deal_id, PAUSE, "p1") == NOT_YET
    async with idle_world.at_work():
        await idle_world.pass_time(deal_id, timedelta(minutes=5))
        verdict = await idle_world.deals.command(deal_id, PAUSE, command_id="p1")
        assert (verdict.decided, verdict.accepted) == (True, True)
        assert [entry.kind for entry in await idle_world.deals.story(deal_id)].count("paused") == 1


async def test_a_worker_that_is_told_to_stop_while_it_decides_finishes_the_decision(
    idle_world: World, deal_id: str
) -> None:
    deciding, go_on = asyncio.Event(), asyncio.Event()

    async def wait(_: DecideRequest) -> None:
        deciding.set()
        await go_on.wait()

    async with idle_world.at_work(wait) as worker:
        await tell(idle_world, deal_id, ["1"])
        await deciding.wait()
        stopping = asyncio.create_task(worker.shutdown())
        go_on.set()
        await stopping
    async with idle_world.at_work():
        await idle_world.settle(deal_id)
        assert await idle_world.facts(deal_id) == ["1"]
        assert "parked" not in (await idle_world.deals.snapshot(deal_id)).attention


@pytest.fixture
async def store_away() -> AsyncIterator[Store]:
    store = Store.open("postgresql://deals@127.0.0.1:1/deals")
    yield store
    await store.close()


async def test_a_store_that_is_away_is_no_bad_rule(idle_world: World, deal_id: str, store_away: Store) -> None:
    async with idle_world.at_work(rules_from=store_away):
        await tell(idle_world, deal_id, ["1", "2"])
        seen = await idle_world.see(deal_id, lambda seen: "parked" in seen.attention)
        assert "The database does not answer" in seen.attention["parked"]
        await idle_world.pass_time(deal_id, timedelta(days=3))
        history = await idle_world.history(deal_id)
        assert len(history) < 1500  # no busy waiting, however long the store is away
    async with idle_world.at_work():
        await idle_world.pass_time(deal_id, timedelta(hours=1))
        assert await idle_world.facts(deal_id) == ["1", "2"]
        assert await idle_world.refused(deal_id) == []


async def test_a_deal_opened_while_the_store_is_away_opens_when_it_is_back(
    idle_world: World, store_away: Store
) -> None:
    deal_id = await idle_world.open()
    await idle_world.deals.record(deal_id, LeadQualified(id="1", level="sql"))
    async with idle_world.at_work(rules_from=store_away):
        await idle_world.see(deal_id, lambda seen: "parked" in seen.attention)
    async with idle_world.at_work():
        await idle_world.pass_time(deal_id, timedelta(minutes=1))
        seen = await idle_world.settle(deal_id)
        assert (seen.stage, seen.attention) == ("talking", {})
        await idle_world.pass_time(deal_id, timedelta(days=3))
    assert len(idle_world.letters(deal_id)) == 3
    kinds = [line.kind for line in await journal.story(idle_world.store, deal_id)]
    assert kinds[:2] == ["attention_asked", "attention_settled"]
    assert "deal_opened" in kinds


async def test_while_a_deal_is_parked_nothing_goes_out_and_nothing_is_caught_up_twice(
    idle_world: World, deal_id: str
) -> None:
    async with idle_world.at_work():
        await idle_world.deals.record(deal_id, LeadQualified(level="sql"))
        await idle_world.see(deal_id, lambda seen: seen.next_action is not None and "two" in seen.next_action)
        await idle_world.see(deal_id, lambda _: len(idle_world.letters(deal_id)) == 1)
    async with idle_world.at_work(always):
        await idle_world.pass_time(deal_id, timedelta(days=2))
        assert len(idle_world.letters(deal_id)) == 1
    async with idle_world.at_work():
        await idle_world.pass_time(deal_id, timedelta(hours=1))
        await idle_world.deals.command(deal_id, Acknowledge(by="Ana", why="test", point="nothing"))
        assert [letter.subject for letter in idle_world.letters(deal_id)] == ["Message one", "Message two"]
        await idle_world.pass_time(deal_id, timedelta(days=2))
    assert [letter.subject for letter in idle_world.letters(deal_id)] == ["Message one", "Message two", "Message three"]
