"""Events that name no deal find it by the people who take part, if only one can be meant."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dealwright.deal import Contact, Deal
from dealwright.entries import DealOpened
from gateway.webhooks.delivery import Delivery
from store import intake, journal, links
from store.database import Store
from store.intake import Event, IntakeRow, IntakeState
from tests.gateway.fake_deals import FakeDealClient

NOW = datetime(2026, 11, 26, tzinfo=UTC)
ANA, MEETING = "ana@buyer.example", "meeting:m1"


@pytest.fixture
async def deals() -> FakeDealClient:
    return await FakeDealClient.make()


async def open_deal(store: Store, deal_id: str, address: str = ANA) -> None:
    deal = Deal(id=deal_id, contacts=(Contact(id="c", name="Ana", email=address),))
    entry = DealOpened.model_validate({"at": NOW, "number": 1, "deal": deal, "playbook": "p", "bundle": "b"})
    async with store.writing() as connection:
        await journal.write(store, connection, deal_id, [entry], "r1")


async def booked(store: Store, event_id: str = "e1", contacts: tuple[str, ...] = (ANA,)) -> IntakeRow:
    payload = {"id": event_id, "at": NOW.isoformat(), "starts_at": "2026-12-01T10:00:00Z", "meeting": "m1"}
    event = Event(
        source="calendly", event_id=event_id, deal_ref=MEETING, fact="meeting_booked", payload=payload,
        received_at=NOW, contacts=contacts,
    )  # fmt: skip
    (row,) = await intake.add(store, [event])
    return row


@pytest.mark.parametrize("named_by_id", [frozenset[str](), frozenset({"calendly"})])
async def test_the_one_deal_that_knows_who_booked_is_told_and_keeps_the_meeting(
    store: Store, deals: FakeDealClient, named_by_id: frozenset[str]
) -> None:
    delivery = Delivery(store, deals, named_by_id)
    await open_deal(store, "acme")
    await open_deal(store, "other", "eve@other.example")
    assert await delivery.deliver(await booked(store)) == (IntakeState.DISPATCHED, None)
    assert await links.deal_of(store, "calendly", MEETING) == "acme"
    assert (await delivery.deliver(await booked(store, "e2", ())))[0] is IntakeState.DISPATCHED
    assert deals.told_to("acme") == ["e1", "e2"]


async def test_where_two_deals_know_them_a_person_says_which(store: Store, deals: FakeDealClient) -> None:
    for deal_id in ("acme", "acme-renewal"):
        await open_deal(store, deal_id)
    row = await booked(store)
    state, reason = await Delivery(store, deals, frozenset({"calendly"})).deliver(row)
    assert (state, deals.told) == (IntakeState.UNMATCHED, [])
    assert "known to acme, acme-renewal" in (reason or "")
    await links.link(store, "calendly", MEETING, "acme-renewal")
    await Delivery(store, deals, frozenset()).deliver(row)
    assert deals.told_to("acme-renewal") == ["e1"]


async def test_a_booking_of_somebody_unknown_is_tried_again_and_finds_the_deal_that_is_opened_later(
    store: Store, deals: FakeDealClient
) -> None:
    row, delivery = await booked(store), Delivery(store, deals, frozenset())
    state, reason = await delivery.deliver(row)
    assert (state, "known to no open deal" in (reason or "")) == (IntakeState.UNMATCHED, True)
    await intake.mark(store, row.id, IntakeState.UNMATCHED, at=NOW, not_before=NOW)
    (again,) = await intake.unmatched_due(store, frozenset(), 10, NOW)
    await open_deal(store, "acme")
    assert (await delivery.deliver(again))[0] is IntakeState.DISPATCHED
    assert deals.told_to("acme") == ["e1"]
