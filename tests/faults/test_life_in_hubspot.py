"""A deal that people drive from HubSpot alone, with the installation's own processes."""

from __future__ import annotations

import pytest

from store import intake
from store.intake import IntakeState
from tests.faults.hubspot_agreement import differences, made_twice
from tests.faults.hubspot_world import HubSpotWorld
from tests.integrations.hubspot.account import ANA, SAM

pytestmark = pytest.mark.server


async def test_one_life_driven_by_hubspot_alone(hubspot: HubSpotWorld) -> None:
    account = hubspot.account
    ada = await account.create("contacts", email="ada@buyer.example", firstname="Ada", lastname="Berg")
    deal, deal_id = await hubspot.begin(dealname="Acme", amount="12000", hubspot_owner_id=SAM[1])
    await account.simulator.change(do="associate", type="deals", id=deal, to={"contacts": ada})

    opened = await hubspot.see(
        deal_id, "the deal as HubSpot has it", lambda seen: seen.amount is not None and seen.owner == "Sam Holt"
    )
    assert (opened.title, str(opened.amount)) == ("Acme", "12,000.00 EUR")

    async def ada_is_known() -> bool:
        return bool(await hubspot.facts(deal_id, "contacts_learned"))

    await hubspot.until("the contact", ada_is_known)
    research = await hubspot.task(deal, "Worth writing to?")
    assert research["properties"]["hubspot_owner_id"] == SAM[1]
    await hubspot.complete(deal, "Worth writing to?")
    await hubspot.see(deal_id, "outreach", lambda seen: seen.stage == "outreach")
    await hubspot.task(deal)  # the next one is on the list

    await account.update("deals", deal, dealstage="qualifiedtobuy")
    await hubspot.see(deal_id, "discovery", lambda seen: seen.stage == "discovery")
    await account.update("deals", deal, hubspot_owner_id=ANA[1], amount="15000", dealname="Acme, 3 years")
    await hubspot.see(
        deal_id,
        "the new owner, amount and name",
        lambda seen: (seen.owner, str(seen.amount), seen.title) == ("Ana Reyes", "15,000.00 EUR", "Acme, 3 years"),
    )
    await account.update("deals", deal, dealstage="presentationscheduled")
    await hubspot.see(deal_id, "presentation", lambda seen: seen.stage == "presentation")
    await account.update("deals", deal, dealstage="closedwon")
    won = await hubspot.see(deal_id, "the won deal", lambda seen: seen.stage in {"close", "customer"})
    await hubspot.quiet()

    there = (await account.the("deals", hs_object_id=deal))["properties"]
    assert (there["dealstage"], there["amount"], there["dealname"]) == ("closedwon", "15000", "Acme, 3 years")
    assert there["hubspot_owner_id"] == ANA[1]
    assert str(won.amount) == "15,000.00 EUR"
    await _nothing_came_back(hubspot, deal_id, moves=3)
    assert await differences(hubspot, deal, deal_id) == []
    assert await made_twice(hubspot) == []


async def _nothing_came_back(hubspot: HubSpotWorld, deal_id: str, *, moves: int) -> None:
    """Each move that a person made was told once, and nothing that was written from here."""
    moved = await hubspot.facts(deal_id, "crm_stage_moved")
    assert len(moved) <= moves + 1, moved  # the stage that it was created in is told as well
    completed = await hubspot.facts(deal_id, "crm_task_completed")
    assert len(completed) == 1
    told = [row.event_id for row in await intake.recent(hubspot.world.store) if row.state is IntakeState.DISPATCHED]
    assert len(told) == len(set(told))
