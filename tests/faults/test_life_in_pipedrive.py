"""A deal that people drive from Pipedrive alone, with the installation's own processes."""

from __future__ import annotations

import pytest

from integrations.pipedrive.marks import mark_in, mark_of
from tests.faults.pipedrive_world import PipedriveWorld
from tests.integrations.pipedrive.company import ANA, SAM

pytestmark = pytest.mark.server


async def test_one_life_driven_by_pipedrive_alone(pipedrive: PipedriveWorld) -> None:
    company = pipedrive.company
    ada = await company.create("person", name="Ada Berg", emails=[{"value": "ada@buyer.example", "primary": True}])
    deal = await company.create("deal", title="Acme", value=12000, owner_id=SAM[1], person_id=ada)
    deal_id = f"pipedrive-{deal}"

    opened = await pipedrive.see(deal_id, "the deal as Pipedrive has it", lambda seen: seen.owner == "Sam Holt")
    assert (opened.title, str(opened.amount)) == ("Acme", "12,000.00 EUR")
    research = await pipedrive.task(deal, "Worth writing to?")
    assert research["values"]["owner_id"] == SAM[1]
    await company.update("activity", research["id"], done=True)
    await pipedrive.see(deal_id, "outreach", lambda seen: seen.stage == "outreach")
    await pipedrive.task(deal)  # the next one is on the list

    await company.update("deal", deal, stage_id=2)
    await pipedrive.see(deal_id, "discovery", lambda seen: seen.stage == "discovery")
    await company.update("deal", deal, owner_id=ANA[1], value=15000, title="Acme, 3 years")
    await pipedrive.see(
        deal_id,
        "the new owner, amount and name",
        lambda seen: (seen.owner, str(seen.amount), seen.title) == ("Ana Reyes", "15,000.00 EUR", "Acme, 3 years"),
    )
    await company.update("deal", deal, stage_id=3)
    await pipedrive.see(deal_id, "presentation", lambda seen: seen.stage == "presentation")
    await company.update("deal", deal, status="won")
    won = await pipedrive.see(deal_id, "the won deal", lambda seen: seen.stage in {"close", "customer"})
    await pipedrive.quiet()

    there = await company.get("deal", deal)
    assert (there["status"], there["value"], there["title"]) == ("won", 15000, "Acme, 3 years")
    assert (there["owner_id"], str(won.amount)) == (ANA[1], "15,000.00 EUR")
    assert len(await company.records("deal")) == 1
    assert len(await pipedrive.facts(deal_id, "crm_stage_moved")) == 3
    assert len(await pipedrive.facts(deal_id, "crm_task_completed")) == 1
    await _lists_agree(pipedrive, deal, deal_id)


async def _lists_agree(pipedrive: PipedriveWorld, deal: int, deal_id: str) -> None:
    """What people have to do is the same here and there, and nothing stands on a list twice."""
    seen = await pipedrive.world.deals.snapshot(deal_id)
    tasks = await pipedrive.company.records("activity", deal_id=deal)
    marks = [mark_in(one["values"]["note"]) for one in tasks]
    assert len(marks) == len(set(marks))
    still_open = {mark_in(one["values"]["note"]) for one in tasks if not one["values"]["done"]}
    assert still_open == {mark_of(task.id) for task in seen.open_tasks}
