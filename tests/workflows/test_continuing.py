"""A deal lives longer than one run of its workflow: nothing is lost, and nothing done twice, between two of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from temporalio.api.enums.v1 import EventType

from dealwright.client.errors import CommandIdReused
from dealwright.commands import Acknowledge, Pause
from dealwright.facts import ContractRenewed, ContractSigned, DemoHeld, EmailOpened, LeadQualified, UsageReported
from store import journal
from tests.temporal_environment import wait_until
from tests.workflows.world import World, of_type, runs_of

pytestmark = pytest.mark.server
A_YEAR = timedelta(days=364)


async def sign(world: World, deal_id: str) -> None:
    today = (await world.now(deal_id)).date()
    await world.deals.record(deal_id, ContractSigned(id="signed", starts_on=today, ends_on=today + A_YEAR))
    await world.see(deal_id, lambda seen: seen.stage == "customer")


async def renew(world: World, deal_id: str, term: int = 2) -> None:
    begins = (await world.now(deal_id)).date() + (term - 1) * (A_YEAR + timedelta(days=1))
    fact = ContractRenewed(id=f"term {term}", starts_on=begins, ends_on=begins + A_YEAR)
    await world.deals.record(deal_id, fact)


async def taken(world: World, deal_id: str) -> list[object]:
    """The ids of all facts in the journal."""
    return [line.entry.get("id") for line in await journal.story(world.store, deal_id) if line.kind == "fact_taken"]


async def told(world: World, deal_id: str, id_: str) -> bool:
    """Whether the journal has a fact."""
    return id_ in await taken(world, deal_id)


async def test_a_renewed_contract_begins_a_run_of_its_own_that_knows_all_of_the_one_before(world: World) -> None:
    deal_id = await world.open(title="Fifty seats")
    await sign(world, deal_id)
    await world.deals.record(deal_id, UsageReported(id="usage", health=70))
    await renew(world, deal_id)
    await world.see(deal_id, lambda seen: seen.term == 2)

    async def second_run() -> bool:
        return len(await runs_of(world, deal_id)) == 2

    await wait_until(second_run)
    await world.deals.record(deal_id, UsageReported(id="usage", health=70))  # told again, to the next run
    seen = await world.settle(deal_id)
    assert (seen.title, seen.stage, seen.health, seen.repeats) == ("Fifty seats", "customer", 70, 1)
    lines = await journal.story(world.store, deal_id)
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))


async def test_a_command_that_was_answered_is_answered_alike_by_the_next_run(world: World) -> None:
    deal_id = await world.open()
    await sign(world, deal_id)
    pause = Acknowledge(by="Ana", why="test", point="nothing")
    first = await world.deals.command(deal_id, pause, command_id="a1")
    await renew(world, deal_id)
    await world.see(deal_id, lambda seen: seen.term == 2)
    assert await world.deals.command(deal_id, pause, command_id="a1") == first
    await wait_until(lambda: told(world, deal_id, "term 2"))
    lines = await journal.story(world.store, deal_id)
    assert [line.entry["id"] for line in lines if line.kind == "command_taken"] == ["a1"]


async def test_an_id_that_a_command_had_is_refused_for_another_one_by_the_next_run_too(world: World) -> None:
    deal_id = await world.open()
    await sign(world, deal_id)
    await world.deals.command(deal_id, Acknowledge(by="Ana", why="test", point="nothing"), command_id="a1")
    await renew(world, deal_id)
    await world.see(deal_id, lambda seen: seen.term == 2)
    with pytest.raises(CommandIdReused, match="'a1'"):
        await world.deals.command(deal_id, Pause(by="Ana", why="test"), command_id="a1")
    assert not (await world.settle(deal_id)).paused


async def test_facts_that_wait_travel_into_the_next_run(world: World) -> None:
    deal_id = await world.open()
    await sign(world, deal_id)
    today = (await world.now(deal_id)).date()
    renewed = ContractRenewed(id="renewed", starts_on=today, ends_on=today + A_YEAR)
    await asyncio.gather(
        world.deals.record(deal_id, renewed),
        *(world.deals.record(deal_id, EmailOpened(id=str(number))) for number in range(20)),
    )
    await world.see(deal_id, lambda seen: seen.term == 2)
    await world.settle(deal_id)
    counted = Counter(await taken(world, deal_id)) | Counter(await world.facts(deal_id))
    assert counted == Counter(["signed", "renewed", *map(str, range(20))])


async def test_commands_given_while_runs_change_are_each_carried_out_once(world: World) -> None:
    deal_id = await world.open()
    await sign(world, deal_id)

    async def command(number: int) -> bool:
        asked = Acknowledge(by="Ana", why="test", point=f"point {number}")
        return (await world.deals.command(deal_id, asked, command_id=f"c{number}")).decided

    async def commands(who: int) -> list[bool]:
        return [await command(who * 100 + number) for number in range(12)]

    async def renewals() -> None:
        for term in range(2, 7):
            await renew(world, deal_id, term)
            await world.see(deal_id, lambda seen, term=term: seen.term == term)  # type: ignore[misc] # bound at once

    *answers, _ = await asyncio.gather(*(commands(who) for who in range(4)), renewals())
    assert all(all(answer) for answer in answers if answer is not None)

    async def sixth_run() -> bool:
        return len(await runs_of(world, deal_id)) == 6

    await wait_until(sixth_run)
    await renew(world, deal_id, 7)  # what the last run knows reaches the journal at its end
    await wait_until(lambda: told(world, deal_id, "term 7"))
    lines = await journal.story(world.store, deal_id)
    ids = Counter(line.entry["id"] for line in lines if line.kind == "command_taken")
    assert set(ids.values()) == {1}
    assert len(ids) == 48


async def test_an_effect_on_its_way_is_waited_for_and_its_outcome_is_not_lost(world: World) -> None:
    deal_id = await world.open()
    await sign(world, deal_id)
    await world.see(deal_id, lambda _: len(world.letters(deal_id)) == 1)
    async with world.without_mail():
        await world.deals.record(deal_id, DemoHeld())
        await world.see(deal_id, lambda seen: seen.stage == "customer")
        await renew(world, deal_id)
        await world.see(deal_id, lambda seen: seen.term == 2)
        assert len(await runs_of(world, deal_id)) == 1  # the recap is on its way, and nobody takes it
        await world.pass_time(deal_id, timedelta(minutes=6))
        seen = await world.settle(deal_id)
        assert len(await runs_of(world, deal_id)) == 2
        assert any("nothing handed over yet" in point for point in seen.attention.values())
    await world.pass_time(deal_id, timedelta(hours=1))
    assert [letter.subject for letter in world.letters(deal_id)] == ["Message welcome", "Message recap"]
    assert (await world.deals.snapshot(deal_id)).attention == {}


async def test_an_effect_that_is_called_off_with_its_term_is_known_to_be(world: World) -> None:
    deal_id = await world.open()
    async with world.without_mail():
        await sign(world, deal_id)  # the first term's welcome is on its way
        await renew(world, deal_id)
        await world.see(deal_id, lambda seen: seen.term == 2)
        await world.pass_time(deal_id, timedelta(minutes=6))
    await world.pass_time(deal_id, timedelta(hours=1))
    assert world.letters(deal_id) == []
    lines = await journal.story(world.store, deal_id)
    assert any(line.sentence.startswith("Send welcome (welcome, step 1): withdrawn") for line in lines)


async def test_timers_and_pauses_go_on_in_the_next_run(world: World) -> None:
    deal_id = await world.open()
    await sign(world, deal_id)
    await world.deals.record(deal_id, LeadQualified(level="sql"))
    await world.deals.command(deal_id, Pause(by="Ana", why="test"))
    await renew(world, deal_id)
    await world.see(deal_id, lambda seen: seen.term == 2)
    assert (await world.settle(deal_id)).paused


async def test_facts_over_several_runs_of_one_deal_are_each_taken_once(world: World) -> None:
    deal_id = await world.open()
    run = world.run_of(deal_id)

    async def tell(numbers: range) -> None:
        for number in numbers:
            for _ in range(2 if number % 10 == 0 else 1):  # every tenth comes twice
                await run.signal("usage_reported", {"id": f"f{number}", "health": number % 100})

    for burst in range(0, 4_000, 500):
        await asyncio.gather(*(tell(range(burst + first, burst + 500, 8)) for first in range(8)))
        await world.settle(deal_id)
    seen = await world.settle(deal_id)
    assert seen.repeats == 400
    await sign(world, deal_id)
    await wait_until(lambda: told(world, deal_id, "signed"))
    ids = Counter(await taken(world, deal_id))
    assert len(ids) == 4_001
    assert set(ids.values()) == {1}
    assert len(await runs_of(world, deal_id)) > 1


async def test_a_deal_that_is_told_little_stays_in_one_run(world: World) -> None:
    deal_id = await world.open()
    await world.settle(deal_id)
    (run,) = await runs_of(world, deal_id)
    completed = of_type(await world.history(deal_id, run), EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)
    assert len(list(completed)) < 10
