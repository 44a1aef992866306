"""Deals that people drive from Salesforce alone, with Salesforce and the installation's own processes failing."""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest

from dealwright.views.snapshot import Snapshot
from store import intake
from store.intake import IntakeState
from tests.faults.salesforce_world import ANA, SAM, SalesforceWorld
from tests.faults.tool_world import Fault

pytestmark = pytest.mark.server


async def test_one_life_driven_by_salesforce_alone(salesforce: SalesforceWorld) -> None:
    opportunity, deal_id = await salesforce.begin(Amount=12000, OwnerId=salesforce.users[SAM])
    opened = await salesforce.see(
        deal_id, "the deal as Salesforce has it",
        lambda seen: bool(seen.amount and seen.owner),
    )  # fmt: skip
    assert (opened.title, opened.owner, str(opened.amount)) == ("Acme", "Sam", "12,000.00 EUR")

    research = await salesforce.task(opportunity, "Worth writing to?")
    assert research["OwnerId"] == salesforce.users[SAM]
    await salesforce.edit("Task", research["Id"], Status="Completed")
    await salesforce.see(deal_id, "outreach", lambda seen: seen.stage == "outreach")
    await salesforce.task(opportunity)  # the next one is on the list

    await salesforce.edit("Opportunity", opportunity, StageName="Needs Analysis")
    await salesforce.see(deal_id, "discovery", lambda seen: seen.stage == "discovery")
    edits = {"OwnerId": salesforce.users[ANA], "Amount": 15000, "Name": "Acme, 3 years", "CloseDate": "2027-06-30"}
    await salesforce.edit("Opportunity", opportunity, **edits)
    await salesforce.see(
        deal_id, "the new owner, amount and name",
        lambda seen: (str(seen.amount), seen.title, seen.owner) == ("15,000.00 EUR", "Acme, 3 years", "Ana"),
    )  # fmt: skip
    await salesforce.edit("Opportunity", opportunity, StageName="Closed Won")
    await salesforce.see(deal_id, "the won deal", lambda seen: seen.stage in {"close", "customer"})
    await salesforce.quiet()

    there = (await salesforce.records("Opportunity"))[opportunity]
    assert {name: there[name] for name in edits} == edits
    assert (there["StageName"], there["Dealwright_Deal__c"]) == ("Closed Won", deal_id)
    moved = await salesforce.facts(deal_id, "crm_stage_moved")
    assert len(moved) <= 3, moved  # the stage that it was made in is told as well
    assert len(await salesforce.facts(deal_id, "crm_task_completed")) == 1
    await _both_sides_agree(salesforce, opportunity, deal_id)


async def _both_sides_agree(salesforce: SalesforceWorld, opportunity: str, deal_id: str) -> None:
    """What people have to do is the same here and there; nothing was made twice, and nothing told twice."""
    seen = await salesforce.world.deals.snapshot(deal_id)
    tasks = [one for one in (await salesforce.records("Task")).values() if one["WhatId"] == opportunity]
    keys = [one["Dealwright_Effect__c"] for one in tasks]
    assert len(keys) == len(set(keys))
    assert {one["Dealwright_Effect__c"] for one in tasks if not one["IsClosed"]} == {
        task.id for task in seen.open_tasks
    }
    told = [row.event_id for row in await intake.recent(salesforce.world.store) if row.state is IntakeState.DISPATCHED]
    assert len(told) == len(set(told))


def _has_amount(text: str) -> Callable[[Snapshot], bool]:
    return lambda seen: str(seen.amount) == text


FAULTS: tuple[Fault, ...] = (
    {"duplicate": -1, "reorder": True},
    {"unacknowledged": 3},
    {"lose_response": 2},
    {"bad_gateway": 2},
    {"lose_request": 2},
    {"server_error": 2},
    {"locked_rows": 2},
    {"expire_token": 1},
    {"delay": 0.5},
)
CALM: Fault = {
    "duplicate": 0, "reorder": False, "unacknowledged": 0, "lose_response": 0, "bad_gateway": 0, "lose_request": 0,
    "server_error": 0, "locked_rows": 0, "expire_token": 0, "delay": 0,
}  # fmt: skip


@pytest.mark.skipif("DEALWRIGHT_TOOL_LIVES" not in os.environ, reason="DEALWRIGHT_TOOL_LIVES=1 lives these")
async def test_whatever_fails_nothing_is_lost_and_nothing_comes_twice(salesforce: SalesforceWorld) -> None:
    """Each fault once, or ``DEALWRIGHT_SALESFORCE_ROUNDS`` at random (``DEALWRIGHT_SEED``), and processes killed."""
    rounds = int(os.environ.get("DEALWRIGHT_SALESFORCE_ROUNDS", "0"))
    chance = random.Random(os.environ.get("DEALWRIGHT_SEED", "1"))
    faults = [chance.choice(FAULTS) for _ in range(rounds)] or list(FAULTS)
    opportunity, deal_id = await salesforce.begin(OwnerId=salesforce.users[SAM])
    await salesforce.task(opportunity)
    deals = {opportunity: deal_id}
    for number, fault in enumerate(faults, 1):
        if "locked_rows" not in fault:
            await salesforce.simulator.switch(**fault)
        await salesforce.edit("Opportunity", opportunity, Amount=1000 + number)
        other, other_id = await salesforce.begin(Name=f"Deal {number}", Amount=1000 + number)
        if "locked_rows" in fault:  # for the people there as well
            await salesforce.simulator.switch(**fault)
        deals[other] = other_id
        if number % 3 == 0:
            await salesforce.kill(chance.choice(["worker", "gateway"]))
        await salesforce.see(deal_id, f"{fault}", _has_amount(f"1,{number:03}.00 EUR"))
        await salesforce.task(other)
        await salesforce.simulator.switch(**CALM)
    await salesforce.quiet()

    there = await salesforce.records("Opportunity")
    assert set(there) == set(deals)
    for other, other_id in deals.items():
        seen = await salesforce.world.deals.snapshot(other_id)
        assert seen.amount is not None
        assert there[other]["Amount"] == seen.amount.amount
        await _both_sides_agree(salesforce, other, other_id)
