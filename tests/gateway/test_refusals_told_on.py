"""What a person refused in one deal reaches the other deals that know them, by the intake."""

from __future__ import annotations

from gateway.webhooks.dispatch import Dispatcher
from store import channel_wishes, intake, journal
from store.database import Store
from tests.gateway.fake_deals import FakeDealClient
from tests.store.samples import entered, fact, opened


async def test_a_refusal_is_told_to_the_other_deal_once(store: Store) -> None:
    deals = await FakeDealClient.make()
    refusal = fact(3, "channel_refused", id="f1", variant="call", addresses=["ada@acme.test"])
    async with store.writing() as connection:
        await journal.write(store, connection, "acme-2", (opened("acme-2"), entered(2)))
        await journal.write(store, connection, "acme-1", (opened(), entered(2), refusal))

    dispatcher = Dispatcher(store, deals, frozenset({channel_wishes.SOURCE}))
    await dispatcher.run_round()
    await dispatcher.run_round()

    assert deals.told_to("acme-2") == ["other-deals:acme-1/3"]
    assert [row.state for row in await intake.recent(store)] == ["dispatched"]
