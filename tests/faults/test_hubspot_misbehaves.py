"""Deals that people drive from HubSpot, while HubSpot misbehaves and the installation's own processes are killed.

``DEALWRIGHT_HUBSPOT_ROUNDS=100`` plays so many faults by chance (``DEALWRIGHT_SEED``) in place of each one once.
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from store import ledger
from store.ledger import LedgerState
from tests.faults import hubspot_agreement
from tests.faults.hubspot_world import HubSpotWorld
from tests.faults.tool_world import Fault
from tests.integrations.hubspot.account import SAM

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif("DEALWRIGHT_TOOL_LIVES" not in os.environ, reason="DEALWRIGHT_TOOL_LIVES=1 lives these"),
]
FAULTS: tuple[Fault, ...] = (
    {"duplicate": -1, "reorder": True, "same_event_id": 5, "generic_events": True, "delay": 0.3},
    {"lose_response": 2},
    {"bad_gateway": 2},
    {"lose_request": 2},
    {"server_error": 2},
    {"expire_token": 2},
    {"quota_spent": 1, "quota_lasts": 1},
    {"drop": -1},
    {"clock_skew": 60},
    {"clock_skew": -60},
)
CALM: Fault = {
    "duplicate": 0, "reorder": False, "same_event_id": 0, "generic_events": False, "delay": 0, "lose_response": 0,
    "bad_gateway": 0, "lose_request": 0, "server_error": 0, "expire_token": 0, "quota_spent": 0, "drop": 0,
    "clock_skew": 0,
}  # fmt: skip


def chosen_faults() -> Sequence[Fault]:
    rounds = int(os.environ.get("DEALWRIGHT_HUBSPOT_ROUNDS", "0"))
    chance = random.Random(os.environ.get("DEALWRIGHT_SEED", "1"))
    return [chance.choice(FAULTS) for _ in range(rounds)] or FAULTS


@dataclass
class People:
    """Users of the HubSpot account, and what they did."""

    hubspot: HubSpotWorld
    deals: dict[str, str] = field(default_factory=dict)
    """Ours, by HubSpot's."""
    amounts: list[tuple[str, str]] = field(default_factory=list)
    """Each deal with an amount that was written on it, which no other one was."""
    completed: list[str] = field(default_factory=list)
    """Deals whose first task was completed."""

    async def begin(self, name: str) -> str:
        deal, deal_id = await self.hubspot.begin(dealname=name, hubspot_owner_id=SAM[1])
        self.deals[deal] = deal_id
        return deal

    async def write_amount(self, deal: str, amount: int) -> None:
        await self.hubspot.account.update("deals", deal, amount=str(amount))
        self.amounts.append((self.deals[deal], str(amount)))

    async def complete_first_task(self, deal: str) -> None:
        await self.hubspot.complete(deal, "Worth writing to?")
        self.completed.append(self.deals[deal])

    async def times_heard(self, deal_id: str, amount: str) -> int:
        facts = await self.hubspot.facts(deal_id, "crm_properties_changed")
        learned = [fact.learned.amount for fact in facts if fact.learned and fact.learned.amount]
        return sum(str(one.amount) == amount for one in learned)


async def play(people: People, fault: Fault, number: int, first: str) -> None:
    """People work while something goes wrong; returns when what they did has arrived."""
    hubspot = people.hubspot
    await hubspot.simulator.switch(**fault)
    begun = await people.begin(f"Deal {number}")
    changed = first
    if "clock_skew" in fault:  # what happened last counts; once the clock is right again, that is not what comes last
        changed = begun
        await hubspot.task(begun)
    await people.write_amount(changed, 1000 + number)
    if number % 4 == 3:
        await hubspot.kill("worker" if number // 4 % 2 == 0 else "gateway")
    if "drop" in fault:
        await hubspot.until("the end of all webhooks", hubspot.nothing_is_sent)
        await hubspot.simulator.switch(drop=0)
        await hubspot.look_now("hubspot")
    amount = f"1,{number:03}.00 EUR"
    await hubspot.see(people.deals[changed], f"{fault}: {amount}", lambda seen: str(seen.amount) == amount)
    await people.complete_first_task(begun)
    await hubspot.see(people.deals[begun], f"{fault}: outreach", lambda seen: seen.stage == "outreach")
    await hubspot.simulator.switch(**CALM)


async def test_whatever_fails_nothing_is_lost_and_nothing_comes_twice(hubspot: HubSpotWorld) -> None:
    people = People(hubspot)
    first = await people.begin("The first")
    await hubspot.task(first)
    for number, fault in enumerate(chosen_faults(), 1):
        await play(people, fault, number, first)

    async def both_sides_agree() -> bool:
        return not [one for pair in people.deals.items() for one in await hubspot_agreement.differences(hubspot, *pair)]

    await hubspot.until("agreement", both_sides_agree)
    await hubspot.quiet()
    assert await both_sides_agree()
    assert await hubspot.not_told() == {}
    assert [await people.times_heard(*one) for one in people.amounts] == [1] * len(people.amounts)
    for deal_id in people.completed:
        assert len(await hubspot.facts(deal_id, "crm_task_completed")) == 1
    assert await hubspot_agreement.made_twice(hubspot) == []
    for deal, deal_id in people.deals.items():
        assert await hubspot_agreement.unasked(hubspot, deal_id) == []
        done = [row for row in await ledger.of_deal(hubspot.world.store, deal_id) if row.kind == "create_task"]
        assert {row.state for row in done} == {LedgerState.RECORDED}, "a tool that knows our keys is asked again"
        assert len(await hubspot_agreement.tasks_of(hubspot, deal)) == len(done)
    assert len(await hubspot.account.objects("deals")) == len(people.deals)
