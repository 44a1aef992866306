"""A proposal in Qwilr from its approval to the buyer's answer: one page for each version, one link for each page."""

from __future__ import annotations

import pytest

from dealwright.facts import CrmPropertiesChanged, DemoHeld, DiscountRequested
from tests.faults.qwilr_world import QwilrWorld

pytestmark = pytest.mark.server


async def test_a_proposal_from_its_approval_to_the_buyers_answer(qwilr: QwilrWorld) -> None:
    deal = await qwilr.begin()
    await qwilr.tell(deal, DiscountRequested, percent=20)
    await qwilr.tell(deal, DemoHeld)
    await qwilr.quiet()
    assert await qwilr.pages(deal, 0) == []  # nobody has granted the discount yet
    await qwilr.simulator.switch(only="POST /v1/pages$", lose_response=1)

    await qwilr.approve(deal)
    (first,) = await qwilr.pages(deal, 1, "live")
    await qwilr.links_in_letters(deal, 1)
    await qwilr.simulator.switch(duplicate=2)
    await qwilr.simulator.change(do="view", page=first["id"])
    await qwilr.told(deal, "proposal_opened")

    await qwilr.tell(deal, CrmPropertiesChanged, amount={"amount": 8000, "currency": "EUR"})
    _, second = await qwilr.pages(deal, 2, "disabled", "live")
    links = await qwilr.links_in_letters(deal, 2)
    await qwilr.quiet()  # of a message that was just handed over, a killed worker could not say so
    await qwilr.kill("worker")
    await qwilr.simulator.change(do="accept", page=second["id"])
    await qwilr.told(deal, "proposal_accepted")
    await qwilr.look_now("qwilr")
    await qwilr.quiet()

    seen = await qwilr.world.deals.snapshot(deal)
    pages = await qwilr.pages(deal, 2, "disabled", "accepted")
    assert [one["substitutions"]["amount"] for one in pages] == ["9000 EUR", "8000 EUR"]
    assert [one["settings"] for one in pages] == [1, 1]
    assert [link.endswith(one["id"][:12]) for link, one in zip(links, pages, strict=True)] == [True, True]
    assert [one.document for one in await qwilr.facts(deal, "proposal_accepted")] == [second["id"]]
    assert len(await qwilr.facts(deal, "proposal_sent")) == 2
    assert seen.attention == {}


async def test_a_page_that_expires_in_silence_is_found_by_reading(qwilr: QwilrWorld) -> None:
    deal = await qwilr.begin()
    await qwilr.tell(deal, DiscountRequested, percent=5)
    await qwilr.tell(deal, DemoHeld)
    (page,) = await qwilr.pages(deal, 1, "live")
    await qwilr.links_in_letters(deal, 1)
    await qwilr.look_now("qwilr")
    await qwilr.quiet()

    await qwilr.simulator.change(do="expire", page=page["id"])
    await qwilr.look_now("qwilr")
    await qwilr.told(deal, "proposal_expired")
    await qwilr.quiet()

    assert len(await qwilr.facts(deal, "proposal_expired")) == 1
    assert await qwilr.facts(deal, "proposal_declined") == []
