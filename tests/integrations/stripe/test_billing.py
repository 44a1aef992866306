"""Stripe bills contract terms: once, exactly what was signed, and not told back as news."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue, SecretStr

from dealwright.deal import Money
from dealwright.effects import CancelSubscription, ChangeSubscription, StartSubscription
from dealwright.subscription import Payer, TermBilled
from integrations.kit.delivery import Absent, Found
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.simulator.process import RunningSimulator
from integrations.stripe.billing import StripeBilling
from integrations.stripe.changes import changes_of
from integrations.stripe.settings import StripeConnection, StripePlan
from store.database import Store
from store.links import deal_of
from tests.simulators.forked import running_simulator
from tests.store.databases import migrated

TODAY = datetime(2026, 11, 1, 9, tzinfo=UTC)
TERMS = TermBilled(
    plan="growth", every="year", recurring=Money(amount=Decimal(12000), currency="EUR"),
    starts_on=date(2027, 1, 1), ends_on=date(2027, 12, 31), payment_days=30,
)  # fmt: skip


@pytest.fixture
async def stripe() -> AsyncIterator[RunningSimulator]:
    async with running_simulator("integrations.stripe.simulator") as made:
        await made.change(do="advance", to=TODAY.replace(tzinfo=None).isoformat())
        yield made


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store.open(migrated(tmp_path))
    yield store
    await store.close()


@pytest.fixture
def billing(stripe: RunningSimulator, store: Store) -> StripeBilling:
    plans = {"growth": StripePlan(product="prod_growth", one_off="prod_setup")}
    connection = StripeConnection(key=SecretStr("rk_test_local"), base_url=stripe.url, plans=plans)
    return StripeBilling(connection, store)


def start(number: int = 1, **terms: Any) -> StartSubscription:
    return StartSubscription(
        id=f"acme/billing/1/subscribe/{number}", at=TODAY, summary="", contract=str(number),
        terms=TERMS.model_copy(update=terms), payer=Payer(key="acme.example", name="Acme", email="ana@acme.example"),
    )  # fmt: skip


def cancel(subscription: str, ends_on: date | None) -> CancelSubscription:
    return CancelSubscription(
        id="acme/billing/1/cancel/9", at=TODAY, summary="", contract="1", subscription=subscription, ends_on=ends_on,
        reason="Too dear",
    )  # fmt: skip


async def started(billing: StripeBilling, effect: StartSubscription) -> str:
    delivery = await billing.start("acme-2026", effect)
    reference = await delivery.send()
    assert delivery.arrived is not None
    await delivery.arrived(reference)
    return reference or ""


async def held(stripe: RunningSimulator) -> Any:
    """What the account holds."""
    return await stripe.state()


async def invoices(stripe: RunningSimulator) -> list[int]:
    return [one["amount"] for one in (await held(stripe))["invoices"].values()]


async def test_a_term_is_billed_in_all_what_was_signed(stripe: RunningSimulator, billing: StripeBilling) -> None:
    await started(billing, start())
    assert await invoices(stripe) == []
    await stripe.change(do="advance", to="2028-06-01")
    assert await invoices(stripe) == [1_200_000]
    (subscription,) = (await held(stripe))["subscriptions"].values()
    assert subscription["status"] == "canceled"


async def test_a_term_that_has_begun_is_billed_from_its_first_day(
    stripe: RunningSimulator, billing: StripeBilling
) -> None:
    await started(billing, start(every="month", starts_on=date(2026, 9, 15), ends_on=date(2027, 9, 14)))
    await stripe.change(do="advance", to="2028-01-01")
    billed = await invoices(stripe)
    assert (billed[0], sum(billed)) == (200_000, 1_200_000)


async def test_what_comes_once_is_on_the_first_invoice(stripe: RunningSimulator, billing: StripeBilling) -> None:
    term: dict[str, Any] = {"starts_on": date(2026, 11, 1), "ends_on": date(2028, 10, 31)}
    await started(billing, start(one_off=Money(amount=Decimal(500), currency="EUR"), **term))
    await stripe.change(do="advance", to="2029-01-01")
    assert await invoices(stripe) == [1_250_000, 1_200_000]


async def test_two_terms_of_an_account_have_one_customer(stripe: RunningSimulator, billing: StripeBilling) -> None:
    await started(billing, start())
    await started(billing, start(2, starts_on=date(2028, 1, 1), ends_on=date(2028, 12, 31)))
    state = await held(stripe)
    assert (len(state["customers"]), len(state["subscriptions"])) == (1, 2)
    await stripe.change(do="advance", to="2029-06-01")
    assert await invoices(stripe) == [1_200_000, 1_200_000]


async def test_a_lost_answer_is_found_and_the_call_made_again_makes_nothing(
    stripe: RunningSimulator, billing: StripeBilling
) -> None:
    await stripe.switch(lose_response=1, only="POST /v1/subscriptions")
    delivery = await billing.start("acme-2026", start())
    with pytest.raises(Unanswered):
        await delivery.send()
    assert delivery.find is not None
    found = await delivery.find()
    assert isinstance(found, Found)
    assert await delivery.send() == found.reference
    assert len((await held(stripe))["subscriptions"]) == 1


async def test_a_lost_call_is_not_found(stripe: RunningSimulator, billing: StripeBilling) -> None:
    await stripe.switch(lose_request=1, only="POST /v1/subscriptions")
    delivery = await billing.start("acme-2026", start())
    with pytest.raises(Unanswered):
        await delivery.send()
    assert delivery.find is not None
    assert await delivery.find() == Absent()


async def test_a_spent_quota_hands_nothing_over(stripe: RunningSimulator, billing: StripeBilling) -> None:
    await stripe.switch(quota_spent=1)
    with pytest.raises(NotHandedOver):
        await (await billing.start("acme-2026", start())).send()


async def test_a_plan_that_nobody_named_hands_nothing_over(billing: StripeBilling) -> None:
    with pytest.raises(NotHandedOver, match="under plans"):
        await billing.start("acme-2026", start(plan="other"))


async def test_an_amended_term_is_billed_so_from_its_next_invoice_on(
    stripe: RunningSimulator, billing: StripeBilling
) -> None:
    subscription = await started(billing, start(every="month"))
    await stripe.change(do="advance", to="2027-03-15")
    terms = start(every="month", recurring=Money(amount=Decimal(24000), currency="EUR")).terms
    effect = ChangeSubscription(
        id="acme/billing/1/change/7", at=TODAY, summary="", contract="1", subscription=subscription, terms=terms
    )
    await (await billing.change("acme-2026", effect)).send()
    await stripe.change(do="advance", to="2028-03-01")
    assert await invoices(stripe) == [100_000] * 3 + [200_000] * 9


async def test_a_cancelled_term_is_billed_to_its_last_day_and_no_longer(
    stripe: RunningSimulator, billing: StripeBilling
) -> None:
    subscription = await started(billing, start(every="month"))
    await (await billing.cancel("acme-2026", cancel(subscription, date(2027, 6, 30)))).send()
    await stripe.change(do="advance", to="2028-03-01")
    assert await invoices(stripe) == [100_000] * 6


async def test_what_has_ended_already_is_no_error(stripe: RunningSimulator, billing: StripeBilling) -> None:
    subscription = await started(billing, start())
    for _ in range(2):
        assert await (await billing.cancel("acme-2026", cancel(subscription, None))).send() == subscription
    await stripe.change(do="advance", to="2028-03-01")
    assert await invoices(stripe) == []


async def test_what_has_ended_is_not_changed(billing: StripeBilling) -> None:
    subscription = await started(billing, start())
    await (await billing.cancel("acme-2026", cancel(subscription, None))).send()
    effect = ChangeSubscription(id="c", at=TODAY, summary="", contract="1", subscription=subscription, terms=TERMS)
    with pytest.raises(Refused, match="has ended"):
        await billing.change("acme-2026", effect)


async def test_what_we_did_is_not_told_back_and_what_follows_finds_the_deal(
    stripe: RunningSimulator, billing: StripeBilling, store: Store
) -> None:
    subscription = await started(billing, start())
    await stripe.change(do="advance", to="2027-01-02")
    changes = [change for event in (await held(stripe))["events"] for change in changes_of(event)]
    assert [change["change"] for change in changes] == ["own", "nothing", "paid"]
    assert changes[-1]["deal"] == "acme-2026"
    assert await deal_of(store, "stripe", f"subscription:{subscription}") == "acme-2026"


def test_a_credit_note_and_a_refund_are_told() -> None:
    note: dict[str, JsonValue] = {
        "id": "cn_1",
        "customer": "cus_1",
        "invoice": "in_1",
        "total": 5000,
        "currency": "eur",
    }
    refund: dict[str, JsonValue] = {"id": "re_1", "amount": 700, "currency": "jpy", "charge": "ch_1", "metadata": {}}
    (credited,) = changes_of({"id": "e1", "created": 1, "type": "credit_note.created", "data": {"object": note}})
    (refunded,) = changes_of({"id": "e2", "created": 1, "type": "refund.created", "data": {"object": refund}})
    assert (credited["object"], credited["amount"]) == ("customer:cus_1", {"amount": "50.00", "currency": "EUR"})
    assert refunded["amount"] == {"amount": "700", "currency": "JPY"}
