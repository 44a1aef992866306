"""Documents in DocuSign and Qwilr, while these misbehave and our processes are killed."""

from __future__ import annotations

from dealwright.facts import CrmPropertiesChanged, DemoHeld, DiscountRequested, LeadQualified
from store import ledger
from store.ledger import LedgerState
from tests.faults.docusign_world import DocuSignWorld
from tests.faults.misbehaviour import IN_TOOL_LIVES, Turn, whatever_fails
from tests.faults.qwilr_world import QwilrWorld
from tests.faults.tool_world import ToolWorld

pytestmark = IN_TOOL_LIVES


async def test_whatever_fails_each_contract_is_out_once_and_signed_once(docusign: DocuSignWorld) -> None:
    async def sell(turn: Turn) -> str:
        """Out for signature, for other terms meanwhile, and signed while nobody hears it."""
        deal = await docusign.begin()
        await docusign.tell(deal, DiscountRequested, id="d-1", percent=5)
        await docusign.tell(deal, LeadQualified, id="q-1", level="sql")
        await docusign.kill(turn.first)  # while the contract is sent
        await docusign.stand(deal, "sent")
        await docusign.drained()
        await docusign.tell(deal, DiscountRequested, id="d-2", percent=8)
        await docusign.kill("worker")  # while it is taken back, or the next one is sent
        *_, envelope = await docusign.stand(deal, "voided", "sent")
        await docusign.drained()
        async with docusign.gateway_away():
            await docusign.simulator.change(do="view", envelope=envelope["id"])
            await docusign.simulator.change(do="sign", envelope=envelope["id"])
        return deal

    deals = await whatever_fails(docusign, sell)
    for deal in deals:
        await docusign.has(deal, "contract_signed", reading=True)
    await docusign.drained()

    for deal in deals:
        old, new = await docusign.stand(deal, "voided", "completed")
        assert [(one["sendings"], one["signers"][0]["tabs"]["discount"]) for one in (old, new)] == [(1, "5"), (1, "8")]
        told = ("contract_sent", "contract_withdrawn", "contract_signed")
        assert [len(await docusign.facts(deal, fact)) for fact in told] == [2, 1, 1]
    await _nothing_is_left_over(docusign, *deals)


async def test_whatever_fails_each_page_is_made_once_and_accepted_once(qwilr: QwilrWorld) -> None:
    async def offer(turn: Turn) -> str:
        """Offered, offered for another amount, and accepted while nobody hears it."""
        deal = await qwilr.begin()
        await qwilr.tell(deal, DiscountRequested, id="d-1", percent=5)
        await qwilr.tell(deal, DemoHeld, id="h-1")
        await qwilr.kill(turn.first)  # while the page is made
        await qwilr.pages(deal, 1, "live")
        await qwilr.letters_are_settled(deal, 1)
        await qwilr.tell(deal, CrmPropertiesChanged, id="a-1", amount={"amount": 8000, "currency": "EUR"})
        await qwilr.kill(turn.then)  # while it is closed, or the next one is made
        *_, page = await qwilr.pages(deal, 2, "disabled", "live")
        await qwilr.letters_are_settled(deal, 2)
        async with qwilr.gateway_away():
            await qwilr.simulator.change(do="view", page=page["id"])
            await qwilr.simulator.change(do="accept", page=page["id"])
        return deal

    deals = await whatever_fails(qwilr, offer)
    for deal in deals:
        await qwilr.has(deal, "proposal_accepted", reading=True)
    await qwilr.quiet()

    for deal in deals:
        old, new = await qwilr.pages(deal, 2, "disabled", "accepted")
        assert [one["substitutions"]["amount"] for one in (old, new)] == ["9000 EUR", "8000 EUR"]
        assert [one.document for one in await qwilr.facts(deal, "proposal_accepted")] == [new["id"]]
        assert [len(await qwilr.facts(deal, fact)) for fact in ("proposal_sent", "proposal_withdrawn")] == [2, 1]
    await _nothing_is_left_over(qwilr, *deals)


async def _nothing_is_left_over(world: ToolWorld, *deals: str) -> None:
    """Nothing waits, was done twice, or asks for anybody."""
    for deal in deals:
        rows = [row for row in await ledger.of_deal(world.world.store, deal) if row.kind.endswith("_document")]
        assert {row.state for row in rows} == {LedgerState.RECORDED}
        assert [row.kind for row in rows if row.result and row.result.status == "done"].count("send_document") == 2
        assert (await world.world.deals.snapshot(deal)).attention == {}
    assert await world.not_told() == {}
    assert await world.under_way() == {}
