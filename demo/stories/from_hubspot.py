"""(f) Begun, worked and lost in HubSpot alone: nobody who sells opens anything else."""

from __future__ import annotations

from collections import Counter

from demo.director import Director
from demo.hubspot_people import HubSpotPeople

TOLD = Counter({"crm_task_completed": 1, "crm_stage_moved": 2, "deal_lost": 1})
"""What the deal is to hear of all that, by fact. Each thing comes once, however often its webhook does."""


async def tell(deal: Director) -> None:
    """Tell the story."""
    people = HubSpotPeople(deal.tools["hubspot"])
    record = deal.deal_id.rpartition("-")[2]
    await deal.see(lambda seen: seen.stage == "research", "HubSpot's webhook opened the deal")
    await people.complete(record, "Worth writing to?")
    await deal.stage("outreach")
    for theirs, ours in (("qualifiedtobuy", "discovery"), ("presentationscheduled", "presentation")):
        await people.edit("deals", record, dealstage=theirs)
        await deal.stage(ours)
    await people.edit("deals", record, dealstage="closedlost")
    await deal.end("lost")
