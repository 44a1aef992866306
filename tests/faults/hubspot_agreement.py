"""What holds between a HubSpot account and an installation once all is at rest, whatever failed before."""

from __future__ import annotations

from collections import Counter
from typing import Any

from store import ledger
from store.ledger import LedgerState
from tests.faults.hubspot_world import HubSpotWorld


async def differences(hubspot: HubSpotWorld, hubspot_deal: str, deal_id: str) -> list[str]:
    """Where a deal and its record in HubSpot differ: name, amount, stage, and the tasks that are open."""
    seen = await hubspot.world.deals.snapshot(deal_id)
    there = (await hubspot.account.the("deals", hs_object_id=hubspot_deal))["properties"]
    stages: Any = (await hubspot.simulator.connection()).block["stages"]
    tasks = await tasks_of(hubspot, hubspot_deal)
    here = {
        "name": seen.title, "amount": seen.amount and str(seen.amount.amount), "stage": stages.get(seen.stage),
        "tasks": sorted(f"task:{task.id}" for task in seen.open_tasks),
    }  # fmt: skip
    open_there = sorted(one["dealwright_key"] for one in tasks if one["hs_task_status"] != "COMPLETED")
    shown = {
        "name": there["dealname"], "amount": there.get("amount"), "stage": there["dealstage"], "tasks": open_there,
    }  # fmt: skip
    return [
        f"{deal_id}, {what}: {here[what]} here, {shown[what]} in HubSpot" for what in here if here[what] != shown[what]
    ]


async def tasks_of(hubspot: HubSpotWorld, hubspot_deal: str) -> list[dict[str, str]]:
    """The properties of all tasks that are on a HubSpot deal."""
    on_deal = set(await hubspot.account.associated("deals", hubspot_deal, "tasks"))
    return [one["properties"] for one in await hubspot.account.objects("tasks") if one["id"] in on_deal]


async def made_twice(hubspot: HubSpotWorld) -> list[tuple[str, str]]:
    """Kinds and keys of what was made more than once in HubSpot, and of what was made without a key."""
    state: Any = await hubspot.simulator.state()
    made = Counter(
        (kind, str(one["properties"].get("dealwright_key", "")))
        for kind, objects in state["objects"].items()
        for one in objects.values()
        if one["properties"]["hs_object_source"] == "INTEGRATION"
    )
    return [what for what, times in made.items() if times > 1 or not what[1]]


async def unasked(hubspot: HubSpotWorld, deal_id: str) -> list[str]:
    """Effects of which nobody knows whether they arrived, and about which nobody is asked."""
    seen = await hubspot.world.deals.snapshot(deal_id)
    rows = await ledger.of_deal(hubspot.world.store, deal_id)
    uncertain = {row.effect_id for row in rows if row.state is LedgerState.UNCERTAIN}
    return sorted(
        id_ for id_ in uncertain if id_ not in seen.uncertain_touches or f"effect:{id_}" not in seen.attention
    )
