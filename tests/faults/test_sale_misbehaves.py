"""Deals that are sold through Stripe, PandaDoc, Twilio and Gong, while these misbehave and our processes are killed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import pytest

from store import ledger
from store.ledger import LedgerState
from tests.faults.misbehaviour import CALM, FAULTS, IN_TOOL_LIVES
from tests.faults.sale_world import TOOLS, SaleWorld, phone
from tests.faults.tool_world import Fault, a_tool_world
from tests.faults.world import World

pytestmark = IN_TOOL_LIVES


@pytest.fixture
async def sale(own_world: World, tmp_path: Path) -> AsyncIterator[SaleWorld]:
    """An installation with its worker and gateway, connected to all four tools."""
    async with a_tool_world(SaleWorld, own_world, tmp_path, *TOOLS) as lived:
        yield lived


async def sell(sale: SaleWorld, number: int, fault: Fault, starts_on: date) -> str:
    """A deal from its first text message to its subscription, while something goes wrong and a process is killed."""
    killed: Literal["worker", "gateway"] = "worker" if number % 2 else "gateway"
    await sale.misbehave(fault)
    deal = await sale.begin(number)
    await sale.kill(killed)  # while text message and document are on their way
    await sale.text_is_settled(deal, number)
    document = await sale.document(deal)
    await sale.simulators["twilio"].change(do="text", **{"from": phone(number)}, body="Thank you")
    await sale.simulators["pandadoc"].change(do="view", document=document["id"])
    await sale.simulators["pandadoc"].change(do="sign", document=document["id"])
    await sale.kill("gateway" if killed == "worker" else "worker")  # while webhooks are on their way
    record = {"emails": [f"ada@buyer-{number}.example"], "steps": ["Send the price list"]}
    await sale.simulators["gong"].change(do="record", title="Discovery", minutes=2, minutes_ago=0, **record)
    await sale.sign(deal, starts_on)
    await sale.kill(killed)  # while the subscription is started
    if "drop" in fault:
        await sale.until("the end of all webhooks", sale.nothing_is_sent)
        await sale.misbehave({"drop": 0})
    await sale.look()
    for fact in ("reply_received", "proposal_accepted", "next_step_suggested"):
        await sale.has(deal, fact)
    await sale.misbehave(CALM)
    return deal


async def test_whatever_fails_each_deal_is_sold_and_billed_once(sale: SaleWorld) -> None:
    await sale.look()  # what tools held before is told to nobody
    await sale.quiet()
    starts_on = date.today() + timedelta(days=10)  # noqa: DTZ011 - any day soon
    deals = {number: await sell(sale, number, fault, starts_on) for number, fault in enumerate(FAULTS, 1)}

    async def all_subscribed() -> bool:
        return all([await sale.billed("subscriptions", deal) for deal in deals.values()])

    await sale.until("subscriptions", all_subscribed)
    await sale.quiet()
    await sale.simulators["stripe"].switch(duplicate=-1, reorder=True)
    await sale.pass_days_until(starts_on, *deals.values())
    for deal in deals.values():
        await sale.has(deal, "invoice_paid")
    await sale.look()
    await sale.quiet()

    assert await sale.not_told() == {}
    assert await sale.under_way() == {}
    for number, deal in deals.items():
        await _books_agree(sale, number, deal)


async def _books_agree(sale: SaleWorld, number: int, deal: str) -> None:
    rows = await ledger.of_deal(sale.world.store, deal)
    done = [row.kind for row in rows if row.result is not None and row.result.status == "done"]
    assert LedgerState.UNCERTAIN not in {row.state for row in rows}
    assert len(await sale.texts(number, "outbound-api")) == done.count("send_sms")
    assert [(one["status"], one["sendings"]) for one in await sale.documents(deal)] == [("document.completed", 1)]
    assert done.count("send_document") == 1
    assert len(await sale.billed("subscriptions", deal)) == done.count("start_subscription") == 1
    assert [(one["amount"], one["paid"]) for one in await sale.billed("invoices", deal)] == [(960_000, True)]
    once = ("reply_received", "proposal_opened", "proposal_accepted", "conversation_recorded", "next_step_suggested",
            "contract_signed", "invoice_paid")  # fmt: skip
    assert {name: len(await sale.facts(deal, name)) for name in once} == dict.fromkeys(once, 1)
    assert (await sale.world.deals.snapshot(deal)).uncertain_touches == ()
