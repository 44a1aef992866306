"""Records that somebody merged in a CRM: the links move, and deals that both run hear of each other."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dealwright.client.checked_fact import CheckedFact
from dealwright.facts import Fact
from gateway.webhooks.delivery import Delivery
from store import intake
from store.database import Store
from store.intake import Event, IntakeState
from tests.gateway.fake_deals import FakeDealClient

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


class Deals(FakeDealClient):
    """Deals that remember what they were told."""

    heard: dict[str, object]

    async def record(self, deal_id: str, fact: Fact | CheckedFact) -> str:
        self.heard[deal_id] = CheckedFact.of(fact).payload.get("deal")
        return await super().record(deal_id, fact)


@pytest.fixture
async def deals() -> Deals:
    deals = await Deals.make()
    deals.heard = {}
    return deals


async def merge(store: Store, deals: Deals, **links: str) -> IntakeState:
    """Record 1 takes in record 2, where these deals are linked to them."""
    for record, deal_id in links.items():
        await intake.link(store, "hubspot", f"deal:{record[-1]}", deal_id)
    payload = {"id": "hubspot:m1", "merged": ["deal:2"]}
    event = Event(
        source="hubspot", event_id="m1", deal_ref="deal:1", fact="crm_deal_merged", payload=payload, received_at=NOW
    )
    await intake.add(store, [event])
    (row,) = await intake.recent(store)
    state, _ = await Delivery(store, deals, frozenset()).deliver(row)
    return state


async def deals_of_records(store: Store) -> list[str | None]:
    return [await intake.linked_deal(store, "hubspot", record) for record in ("deal:1", "deal:2")]


async def test_of_two_deals_that_run_each_hears_of_the_other(store: Store, deals: Deals) -> None:
    deals.there = {"acme", "acme-again"}
    assert await merge(store, deals, r1="acme", r2="acme-again") == IntakeState.DISPATCHED
    assert deals.heard == {"acme": "acme-again", "acme-again": "acme"}
    assert await deals_of_records(store) == ["acme", "acme"]


async def test_a_deal_whose_record_went_into_another_one_keeps_that(store: Store, deals: Deals) -> None:
    deals.there = {"acme"}
    assert await merge(store, deals, r2="acme") == IntakeState.DISPATCHED
    assert deals.heard == {"acme": None}
    assert await deals_of_records(store) == ["acme", "acme"]


async def test_the_deal_that_still_runs_has_the_record(store: Store, deals: Deals) -> None:
    deals.there = {"acme-again"}
    await merge(store, deals, r1="acme", r2="acme-again")
    assert deals.heard == {"acme-again": None}
    assert await deals_of_records(store) == ["acme-again", "acme-again"]


async def test_records_of_no_deal_wait_for_a_link(store: Store, deals: Deals) -> None:
    assert await merge(store, deals) == IntakeState.UNMATCHED
