"""Deals on a real server that a pool shares out, and what reassigning and closing them does to the count."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from dealwright.commands import Close, Reassign
from dealwright.deal import Person
from store import assignments, bundles
from tests.temporal_environment import wait_until
from tests.workflows.world import World

pytestmark = pytest.mark.server

RULES = """
playbook: shared
roles: {rep: {}, boss: {}}
calendar: {hours: "Mon-Sun 00:00-24:00"}
pools:
  reps:
    members:
      - {name: Ana, email: ana@seller.example, weight: 2}
      - {name: Ben, email: ben@seller.example}
stages:
  - name: selling
    owner: rep
    plays: [{name: share, on: entered, steps: [{assign: rep, from: reps}, {task: call, due: 1d}]}]
"""
BEN = "ben@seller.example"


async def holder(world: World, deal_id: str) -> str | None:
    seen = await world.see(deal_id, lambda deal: any(task.name == "call" for task in deal.open_tasks))
    return seen.owner


async def load(world: World) -> dict[str, int]:
    async with world.store.reading() as connection:
        return await assignments.loads(connection)


async def test_deals_are_shared_out_by_weight_and_count_for_whoever_has_them(world: World) -> None:
    await bundles.publish(world.store, "shared", {"playbook.yaml": RULES}, by="the test")
    deals = await asyncio.gather(*(world.open("shared") for _ in range(6)))
    assert Counter([await holder(world, deal_id) for deal_id in deals]) == {"Ana": 4, "Ben": 2}

    of_ana = [deal_id for deal_id in deals if await holder(world, deal_id) == "Ana"]
    given = Reassign(by="Bo", why="knows them", role="rep", to=Person(name="Ben", email=BEN))
    await world.deals.command(of_ana[0], given)
    await world.deals.command(of_ana[1], Close(by="Bo", why="no budget", outcome="lost"))

    async def counted() -> bool:
        return await load(world) == {"ana@seller.example": 2, BEN: 3}

    await wait_until(counted)
