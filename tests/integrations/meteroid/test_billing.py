"""Meteroid bills contract terms once, and tells what becomes of them; an older server is read for that."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue, SecretStr

from dealwright.deal import Money
from dealwright.effects import CancelSubscription, ChangeSubscription, StartSubscription
from dealwright.subscription import Payer, TermBilled
from integrations.kit.delivery import Absent, Delivery, Found
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.mapping.events import events_from
from integrations.kit.simulator.process import RunningSimulator
from integrations.kit.usage import UsageRule
from integrations.meteroid.billing import MeteroidBilling
from integrations.meteroid.polling import MeteroidPolling
from integrations.meteroid.settings import MeteroidConnection, MeteroidPlan
from integrations.registry import shipped_mappings
from store import intake
from store.database import Store
from store.links import deal_of
from tests.simulators.forked import running_simulator
from tests.store.databases import migrated

TODAY = datetime(2026, 11, 1, 9, tzinfo=UTC)
TERMS = TermBilled(
    plan="growth", every="month", recurring=Money(amount=Decimal(12000), currency="EUR"),
    starts_on=date(2027, 1, 1), ends_on=date(2027, 12, 31), payment_days=30,
)  # fmt: skip


@pytest.fixture
async def meteroid() -> AsyncIterator[RunningSimulator]:
    async with running_simulator("integrations.meteroid.simulator") as running:
        yield running


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store.open(migrated(tmp_path))
    yield store
    await store.close()


@pytest.fixture
def connection(meteroid: RunningSimulator) -> MeteroidConnection:
    plans = {"growth": MeteroidPlan(plan="plan_1", component="price_1", one_off="prod_setup")}
    return MeteroidConnection(key=SecretStr("pv_sand_local"), base_url=meteroid.url, plans=plans)


@pytest.fixture
def billing(connection: MeteroidConnection, store: Store) -> MeteroidBilling:
    return MeteroidBilling(connection, store)


def start(number: int = 1, **terms: Any) -> StartSubscription:
    return StartSubscription(
        id=f"acme/billing/1/subscribe/{number}", at=TODAY, summary="", contract=str(number),
        terms=TERMS.model_copy(update=terms), payer=Payer(key="acme.example", name="Acme", email="ana@acme.example"),
    )  # fmt: skip


async def started(billing: MeteroidBilling, effect: StartSubscription) -> str:
    delivery = await billing.start("acme-2026", effect)
    reference = await delivery.send()
    assert delivery.arrived is not None
    await delivery.arrived(reference)
    return reference or ""


async def held(meteroid: RunningSimulator) -> Any:
    return await meteroid.state()


async def test_a_term_is_billed_as_it_was_signed(meteroid: RunningSimulator, billing: MeteroidBilling) -> None:
    await started(billing, start(one_off=Money(amount=Decimal(500), currency="EUR")))
    (made,) = (await held(meteroid))["subscriptions"].values()
    told, components = made["told"], made["told"]["price_components"]
    assert (told["start_date"], told["end_date"], told["net_terms"]) == ("2027-01-01", "2028-01-01", 30)
    (signed,), (once,) = components["overridden_components"], components["extra_components"]
    assert (signed["price_entry"]["cadence"], signed["price_entry"]["pricing"]["rate"]) == ("MONTHLY", "1000")
    assert once["price_entry"]["pricing"]["unit_price"] == "500"


async def test_two_terms_of_an_account_have_one_customer(meteroid: RunningSimulator, billing: MeteroidBilling) -> None:
    await started(billing, start())
    await started(billing, start(2, starts_on=date(2028, 1, 1), ends_on=date(2028, 12, 31)))
    state = await held(meteroid)
    assert (len(state["customers"]), len(state["subscriptions"])) == (1, 2)


async def test_a_lost_answer_is_found(meteroid: RunningSimulator, billing: MeteroidBilling) -> None:
    await meteroid.switch(lose_response=1, only="POST /api/v1/subscriptions")
    delivery = await billing.start("acme-2026", start())
    with pytest.raises(Unanswered):
        await delivery.send()
    assert delivery.find is not None
    assert isinstance(await delivery.find(), Found)


async def test_a_lost_call_is_not_found(meteroid: RunningSimulator, billing: MeteroidBilling) -> None:
    await meteroid.switch(lose_request=1, only="POST /api/v1/subscriptions")
    delivery = await billing.start("acme-2026", start())
    with pytest.raises(Unanswered):
        await delivery.send()
    assert delivery.find is not None
    assert await delivery.find() == Absent()


async def test_a_cancelled_term_ends_with_its_last_day(meteroid: RunningSimulator, billing: MeteroidBilling) -> None:
    subscription = await started(billing, start())
    await (await billing.cancel("acme-2026", cancel(subscription, date(2027, 6, 30)))).send()
    assert (await held(meteroid))["subscriptions"][subscription]["cancelled_from"] == "2027-07-01"


def cancel(subscription: str, ends_on: date) -> CancelSubscription:
    return CancelSubscription(
        id="acme/billing/1/cancel/9", at=TODAY, summary="", contract="1", subscription=subscription, ends_on=ends_on,
        reason="Too dear",
    )  # fmt: skip


async def made(delivery: Delivery) -> None:
    """A delivery that is known to have arrived."""
    reference = await delivery.send()
    assert delivery.arrived is not None
    await delivery.arrived(reference)


def changed(subscription: str, **terms: Any) -> ChangeSubscription:
    amended = TERMS.model_copy(update=terms)
    return ChangeSubscription(id="c", at=TODAY, summary="", contract="1", subscription=subscription, terms=amended)


async def test_an_amended_term_ends_earlier_and_is_due_after_other_days(
    meteroid: RunningSimulator, billing: MeteroidBilling
) -> None:
    subscription = await started(billing, start(one_off=Money(amount=Decimal(500), currency="EUR")))

    await made(await billing.change("acme-2026", changed(subscription, ends_on=date(2027, 9, 30), payment_days=60)))

    there = (await held(meteroid))["subscriptions"][subscription]
    assert (there["cancelled_from"], there["told"]["net_terms"]) == ("2027-10-01", 60)


async def test_other_days_to_pay_alone_cancel_nothing(meteroid: RunningSimulator, billing: MeteroidBilling) -> None:
    subscription = await started(billing, start())

    await made(await billing.change("acme-2026", changed(subscription, payment_days=14)))

    there = (await held(meteroid))["subscriptions"][subscription]
    assert (there["cancelled_from"], there["told"]["net_terms"]) == (None, 14)


async def test_a_term_whose_cancellation_was_taken_back_goes_on_to_its_end(
    meteroid: RunningSimulator, billing: MeteroidBilling
) -> None:
    subscription = await started(billing, start())
    await made(await billing.cancel("acme-2026", cancel(subscription, date(2027, 6, 30))))

    await made(await billing.change("acme-2026", changed(subscription)))

    assert (await held(meteroid))["subscriptions"][subscription]["cancelled_from"] == "2028-01-01"


async def test_a_cancellation_at_the_end_takes_the_place_of_an_earlier_one(
    meteroid: RunningSimulator, billing: MeteroidBilling
) -> None:
    subscription = await started(billing, start())
    await made(await billing.cancel("acme-2026", cancel(subscription, date(2027, 6, 30))))
    await made(await billing.cancel("acme-2026", cancel(subscription, TERMS.ends_on)))

    assert (await held(meteroid))["subscriptions"][subscription]["cancelled_from"] == "2028-01-01"


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        ({"recurring": Money(amount=Decimal(9000), currency="EUR")}, "its price by hand"),
        ({"recurring": Money(amount=Decimal(12000), currency="USD")}, "its price by hand"),
        ({"every": "year"}, "its price by hand"),
        ({"ends_on": date(2028, 3, 31)}, "its end to a later day by hand"),
    ],
)
async def test_what_its_api_cannot_change_is_asked_and_nothing_of_it_is_changed(
    meteroid: RunningSimulator, billing: MeteroidBilling, terms: dict[str, Any], says: str
) -> None:
    subscription = await started(billing, start())
    before = (await held(meteroid))["subscriptions"]

    with pytest.raises(Refused, match=says):
        await billing.change("acme-2026", changed(subscription, payment_days=60, **terms))
    assert (await held(meteroid))["subscriptions"] == before


async def test_a_subscription_that_has_ended_is_not_changed(
    meteroid: RunningSimulator, billing: MeteroidBilling
) -> None:
    subscription = await started(billing, start())
    await meteroid.change(do="end", subscription=subscription)

    for gone in (subscription, "sub_of_nobody"):
        with pytest.raises(Refused, match="it has ended"):
            await billing.change("acme-2026", changed(gone))


async def test_a_change_whose_answer_is_lost_is_made_again(
    meteroid: RunningSimulator, billing: MeteroidBilling
) -> None:
    subscription = await started(billing, start())
    effect = changed(subscription, ends_on=date(2027, 9, 30), payment_days=60)
    await meteroid.switch(lose_response=1, only="/cancel$")
    with pytest.raises(Unanswered):
        await (await billing.change("acme-2026", effect)).send()

    await made(await billing.change("acme-2026", effect))

    there = (await held(meteroid))["subscriptions"][subscription]
    assert (there["cancelled_from"], there["told"]["net_terms"]) == ("2027-10-01", 60)


async def test_a_plan_that_nobody_named_hands_nothing_over(billing: MeteroidBilling) -> None:
    with pytest.raises(NotHandedOver, match="under plans"):
        await billing.start("acme-2026", start(plan="other"))


async def test_invoices_find_the_deal_by_their_customer(
    meteroid: RunningSimulator, billing: MeteroidBilling, store: Store
) -> None:
    await started(billing, start())
    (customer,) = (await held(meteroid))["customers"]
    assert await deal_of(store, "meteroid", f"customer:{customer}") == "acme-2026"


async def test_an_older_server_is_read_for_what_is_over_and_tells_it_once(
    meteroid: RunningSimulator, billing: MeteroidBilling, connection: MeteroidConnection, store: Store
) -> None:
    await meteroid.change(do="downgrade")
    subscription = await started(billing, start())
    polling = MeteroidPolling(connection, store)
    before = await polling.poll(None)
    await meteroid.change(do="end", subscription=subscription)
    after = await polling.poll(before.cursor)
    again = await polling.poll(after.cursor)
    assert (before.events, again.events) == ((), ())
    (event,) = after.events
    assert (event.payload["change"], event.deal_ref) == ("ended", f"subscription:{subscription}")


@pytest.mark.parametrize("first", ["reading", "webhook"])
async def test_an_end_that_is_read_and_told_by_a_late_webhook_is_the_same_told_twice(
    meteroid: RunningSimulator, billing: MeteroidBilling, connection: MeteroidConnection, store: Store, first: str
) -> None:
    subscription = await started(billing, start())
    polling = MeteroidPolling(connection, store)
    before = await polling.poll(None)
    await meteroid.change(do="end", subscription=subscription)
    read = [one for one in (await polling.poll(before.cursor)).events if subscription in one.event_id]
    told: JsonValue = {
        "id": "evt_9", "type": "subscription.cancelled", "timestamp": "2026-11-01T08:00:00Z",
        "subscription_id": subscription, "customer_id": "cus_9",
    }  # fmt: skip
    webhook = events_from(shipped_mappings()["meteroid"].with_settings({}), [told], TODAY)
    one, other = (read, webhook) if first == "reading" else (webhook, read)

    await intake.add(store, one)

    assert [each.event_id for each in read] == [each.event_id for each in webhook]
    assert await intake.conflicting(store, other) == []
    assert await intake.add(store, other) == []


async def test_what_was_used_of_a_metric_is_told_as_health_to_the_subscriptions_deal(
    connection: MeteroidConnection, billing: MeteroidBilling, meteroid: RunningSimulator, store: Store
) -> None:
    begun = await billing.start("acme", start())
    subscription = await begun.send()
    assert begun.arrived is not None
    await begun.arrived(subscription)
    for value, on in ((30, "2026-10-20"), (10, "2026-10-31"), (500, "2026-11-01"), (500, "2026-09-01")):
        await meteroid.change(do="use", subscription=subscription, metric="bm_seats", value=value, on=on)
    metered = connection.model_copy(update={"usage": UsageRule(meter="bm_seats", full=Decimal(80))})
    polling = MeteroidPolling(metered, store, lambda: TODAY)

    polled = await polling.poll(None)
    again = await polling.poll(polled.cursor)
    well = [one.level for one in await polling.health()]
    await polling.close()

    (event,) = [one for one in polled.events if one.fact == "usage_reported"]
    assert (event.payload["health"], event.deal_ref) == (50, f"subscription:{subscription}")
    assert ([one for one in again.events if one.fact == "usage_reported"], well) == ([], ["ok", "ok"])


async def test_what_was_paid_is_read_once_meteroid_has_given_up_to_tell_it_under_the_id_of_its_webhook(
    meteroid: RunningSimulator, connection: MeteroidConnection, billing: MeteroidBilling, store: Store
) -> None:
    subscription, now = await started(billing, start()), datetime.now(UTC)
    hours = iter((0, 29, 31, 31.1))
    polling = MeteroidPolling(connection, store, lambda: now + timedelta(hours=next(hours)))
    before = await polling.poll(None)
    await meteroid.change(do="pay", subscription=subscription, total=120_050)
    early = await polling.poll(before.cursor)
    after = await polling.poll(early.cursor)
    again = await polling.poll(after.cursor)

    (paid,) = (await held(meteroid))["invoices"]
    assert (before.events, early.events) == ((), ())
    (event,) = after.events
    assert event.event_id == f"invoice.paid-{paid['id']}"
    assert {one.event_id for one in again.events} <= {one.event_id for one in after.events}  # which the intake knows
    assert (event.deal_ref, event.payload["amount"]) == (
        f"subscription:{subscription}", {"amount": "1200.50", "currency": "EUR"},
    )  # fmt: skip
    await polling.close()


async def test_what_was_paid_before_meteroid_was_first_read_is_told_to_nobody(
    meteroid: RunningSimulator, connection: MeteroidConnection, billing: MeteroidBilling, store: Store
) -> None:
    subscription = await started(billing, start())
    await meteroid.change(do="pay", subscription=subscription, total=100_000)
    first = datetime.now(UTC)
    moments = iter((first, first + timedelta(hours=40), first + timedelta(hours=50)))
    polling = MeteroidPolling(connection, store, lambda: next(moments))
    polled = await polling.poll(None)
    told = [*polled.events]
    for _ in range(2):
        polled = await polling.poll(polled.cursor)
        told += polled.events

    assert told == []
    await polling.close()


async def test_invoices_are_read_page_by_page(
    meteroid: RunningSimulator, connection: MeteroidConnection, billing: MeteroidBilling, store: Store
) -> None:
    subscription, now = await started(billing, start()), datetime.now(UTC)
    polled = await MeteroidPolling(connection, store, lambda: now).poll(None)
    for _ in range(101):
        await meteroid.change(do="pay", subscription=subscription, total=100)
    later, told = MeteroidPolling(connection, store, lambda: now + timedelta(hours=31)), list[str]()
    while True:
        polled = await later.poll(polled.cursor)
        told += [one.event_id for one in polled.events]
        if not polled.more:
            break

    assert len(told) == len({*told}) == 101
    await later.close()
