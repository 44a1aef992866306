"""(f) Begun, worked and lost in HubSpot; who gets it accepts it in Slack. Nobody who sells opens anything else."""

from __future__ import annotations

from collections import Counter

from demo.colleague import Colleague
from demo.director import Director
from demo.hubspot_people import ANA, HubSpotPeople
from demo.slack_people import SlackPeople

TOLD = Counter({"crm_task_completed": 1, "crm_stage_moved": 2, "crm_properties_changed": 1, "deal_lost": 1})
"""What the deal is to hear of HubSpot, by fact. Each thing comes once, however often its webhook does."""


async def tell(deal: Director) -> None:
    """Tell the story."""
    people = HubSpotPeople(deal.tools["hubspot"])
    record = deal.deal_id.rpartition("-")[2]
    await deal.see(lambda seen: seen.stage == "research", "HubSpot's webhook opened the deal")
    await people.complete(record, "Worth writing to?")
    await deal.stage("outreach")
    await people.edit("deals", record, dealstage="qualifiedtobuy")
    await deal.stage("discovery")
    await _give_to_ana(deal, people, record)
    await people.edit("deals", record, dealstage="presentationscheduled")
    await deal.stage("presentation")
    await people.edit("deals", record, dealstage="closedlost")
    await deal.end("lost")


async def _give_to_ana(deal: Director, people: HubSpotPeople, record: str) -> None:
    """Ana reads her work in Slack. She is given the deal in HubSpot, is asked in Slack to take it, and does."""
    ana = Colleague(deal.gateway_url, ANA.email)
    await ana.choose(channel="slack")
    await people.edit("deals", record, hubspot_owner_id=ANA.id)
    await ana.is_asked(deal.deal_id, "sdr-to-ae", "book_the_meeting")
    await deal.tell_people()
    await SlackPeople(deal.tools["slack"]).press(ANA.email, "Accept", about="sdr-to-ae")
    await deal.see(lambda seen: not seen.open_handoffs, "the press in Slack accepted the handoff")
