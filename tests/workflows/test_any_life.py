"""Lives at random, on workers whose rules fail now and then: each deal ends, and nothing that it was told is lost."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError
from temporalio.worker import Replayer

from dealwright.client.errors import DealError
from dealwright.commands import Close, Command, Pause, Resume
from dealwright.contract import DecideRequest
from dealwright.facts import (
    ContractRenewed,
    ContractSigned,
    DealLost,
    DemoHeld,
    Fact,
    LeadQualified,
    OptedOut,
    UsageReported,
)
from dealwright.identity import workflow_id
from runtime.plugin import deals_plugin
from store import journal
from tests.workflows.world import Fault, World, runs_of
from workflows.deal import DealWorkflow

pytestmark = pytest.mark.server

LIVES = 36
BAD, HOPELESS = "bad", "hopeless"
"""How ids begin of facts on which the rules fail: until they are marked as broken, and always."""
A_YEAR = timedelta(days=364)
MAKE: tuple[Callable[[str, date], Fact], ...] = (
    lambda id_, _: UsageReported(id=id_, health=50),
    lambda id_, _: UsageReported(id=f"{BAD} {id_}", health=50),
    lambda id_, _: UsageReported(id=f"{HOPELESS} {id_}", health=50),
    lambda id_, _: LeadQualified(id=id_, level="sql"),
    lambda id_, today: ContractSigned(id=id_, starts_on=today, ends_on=today + A_YEAR),
    lambda id_, today: ContractRenewed(id=id_, starts_on=today, ends_on=today + A_YEAR),
    lambda id_, _: DemoHeld(id=id_),
    lambda id_, _: OptedOut(id=id_),
    lambda id_, _: DealLost(id=id_),
)
ORDERS: tuple[Command, ...] = (Pause(by="Ana", why="test"), Resume(by="Ana"))


@dataclass
class Life:
    """A deal, the ids of the facts that it was told, and whether it was cancelled in Temporal."""

    deal_id: str
    cancelled: bool
    told: list[str] = field(default_factory=list)


def failing_now_and_then(chance: random.Random) -> Fault:
    """Rules that fail on some facts, and on one decision in twenty without a reason."""

    async def fault(request: DecideRequest) -> None:
        await asyncio.sleep(chance.uniform(0, 0.05))
        ids = [item.id or "" for item in request.inbox if item.broken is None]
        hopeless = any((item.id or "").startswith(HOPELESS) for item in request.inbox)
        if hopeless or any(id_.startswith(BAD) for id_ in ids) or chance.random() < 0.05:
            raise RuntimeError("no rule holds")

    return fault


async def tell(world: World, life: Life, fact: Fact) -> None:
    with suppress(DealError):  # it is over: whoever told it knows
        life.told.append(await world.deals.record(life.deal_id, fact))


async def order(world: World, life: Life, command: Command) -> None:
    with suppress(DealError, TimeoutError):  # a parked deal answers later, or not at all
        await asyncio.wait_for(world.deals.command(life.deal_id, command), 3)


async def pass_time(world: World, life: Life, hours: int) -> None:
    with suppress(RPCError, RuntimeError, TimeoutError):  # it is over, or has much to do on the way
        await asyncio.wait_for(world.pass_time(life.deal_id, timedelta(hours=hours)), 5)


async def live(world: World, chance: random.Random) -> Life:
    life = Life(await world.open(), cancelled=chance.random() < 0.5)
    for number in range(chance.randrange(1, 9)):
        today = (await world.now(life.deal_id)).date()
        match chance.choice(["fact", "fact", "fact", "order", "wait", "time"]):
            case "fact":
                await tell(world, life, chance.choice(MAKE)(str(number), today))
            case "order":
                await order(world, life, chance.choice(ORDERS))
            case "time":
                await pass_time(world, life, chance.choice([1, 30]))
            case _:
                await asyncio.sleep(chance.uniform(0, 0.3))
    if life.cancelled:
        with suppress(RPCError):  # it has ended by itself
            await world.run_of(life.deal_id).cancel()
        await tell(world, life, OptedOut(id="late"))
        await ended(world, life)
    return life


async def ended(world: World, life: Life) -> None:
    """Let time pass until the deal's end."""
    async with asyncio.timeout(100):
        while (await world.run_of(life.deal_id).describe()).status is WorkflowExecutionStatus.RUNNING:
            await pass_time(world, life, 2)


async def close(world: World, life: Life) -> None:
    if not life.cancelled:
        await order(world, life, Close(by="Ana", why="test", outcome="lost"))
        await ended(world, life)


@pytest.fixture(scope="module", params=["mail", "no mail"])
async def lives(request: pytest.FixtureRequest, idle_world: World) -> list[Life]:
    """Deals that have ended: the cancelled ones on failing rules, the others on sound ones."""
    chance = random.Random(str(request.param))
    mail = idle_world.without_mail() if request.param == "no mail" else nullcontext()
    async with mail, idle_world.at_work(failing_now_and_then(chance)):
        lived = await asyncio.gather(*(live(idle_world, random.Random(chance.random())) for _ in range(LIVES)))
    async with idle_world.at_work():
        await asyncio.gather(*(close(idle_world, life) for life in lived))
    return lived


async def test_every_fact_stands_in_the_journal_once(lives: list[Life], idle_world: World) -> None:
    for life in lives:
        lines = await journal.story(idle_world.store, life.deal_id)
        kept = Counter(str(line.entry["id"]) for line in lines if line.kind in {"fact_taken", "fact_refused"})
        assert {id_: kept[id_] for id_ in life.told} == dict.fromkeys(life.told, 1), life.deal_id


async def test_every_end_stands_in_the_journal_and_no_line_is_missing(lives: list[Life], idle_world: World) -> None:
    for life in lives:
        lines = await journal.story(idle_world.store, life.deal_id)
        assert [line.number for line in lines] == list(range(1, len(lines) + 1)), life.deal_id
        assert [line.kind for line in lines].count("deal_closed") == 1, life.deal_id


async def test_every_run_can_be_replayed(lives: list[Life], idle_world: World) -> None:
    replayer = Replayer(workflows=[DealWorkflow], plugins=[deals_plugin()])
    for life in lives:
        for run_id in await runs_of(idle_world, life.deal_id):
            run = idle_world.client.get_workflow_handle(workflow_id(life.deal_id), run_id=run_id)
            await replayer.replay_workflow(await run.fetch_history())
