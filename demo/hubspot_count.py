"""Counts what stands in HubSpot after the demo, beside what the ledger and the deals' stories say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.kit.simulator.process import RunningSimulator
from store import journal, ledger
from store.database import Store

_SOURCE = "hubspot"


@dataclass
class HubSpotCount:
    """What was counted; ``faults`` is empty when both sides agree."""

    deals: int = 0
    tasks: int = 0
    calls: int = 0
    told: int = 0
    """Things that people did there, and deals took."""
    faults: list[str] = field(default_factory=list)


async def count_hubspot(
    account: RunningSimulator, store: Store, deal_ids: Sequence[str], done_there: Mapping[str, Counter[str]]
) -> HubSpotCount:
    """Compare. ``done_there`` is what people did in HubSpot, by deal and fact: what a deal hears beyond is an echo."""
    state: Any = await account.state()
    objects = state["objects"]
    counted = HubSpotCount(len(objects["deals"]), len(objects["tasks"]), len(await account.calls()))
    made = Counter(
        (kind, _known_by(kind, one["properties"]))
        for kind, ones in objects.items()
        for one in ones.values()
        if one["properties"]["hs_object_source"] == "INTEGRATION"
    )
    counted.faults += [f"HubSpot: {times} of {kind} {key}" for (kind, key), times in made.items() if times > 1]
    keys = [key for kind, key in made if kind == "tasks"]
    for deal_id in deal_ids:
        await _count_tasks(store, deal_id, keys, counted)
        await _count_facts(store, deal_id, done_there.get(deal_id, Counter()), counted)
    return counted


def _known_by(kind: str, properties: Mapping[str, str]) -> str:
    """By what there may be only one of it: our key; of a contact its address, where it has one."""
    by = "email" if kind == "contacts" and properties.get("email") else "dealwright_key"
    return properties.get(by, "")


async def _count_tasks(store: Store, deal_id: str, keys: Sequence[str], counted: HubSpotCount) -> None:
    rows = [row for row in await ledger.of_deal(store, deal_id) if row.kind == "create_task"]
    asked = sum(row.result is not None and row.result.status == "done" for row in rows)
    there = sum(key.startswith(f"task:{deal_id}/") for key in keys)
    if asked != there:
        counted.faults.append(f"{deal_id}: {asked} tasks in the ledger, {there} in HubSpot")


async def _count_facts(store: Store, deal_id: str, done_there: Counter[str], counted: HubSpotCount) -> None:
    rows = [row.entry for row in await journal.story(store, deal_id) if row.kind == "fact_taken"]
    # What HubSpot tells of a deal's beginning is in the deal already.
    told = Counter(str(one["fact"]) for one in rows if one.get("source") == _SOURCE and not one.get("late"))
    counted.told += told.total()
    if told != done_there:
        counted.faults.append(f"{deal_id}: heard {dict(told)} from HubSpot, where people did {dict(done_there)}")
