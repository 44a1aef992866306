"""Deals on a server that asks for a new run after a few dozen events: whatever a deal does, it moves on."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from dealwright.commands import Acknowledge
from dealwright.contract import DecideRequest
from dealwright.facts import DealLost, EmailOpened, LeadQualified, UsageReported
from local.server.plan import ServerPlan
from local.server.server import LocalServer
from store import journal
from tests.temporal_environment import wait_until
from tests.workflows.world import World, a_world, runs_of

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
async def hasty_world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("hasty")
    plan = ServerPlan(
        directory=folder / "temporal", ui=False, durable=False, own=True,
        dynamic={"limit.historyCount.suggestContinueAsNew": 60},
    )  # fmt: skip
    async with LocalServer.start(plan) as server, a_world(server, folder) as made:
        yield made


async def told(world: World, deal_id: str) -> Counter[object]:
    """How often each fact stands in the journal."""
    lines = await journal.story(world.store, deal_id)
    return Counter(line.entry.get("id") for line in lines if line.kind == "fact_taken")


async def heard(world: World, deal_id: str) -> Counter[object]:
    """How often each fact stands in the journal, taken or refused."""
    lines = await journal.story(world.store, deal_id)
    return Counter(line.entry.get("id") for line in lines if line.kind in {"fact_taken", "fact_refused"})


async def broken(request: DecideRequest) -> None:
    """Rules that fail on whatever comes in."""
    if request.inbox:
        raise RuntimeError("no rule holds")


async def test_a_whole_life_in_short_runs_sends_each_message_once(hasty_world: World) -> None:
    deal_id = await hasty_world.open()
    async with hasty_world.at_work():
        await hasty_world.deals.record(deal_id, LeadQualified(id="q", level="sql"))
        for number in range(60):
            await hasty_world.deals.record(deal_id, UsageReported(id=f"u{number}", health=50))
            if number % 10 == 0:
                await hasty_world.pass_time(deal_id, timedelta(hours=12))
                await hasty_world.settle(deal_id)  # a run that follows another at once is let wait for a second
        await hasty_world.deals.record(deal_id, DealLost(id="lost"))
        assert await hasty_world.run_of(deal_id).result() == "lost"
    assert [letter.subject for letter in hasty_world.letters(deal_id)] == [
        "Message one",
        "Message two",
        "Message three",
    ]
    assert await told(hasty_world, deal_id) == Counter(["q", "lost", *(f"u{number}" for number in range(60))])
    assert len(await runs_of(hasty_world, deal_id)) > 1


async def test_a_parked_deal_moves_on_and_keeps_what_it_was_told(hasty_world: World) -> None:
    deal_id = await hasty_world.open()
    async with hasty_world.at_work(broken):
        for number in range(150):
            await hasty_world.deals.record(deal_id, UsageReported(id=f"u{number}", health=50))

        async def moved_on() -> bool:
            return len(await runs_of(hasty_world, deal_id)) > 2

        await wait_until(moved_on)
    async with hasty_world.at_work():
        await hasty_world.pass_time(deal_id, timedelta(hours=2))
        await hasty_world.deals.record(deal_id, DealLost(id="lost"))
        await hasty_world.run_of(deal_id).result()
    assert await told(hasty_world, deal_id) == Counter(["lost", *(f"u{number}" for number in range(150))])


async def test_more_than_fits_into_a_new_run_stays_in_the_old_one(hasty_world: World) -> None:
    deal_id = await hasty_world.open()
    async with hasty_world.at_work(broken):
        await hasty_world.deals.record(deal_id, UsageReported(id="u0", health=50))
        await hasty_world.see(deal_id, lambda seen: "parked" in seen.attention)
        for number in range(45):  # in bytes more than twice what these are in characters
            fact = {"id": f"b{number}", "health": 50, "note": "日" * 20_900}
            await hasty_world.run_of(deal_id).signal("usage_reported", fact)
        for number in range(20):
            await hasty_world.run_of(deal_id).signal("usage_reported", {"id": f"s{number}", "health": 50})
        await hasty_world.see(deal_id, lambda seen: "parked" in seen.attention)
    async with hasty_world.at_work():
        await hasty_world.pass_time(deal_id, timedelta(hours=2))
        await hasty_world.deals.record(deal_id, DealLost(id="lost"))
        await hasty_world.run_of(deal_id).result()
    wanted = ["lost", *(f"u{number}" for number in range(1)), *(f"s{number}" for number in range(20))]
    assert await heard(hasty_world, deal_id) == Counter([*wanted, *(f"b{number}" for number in range(45))])


async def test_what_comes_while_a_run_ends_need_not_fit_into_the_next(hasty_world: World) -> None:
    deal_id = await hasty_world.open()
    async with hasty_world.at_work():
        await hasty_world.settle(deal_id)
        async with hasty_world.without_mail():
            await hasty_world.deals.record(deal_id, LeadQualified(id="q", level="sql"))  # a message is on its way
            for number in range(14):
                await hasty_world.deals.record(deal_id, UsageReported(id=f"s{number}", health=50))
            for number in range(36):
                fact = {"id": f"b{number}", "health": 50, "note": "x" * 60_000}
                await hasty_world.run_of(deal_id).signal("usage_reported", fact)
        await hasty_world.pass_time(deal_id, timedelta(minutes=10))
        await hasty_world.settle(deal_id)
        await hasty_world.deals.record(deal_id, DealLost(id="lost"))
        await hasty_world.run_of(deal_id).result()
    lines = await journal.story(hasty_world.store, deal_id)
    ids = Counter(line.entry.get("id") for line in lines if line.kind in {"fact_taken", "fact_refused"})
    facts = ["q", "lost", *(f"s{number}" for number in range(14)), *(f"b{number}" for number in range(36))]
    assert ids == Counter(facts)


async def test_a_deal_that_goes_on_in_a_new_run_is_not_parked_any_more(hasty_world: World) -> None:
    deal_id = await hasty_world.open()
    async with hasty_world.at_work(broken):
        await hasty_world.deals.record(deal_id, UsageReported(id="u0", health=50))
        await hasty_world.see(deal_id, lambda seen: "parked" in seen.attention)
    async with hasty_world.at_work():
        number = 0
        while len(await runs_of(hasty_world, deal_id)) < 2:
            number += 1
            await hasty_world.deals.record(deal_id, UsageReported(id=f"u{number}", health=50))
        await hasty_world.settle(deal_id)
        await hasty_world.pass_time(deal_id, timedelta(hours=2))
        assert (await hasty_world.settle(deal_id)).attention == {}


async def test_facts_that_nothing_waits_for_do_not_keep_a_deal_in_its_run(hasty_world: World) -> None:
    deal_id = await hasty_world.open()
    async with hasty_world.at_work():
        await hasty_world.settle(deal_id)
        for number in range(150):
            await hasty_world.deals.record(deal_id, EmailOpened(id=f"o{number}"))

        async def moved_on() -> bool:
            return len(await runs_of(hasty_world, deal_id)) > 2

        await wait_until(moved_on)
        await hasty_world.deals.record(deal_id, DealLost(id="lost"))
        await hasty_world.run_of(deal_id).result()
    assert await told(hasty_world, deal_id) == Counter(["lost", *(f"o{number}" for number in range(150))])


async def test_facts_and_commands_at_once_are_each_taken_once(hasty_world: World) -> None:
    deal_id = await hasty_world.open()

    async def tell(who: int) -> None:
        for number in range(40):
            fact = UsageReported(id=f"u{who}-{number}", health=50)
            for _ in range(2):  # every fact comes twice
                await hasty_world.deals.record(deal_id, fact)

    async def command(who: int) -> None:
        for number in range(15):
            asked = Acknowledge(by="Ana", why="test", point="nothing")
            verdict = await hasty_world.deals.command(deal_id, asked, command_id=f"c{who}-{number}")
            assert verdict.decided

    async with hasty_world.at_work():
        await asyncio.gather(*(tell(who) for who in range(3)), *(command(who) for who in range(3)))
        await hasty_world.deals.record(deal_id, DealLost(id="lost"))
        await hasty_world.run_of(deal_id).result()
    facts = [f"u{who}-{number}" for who in range(3) for number in range(40)]
    assert await told(hasty_world, deal_id) == Counter(["lost", *facts])
    lines = await journal.story(hasty_world.store, deal_id)
    commands = Counter(line.entry["id"] for line in lines if line.kind == "command_taken")
    assert commands == Counter(f"c{who}-{number}" for who in range(3) for number in range(15))
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
