"""A contract from its approval to its signature, in DocuSign: what was granted is what is signed, and nothing twice."""

from __future__ import annotations

import pytest

from dealwright.facts import DealLost, DiscountRequested, LeadQualified
from tests.faults.docusign_world import DocuSignWorld

pytestmark = pytest.mark.server
DAYS = ("2027-04-01", "2028-03-31")


async def test_a_contract_from_its_approval_to_its_signature(docusign: DocuSignWorld) -> None:
    deal = await docusign.begin()
    await docusign.tell(deal, DiscountRequested, percent=20)
    approval = await docusign.asked(deal)
    await docusign.tell(deal, LeadQualified, level="sql")
    await docusign.quiet()
    assert await docusign.envelopes() == []  # nobody has granted the discount

    await docusign.simulator.switch(only="POST .*/envelopes$", lose_response=1)
    await docusign.approve(deal, approval)
    first = await docusign.out(1)
    assert first["signers"][0]["tabs"]["discount"] == "20"
    await docusign.quiet()

    await _what_connect_holds_back_is_drained(docusign, deal, str(first["id"]))

    await docusign.tell(deal, DiscountRequested, percent=25)
    better = await docusign.asked(deal)
    await docusign.quiet()
    assert [one["status"] for one in await docusign.envelopes()] == ["delivered"]  # the old one, until it is granted
    await docusign.simulator.switch(only="PUT .*/envelopes/[^/]+$", lose_response=1)
    await docusign.approve(deal, better)
    second = await docusign.out(2)
    await docusign.simulator.switch(duplicate=-1)
    await docusign.simulator.change(do="view", envelope=second["id"])
    await docusign.simulator.change(do="sign", envelope=second["id"])
    await docusign.see(deal, "a customer", lambda seen: seen.stage == "customer")
    await docusign.look_now("docusign")
    await docusign.quiet()

    await _books_agree(docusign, deal, str(first["id"]), str(second["id"]))


async def test_a_deal_that_is_lost_takes_its_contract_back_although_the_worker_dies(docusign: DocuSignWorld) -> None:
    deal, envelope = await _contract_that_is_out(docusign)
    await docusign.simulator.switch(only="PUT .*/envelopes/[^/]+$", slow=2)

    await docusign.tell(deal, DealLost, reason="They chose another one")
    await docusign.until("the call that voids it", lambda: docusign.is_called("^PUT .*/envelopes/[^/]+$", times=2))
    await docusign.kill("worker")
    await docusign.simulator.switch(slow=0)
    await docusign.quiet()

    (one,) = await docusign.envelopes()
    assert (one["id"], one["status"], one["sendings"]) == (envelope, "voided", 1)
    assert await docusign.not_told() == {}


async def test_a_buyer_who_was_faster_has_signed_and_a_person_is_asked(docusign: DocuSignWorld) -> None:
    deal, envelope = await _contract_that_is_out(docusign)
    await docusign.simulator.switch(hold=True)  # the signature comes late
    await docusign.simulator.change(do="sign", envelope=envelope)

    await docusign.tell(deal, DealLost, reason="They chose another one")
    await docusign.settled_badly(deal, "withdraw_document")

    (one,) = await docusign.envelopes()
    assert (one["status"], one["voided_reason"]) == ("completed", None)


async def _contract_that_is_out(docusign: DocuSignWorld) -> tuple[str, str]:
    deal = await docusign.begin()
    await docusign.tell(deal, DiscountRequested, percent=5)  # which needs nobody's yes
    await docusign.tell(deal, LeadQualified, level="sql")
    envelope = await docusign.out(1)
    await docusign.quiet()
    return deal, str(envelope["id"])


async def _what_connect_holds_back_is_drained(docusign: DocuSignWorld, deal: str, envelope: str) -> None:
    """The gateway is away when the buyer looks: Connect sends nothing more for a day, unless it is asked to."""
    docusign.gateway.kill()
    await docusign.gateway.ended()
    await docusign.simulator.change(do="view", envelope=envelope)
    refused = docusign.simulator

    async def tried() -> bool:
        return (await refused.webhooks()).attempts[-1].status is None

    await docusign.until("an attempt of Connect's", tried)
    await docusign.start("gateway")
    held = await docusign.held_back()
    await docusign.look_now("docusign")

    async def drained() -> bool:
        return not await docusign.held_back()

    await docusign.until("an empty queue", drained)
    await docusign.told(deal, "contract_opened")
    assert held > 0
    assert [call.status for call in await docusign.simulator.calls("^PUT .*/retry_queue$")] == [200]


async def _books_agree(docusign: DocuSignWorld, deal: str, first: str, second: str) -> None:
    old, new = await docusign.envelopes()
    assert [(one["id"], one["status"], one["sendings"]) for one in (old, new)] == [
        (first, "voided", 1), (second, "completed", 1),
    ]  # fmt: skip
    assert (new["signers"][0]["tabs"]["discount"], docusign.days(new), new["expires_after"]) == ("25", DAYS, "P30D")
    (signed,) = await docusign.facts(deal, "contract_signed")
    assert signed.no_news is None
    assert len(await docusign.facts(deal, "contract_opened")) == 2  # one of each version
    assert [one.variant for one in await docusign.facts(deal, "contract_withdrawn")] == ["replaced"]
    assert await docusign.not_told() == {}
    assert (await docusign.world.deals.snapshot(deal)).attention == {}
