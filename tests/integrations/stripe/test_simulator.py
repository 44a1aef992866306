"""Stripe on this machine: its webhooks, its events read beside them, and its webhook endpoint."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from integrations.kit.errors import NotHandedOver
from integrations.kit.proof.request import InvalidSignature, WebhookRequest
from integrations.kit.proof.schemes import verifier_for
from integrations.kit.simulator.process import RunningSimulator
from integrations.registry import shipped_mappings
from integrations.stripe.inbound import StripeWebhooks
from integrations.stripe.polling import StripePolling
from integrations.stripe.settings import StripeConnection
from local.webhook_receiver import WebhookReceiver, webhook_receiver
from store.database import Store
from store.intake import Event, IntakeState
from tests.integrations.stripe.webhooks import source, told
from tests.simulators.forked import running_simulator
from tests.store.databases import migrated

SECRET = "whsec_local_simulator"


@pytest.fixture
async def receiver() -> AsyncIterator[WebhookReceiver]:
    async with webhook_receiver() as receiving:
        yield receiving


@pytest.fixture
async def stripe(receiver: WebhookReceiver) -> AsyncIterator[RunningSimulator]:
    async with running_simulator("integrations.stripe.simulator", target=receiver.url) as running:
        await running.switch(hold=True)
        yield running


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store.open(migrated(tmp_path))
    yield store
    await store.close()


class Account:
    """A Stripe account as a reader sees it. ``minutes`` is how far its clock is ahead."""

    def __init__(self, stripe: RunningSimulator, connection: StripeConnection, store: Store) -> None:
        self.stripe, self.minutes, self.cursor = stripe, 0, ""
        self.polling = StripePolling(connection, store, self.now)

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(minutes=self.minutes)

    async def read(self) -> list[Event]:
        """What is new to a reader that looks for the first time after ten minutes."""
        self.minutes += 10
        found: list[Event] = []
        more = True
        while more:
            page = await self.polling.poll(self.cursor or None)
            found, more, self.cursor = [*found, *page.events], page.more, page.cursor
        return found


@pytest.fixture
async def account(stripe: RunningSimulator, store: Store) -> AsyncIterator[Account]:
    example = await stripe.connection()
    secrets = {"key": SecretStr(example.secrets["key"]), "webhook_secrets": [SecretStr(SECRET)]}
    reader = Account(stripe, StripeConnection.model_validate({**example.block, **secrets}), store)
    reader.minutes -= 10
    await reader.read()
    yield reader
    await reader.polling.close()


async def subscribe(stripe: RunningSimulator, **about: object) -> str:
    made: Any = await stripe.change(do="subscribe", metadata={"dealwright_deal": "acme"}, **about)
    return str(made["id"])


async def a_life(stripe: RunningSimulator) -> None:
    """A subscription from its first payment to its end."""
    made = await subscribe(stripe, unit_amount=4900, currency="eur")
    await stripe.change(do="change", subscription=made, quantity=5)
    await stripe.change(do="renew", subscription=made, declined=True)
    await stripe.change(do="pay", subscription=made)
    await stripe.change(do="cancel", subscription=made, comment="Too dear")
    await stripe.change(do="renew", subscription=made)


LIFE = [
    ("subscription_changed", "started"), ("invoice_paid", None), ("subscription_changed", "upgraded"),
    ("payment_failed", None), ("invoice_paid", None), ("subscription_changed", "other"),
    ("subscription_changed", "ended"),
]  # fmt: skip


def facts(events: list[Event]) -> list[tuple[str, str | None]]:
    """What deals are told, the oldest first."""
    waiting = [one for one in events if one.state is IntakeState.WAITING]
    return [(one.fact, told(one).get("change")) for one in waiting]


async def test_a_subscriptions_life_is_told_by_webhooks_that_prove_where_they_come_from(
    stripe: RunningSimulator, receiver: WebhookReceiver, store: Store
) -> None:
    await a_life(stripe)
    await stripe.deliver()
    verifier = verifier_for("stripe", shipped_mappings()["stripe"].auth, [SECRET])
    stranger = verifier_for("stripe", shipped_mappings()["stripe"].auth, ["whsec_another"])
    heard: list[Event] = []
    for headers, body in receiver.requests:
        came = WebhookRequest("POST", receiver.url, headers, body)
        await verifier.check(came, datetime.now(UTC))
        with pytest.raises(InvalidSignature):
            await stranger.check(came, datetime.now(UTC))
        for late in (timedelta(minutes=6), timedelta(minutes=-6)):
            with pytest.raises(InvalidSignature):
                await verifier.check(came, datetime.now(UTC) + late)
        heard += (await StripeWebhooks(None)(came, source(), store)).events
    assert facts(heard) == LIFE
    assert {one.deal_ref for one in heard} == {"acme"}


async def test_what_webhooks_did_not_bring_is_read_under_the_same_ids(
    stripe: RunningSimulator, account: Account, receiver: WebhookReceiver, store: Store
) -> None:
    await a_life(stripe)
    await stripe.deliver()
    brought = [
        event.event_id
        for headers, body in receiver.requests
        for event in (
            await StripeWebhooks(None)(WebhookRequest("POST", receiver.url, headers, body), source(), store)
        ).events
    ]
    found = await account.read()
    assert sorted(one.event_id for one in found) == sorted(brought)
    assert sorted(facts(found), key=str) == sorted(LIFE, key=str)


async def test_more_events_than_a_page_has_are_all_read_and_once_unless_they_are_young(
    stripe: RunningSimulator, account: Account
) -> None:
    made = await subscribe(stripe)
    for quantity in range(2, 122):
        await stripe.change(do="change", subscription=made, quantity=quantity)
    found = await account.read()
    assert len({one.event_id for one in found}) == len(found) == 122
    assert await account.read() == []


async def test_nothing_from_before_the_account_was_first_read_is_told(stripe: RunningSimulator, store: Store) -> None:
    await a_life(stripe)
    example = await stripe.connection()
    connection = StripeConnection.model_validate({**example.block, "key": SecretStr(example.secrets["key"]),
                                                  "webhook_secrets": []})  # fmt: skip
    late = Account(stripe, connection, store)
    late.minutes = 20
    assert await late.read() == []
    assert await late.read() == []
    await late.polling.close()


async def test_an_event_that_cannot_be_read_keeps_no_other_from_being_read(
    stripe: RunningSimulator, account: Account
) -> None:
    await stripe.change(do="tell", type="invoice.paid", object={"object": "invoice", "id": "in_of_a_later_version"})
    await subscribe(stripe)
    found = await account.read()
    assert facts(found) == [("invoice_paid", None), ("subscription_changed", "started")]
    assert [one.state for one in found].count(IntakeState.SKIPPED) == 1


@pytest.mark.parametrize("fault", ["server_error", "quota_spent", "expire_token", "lose_request"])
async def test_what_cannot_be_read_now_is_read_later(stripe: RunningSimulator, account: Account, fault: str) -> None:
    await subscribe(stripe)
    await stripe.switch(**{fault: 1})
    with pytest.raises(NotHandedOver):
        await account.read()


async def test_an_endpoint_that_stripe_switched_off_is_switched_on_again(
    stripe: RunningSimulator, account: Account
) -> None:
    assert {one.level for one in await account.polling.health()} == {"ok"}
    assert await account.polling.repair() == []
    await stripe.change(do="disable_endpoint")
    assert [one.level for one in await account.polling.health()] == ["ok", "problem"]
    assert [one.level for one in await account.polling.repair()] == ["ok"]
    assert {one.level for one in await account.polling.health()} == {"ok"}


async def test_each_attempt_at_a_webhook_is_signed_anew(stripe: RunningSimulator, receiver: WebhookReceiver) -> None:
    receiver.answers = [500]
    made: Any = await stripe.change(do="subscribe")
    await stripe.switch(clock_skew=90)
    await stripe.deliver()
    await stripe.deliver()
    bodies = [json.loads(body)["data"]["object"]["id"] for _, body in receiver.requests]
    assert bodies.count(made["id"]) == 2
