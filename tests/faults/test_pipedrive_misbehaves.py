"""Deals that people drive from Pipedrive, while Pipedrive misbehaves and our own processes are killed."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import pytest

from integrations.pipedrive.marks import mark_in, mark_of
from store import ledger
from store.ledger import LedgerState
from tests.faults.pipedrive_world import PipedriveWorld
from tests.faults.tool_world import Fault
from tests.integrations.pipedrive.company import SAM

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif("DEALWRIGHT_TOOL_LIVES" not in os.environ, reason="DEALWRIGHT_TOOL_LIVES=1 lives these"),
]
FAULTS: tuple[Fault, ...] = (
    {"duplicate": -1, "reorder": True, "delay": 0.3},
    {"lose_response": 2},
    {"bad_gateway": 2},
    {"expire_token": 2},
    {"quota_spent": 1},
    {"drop": -1},
)
"""Those that leave no doubt. Where a call may have been taken and what it made is not found, a person is asked."""
CALM: Fault = {
    "duplicate": 0, "reorder": False, "delay": 0, "lose_response": 0, "bad_gateway": 0, "expire_token": 0,
    "quota_spent": 0, "drop": 0,
}  # fmt: skip


@dataclass
class People:
    """Users of the company, and what they did."""

    pipedrive: PipedriveWorld
    deals: list[int] = field(default_factory=list)
    amounts: list[tuple[int, str]] = field(default_factory=list)
    """Each deal with an amount that was written on it, which no other one was."""

    async def begin(self, name: str) -> int:
        deal = await self.pipedrive.company.create("deal", title=name, owner_id=SAM[1])
        self.deals.append(deal)
        return deal

    async def write_amount(self, deal: int, amount: int) -> None:
        await self.pipedrive.company.update("deal", deal, value=amount)
        self.amounts.append((deal, f"{amount:,}.00 EUR"))

    async def times_heard(self, deal: int, amount: str) -> int:
        facts = await self.pipedrive.facts(ours(deal), "crm_properties_changed")
        return sum(str(fact.learned.amount) == amount for fact in facts if fact.learned)


def ours(deal: int) -> str:
    return f"pipedrive-{deal}"


async def play(people: People, fault: Fault, number: int, first: int) -> None:
    """People work while something goes wrong; returns when what they did has arrived."""
    pipedrive = people.pipedrive
    await pipedrive.simulator.switch(**fault)
    begun = await people.begin(f"Deal {number}")
    await people.write_amount(first, 1000 + number)
    if number % 3 == 0:
        await pipedrive.kill("worker" if number == 3 else "gateway")
    if "drop" in fault:
        await pipedrive.until("the end of all webhooks", pipedrive.nothing_is_sent)
        await pipedrive.simulator.switch(drop=0)
        await pipedrive.look_now("pipedrive")
    amount = people.amounts[-1][1]
    await pipedrive.see(ours(first), f"{fault}: {amount}", lambda seen: str(seen.amount) == amount)
    research = await pipedrive.task(begun, "Worth writing to?")
    await pipedrive.company.update("activity", research["id"], done=True)
    await pipedrive.see(ours(begun), f"{fault}: outreach", lambda seen: seen.stage == "outreach")
    await pipedrive.simulator.switch(**CALM)


async def test_whatever_fails_nothing_is_lost_and_nothing_comes_twice(pipedrive: PipedriveWorld) -> None:
    people = People(pipedrive)
    first = await people.begin("The first")
    await pipedrive.task(first)
    for number, fault in enumerate(FAULTS, 1):
        await play(people, fault, number, first)

    async def lists_agree() -> bool:
        return all([await _open_there(pipedrive, deal) == await _open_here(pipedrive, deal) for deal in people.deals])

    await pipedrive.until("agreement", lists_agree)
    await pipedrive.quiet()
    assert await lists_agree()
    assert await pipedrive.not_told() == {}
    assert [await people.times_heard(*one) for one in people.amounts] == [1] * len(people.amounts)
    assert len(await pipedrive.company.records("deal")) == len(people.deals)
    for deal in people.deals:
        effects = await ledger.of_deal(pipedrive.world.store, ours(deal))
        tasks = [row for row in effects if row.kind == "create_task" and row.state is not LedgerState.UNCERTAIN]
        assert {row.state for row in tasks} == {LedgerState.RECORDED}
        assert len(await pipedrive.company.records("activity", deal_id=deal)) == len(tasks)
        assert len(await pipedrive.facts(ours(deal), "crm_task_completed")) == (deal != first)


async def _open_there(pipedrive: PipedriveWorld, deal: int) -> list[str]:
    tasks = await pipedrive.company.records("activity", deal_id=deal, done=False)
    return sorted(mark_in(one["values"]["note"]) or "" for one in tasks)


async def _open_here(pipedrive: PipedriveWorld, deal: int) -> list[str]:
    """The marks of the deal's open tasks; without those of which a person is asked whether they came to be.

    A worker may be killed in the moment in which it hands a task over.
    """
    seen = await pipedrive.world.deals.snapshot(ours(deal))
    asked = {point.removeprefix("effect:") for point in seen.attention}
    return sorted(mark_of(task.id) for task in seen.open_tasks if task.id not in asked)
