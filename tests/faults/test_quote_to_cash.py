"""From a discount to the last invoice: what was granted and signed is billed in Stripe, and nothing twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from dealwright.facts import ContractRenewed, ContractSigned, DiscountRequested, UsageReported
from tests.faults.paper_world import PaperWorld
from tests.faults.stripe_world import PAYS, StripeWorld
from tests.faults.tool_world import a_tool_world
from tests.faults.world import World

pytestmark = pytest.mark.server
_DAY = timedelta(days=1)


async def test_from_a_discount_to_the_last_invoice(stripe: StripeWorld) -> None:
    deal = await stripe.begin()
    starts = (await stripe.world.now(deal)).date() + 10 * _DAY
    renews = starts.replace(year=starts.year + 1)
    over = starts.replace(year=starts.year + 2)

    await stripe.tell(deal, DiscountRequested, percent=20)
    approval = await stripe.asked(deal)
    first = {"starts_on": starts, "ends_on": renews - _DAY, "value": {"amount": 9600, "currency": "EUR"}}
    await stripe.tell(deal, ContractSigned, term=1, **first)
    await stripe.see(deal, "a customer", lambda seen: seen.stage == "customer")
    await stripe.quiet()
    assert await stripe.subscriptions(0) == []  # the discount is granted by nobody yet
    await stripe.approve(deal, approval)
    (sold,) = await stripe.subscriptions(1)
    await stripe.tell(deal, ContractSigned, term=1, **first)  # by a second tool

    await stripe.pass_days_until(deal, starts)
    await stripe.paid(deal, 1)
    await stripe.tell(deal, UsageReported, health=80)
    await stripe.see(deal, "how it is used", lambda seen: seen.health == 80)

    await stripe.pass_days_until(deal, renews - 30 * _DAY)
    second = {"starts_on": renews, "ends_on": over - _DAY, "value": {"amount": 10800, "currency": "EUR"}}
    await stripe.simulator.switch(duplicate=4)
    await stripe.tell(deal, DiscountRequested, percent=10)  # which needs nobody's yes
    await stripe.tell(deal, ContractRenewed, term=2, **second)
    _, renewed = await stripe.subscriptions(2)
    await stripe.pass_days_until(deal, over + 40 * _DAY)
    await stripe.paid(deal, 2)
    await stripe.quiet()

    story = await stripe.journal(deal)
    told = [one for one in story if one.get("fact") == "invoice_paid"]
    books = await stripe.invoices()
    assert [(one["subscription"], one["amount"], one["paid"]) for one in books] == [
        (sold["id"], 960_000, True), (renewed["id"], 1_080_000, True),
    ]  # fmt: skip
    assert len(told) == len(books)
    assert [one["status"] for one in await stripe.subscriptions(2)] == ["canceled", "canceled"]
    assert [one["email"] for one in await stripe.customers()] == [PAYS]
    done = [str(one["does"]) for one in story if one["kind"] == "effect_started"]
    assert [one for one in done if "subscription" in one] == ["start_subscription"] * 2
    assert (await stripe.world.deals.snapshot(deal)).attention == {}


@pytest.fixture(params=["pandadoc", "docusign"])
async def papers(request: pytest.FixtureRequest, own_world: World, tmp_path: Path) -> AsyncIterator[PaperWorld]:
    """An installation with its worker and gateway, that bills in Stripe what is signed in a tool for documents."""
    async with a_tool_world(PaperWorld, own_world, tmp_path, "stripe", request.param) as lived:
        yield lived


async def test_nobody_is_asked_for_an_amount_from_a_discount_to_the_renewal(papers: PaperWorld) -> None:
    deal = await papers.begin()
    starts = (await papers.world.now(deal)).date() + 10 * _DAY
    renews = starts.replace(year=starts.year + 1)
    over = starts.replace(year=starts.year + 2)

    await papers.wants(deal, 9600, 20, starts)
    await papers.approve(deal, await papers.asked(deal))
    await papers.sign(deal, 1, "proposal_accepted")
    await papers.sign(deal, 2, "contract_signed")
    (sold,) = await papers.subscriptions(1)
    await papers.pass_days_until(deal, starts)
    await papers.paid(deal, 1)
    await papers.tell(deal, UsageReported, health=80)
    await papers.see(deal, "how it is used", lambda seen: seen.health == 80)

    await papers.pass_days_until(deal, renews - 30 * _DAY)
    await papers.wants(deal, 10800, 10, renews)  # which needs nobody's yes
    await papers.sign(deal, 3, "contract_renewed")
    _, renewed = await papers.subscriptions(2)
    await papers.pass_days_until(deal, over + 40 * _DAY)
    await papers.paid(deal, 2)
    await papers.quiet()

    story = await papers.journal(deal)
    books = await papers.invoices()
    signed = [one for one in story if one.get("fact") in {"contract_signed", "contract_renewed"}]
    assert [(one["fact"], one["source"], one.get("no_news")) for one in signed] == [
        ("contract_signed", papers.tool, None), ("contract_renewed", papers.tool, None),
    ]  # fmt: skip
    assert [(one["subscription"], one["amount"], one["paid"]) for one in books] == [
        (sold["id"], 960_000, True), (renewed["id"], 1_080_000, True),
    ]  # fmt: skip
    assert "settle_billing" not in {one.get("name") for one in story}
    assert not [one for one in story if one["kind"] == "attention_asked" and one.get("point") == "billing"]
    assert (await papers.world.deals.snapshot(deal)).attention == {}
