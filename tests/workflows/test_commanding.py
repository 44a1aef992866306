"""Commands: each gets a verdict, once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from temporalio.client import WorkflowUpdateFailedError

from dealwright.commands import Acknowledge, Close, MoveToStage, Pause, Resume
from dealwright.entries import CommandTaken
from dealwright.facts import UsageReported
from store import journal
from tests.workflows.world import World

pytestmark = pytest.mark.server
PAUSE = Pause(by="Ana", why="holidays")


async def test_a_command_is_answered_by_the_decision_that_took_it(world: World) -> None:
    deal_id = await world.open()
    verdict = await world.give(deal_id, PAUSE, "p1")
    assert verdict == {"accepted": True, "decided": True, "text": "Nothing goes out until resume."}
    assert (await world.deals.snapshot(deal_id)).paused


async def test_a_command_that_does_not_fit_is_answered_by_why_not(world: World) -> None:
    deal_id = await world.open()
    verdict = await world.deals.command(deal_id, MoveToStage(by="Ana", why="test", stage="nowhere"))
    assert not verdict.accepted
    assert verdict.text == "There is no stage 'nowhere'. Stages are: talking, customer."


async def test_a_command_that_is_not_valid_is_refused_and_leaves_no_trace(world: World) -> None:
    deal_id = await world.open()
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await world.run_of(deal_id).execute_update("pause", {"by": "Ana"})
    assert "why: Field required" in str(refused.value.cause)
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await world.run_of(deal_id).execute_update("pause", args=[{}, {}])
    assert "one payload is expected, 2 came" in str(refused.value.cause)
    await world.settle(deal_id)
    taken = [entry.command for entry in await world.deals.story(deal_id) if isinstance(entry, CommandTaken)]
    assert taken == ["acknowledge"]


async def test_a_command_given_again_is_answered_alike_and_carried_out_once(world: World) -> None:
    deal_id = await world.open()
    first = await world.deals.command(deal_id, PAUSE, command_id="p1")
    assert await world.deals.command(deal_id, PAUSE, command_id="p1") == first
    assert [entry.kind for entry in await world.deals.story(deal_id)].count("paused") == 1


async def test_an_id_that_another_command_has_while_it_waits_is_refused(idle_world: World) -> None:
    deal_id = await idle_world.open()
    first = asyncio.create_task(idle_world.deals.command(deal_id, PAUSE, command_id="p1"))
    await asyncio.sleep(0)
    other = asyncio.create_task(
        idle_world.deals.command(deal_id, Pause(by="Ana", why="another reason"), command_id="p1")
    )
    async with idle_world.at_work():
        answers = await asyncio.gather(first, other, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["CommandIdReused", "Verdict"]


async def test_a_fact_with_the_same_id_does_not_swallow_a_command(idle_world: World) -> None:
    deal_id = await idle_world.open()
    await idle_world.deals.record(deal_id, UsageReported(id="p1", health=50))
    giving = asyncio.create_task(idle_world.deals.command(deal_id, PAUSE, command_id="p1"))
    async with idle_world.at_work():
        assert (await giving).accepted


async def test_commands_that_come_together_are_each_answered(world: World) -> None:
    deal_id = await world.open()
    given = [Acknowledge(by="Ana", why="test", point=f"point {number}") for number in range(8)]
    verdicts = await asyncio.gather(*(world.deals.command(deal_id, command) for command in given))
    assert all(verdict.decided for verdict in verdicts)
    taken = [entry for entry in await world.deals.story(deal_id) if isinstance(entry, CommandTaken)]
    assert len({entry.id for entry in taken}) == len(given)


async def test_a_command_that_comes_with_the_end_is_told_that_it_came_too_late(idle_world: World) -> None:
    deal_id = await idle_world.open()
    closing = asyncio.create_task(idle_world.give(deal_id, Close(by="Ana", why="test", outcome="lost"), "c1"))
    await asyncio.sleep(0)
    pausing = asyncio.create_task(idle_world.give(deal_id, PAUSE, "p1"))
    async with idle_world.at_work():
        answers = await asyncio.gather(closing, pausing)
        await idle_world.run_of(deal_id).result()
    assert answers[0] == {"accepted": True, "decided": True, "text": "The deal is closed as lost."}
    assert answers[1] in (
        {"accepted": False, "decided": True, "text": "The deal was closed before (lost)."},
        {"accepted": True, "decided": True, "text": "Nothing goes out until resume."},  # it overtook the other one
    )


async def test_a_verdict_is_found_by_its_id_as_long_as_ids_are_known(world: World) -> None:
    deal_id, id_ = await world.open(), uuid4().hex
    given = await world.deals.command(deal_id, PAUSE, command_id=id_)
    assert await world.run_of(deal_id).query("verdict", id_) == given.model_dump(mode="json")
    await world.pass_time(deal_id, timedelta(days=31))
    await world.deals.command(deal_id, Resume(by="Ana"))
    assert await world.run_of(deal_id).query("verdict", id_) is None


async def test_every_command_is_in_the_journal_with_who_gave_it_and_why(world: World) -> None:
    deal_id = await world.open()
    await world.deals.command(deal_id, Close(by="Ana", why="they went bankrupt", outcome="lost"))
    await world.run_of(deal_id).result()
    lines = await journal.story(world.store, deal_id)
    assert any(line.kind == "command_taken" and "because they went bankrupt" in line.sentence for line in lines)
