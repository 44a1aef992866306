"""An opt-out counts at once, though it cannot reach its deal."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest

from dealwright.client.errors import NoSuchDeal, TemporalAway
from dealwright.deal import Contact, Deal
from dealwright.entries import DealOpened
from gateway.webhooks.dispatch import Dispatcher
from store import api_keys, intake, journal, suppression
from store.api_keys import NewKey
from store.database import Store
from store.intake import Event
from tests.gateway.conftest import StartGateway
from tests.gateway.fake_deals import FakeDealClient

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
ADDRESS = "ana@buyer.example"
FACTS = {
    "opted_out": {"address": "Ana <Ana@Buyer.example>"},
    "email_bounced": {"address": ADDRESS, "kind": "hard"},
}


class Unknown(FakeDealClient):
    """Deals of which none is known."""

    async def record(self, deal_id: str, fact: object) -> str:  # noqa: ARG002 - the client's own
        raise NoSuchDeal(deal_id)


async def away() -> FakeDealClient:
    deals = await FakeDealClient.make()
    deals.away = True
    return deals


async def one_out_of_reach() -> FakeDealClient:
    deals = await FakeDealClient.make()
    deals.out_of_reach = {"d"}
    return deals


WAYS = [away, one_out_of_reach, Unknown.make]


@pytest.mark.parametrize("fact", FACTS)
@pytest.mark.parametrize("make", WAYS)
async def test_told_over_http_it_suppresses_the_address_and_the_answer_says_so(
    start_gateway: StartGateway, store: Store, make: object, fact: str
) -> None:
    gateway = await start_gateway(await make())  # type: ignore[operator] # makes deals
    answer = await gateway.post(f"/v1/deals/d/facts/{fact}", json={"id": "f1", **FACTS[fact]})
    assert answer.status_code in (404, 503)
    assert f"{ADDRESS} gets no more marketing" in answer.json()["detail"].lower()
    assert await suppression.suppressed(store, ADDRESS) is not None


async def test_who_may_not_read_deals_is_told_no_address_that_they_did_not_name(
    start_gateway: StartGateway, store: Store
) -> None:
    contact = Contact(id="ana", name="Ana", email=ADDRESS)
    async with store.writing() as connection:
        opening = DealOpened(at=NOW, number=1, deal=Deal(id="d", contacts=(contact,)), playbook="p", bundle="b")
        await journal.write(store, connection, "d", [opening])
    gateway = await start_gateway(await away())
    wanted = NewKey.model_validate({"name": "crm-sync", "scopes": ["tell"]})
    headers = {"X-API-Key": (await api_keys.create(store, wanted, by="the test", now=datetime.now(UTC))).key}
    path = "/v1/deals/d/facts/opted_out"
    hidden = (await gateway.post(path, json={"contact": "ana"}, headers=headers)).json()["detail"]
    named = (await gateway.post(path, json={"address": ADDRESS}, headers=headers)).json()["detail"]
    assert ADDRESS not in hidden
    assert "Their address gets no more marketing" in hidden
    assert f"{ADDRESS} gets no more marketing" in named


@pytest.mark.parametrize("source", ["standard", "hubspot"])
@pytest.mark.parametrize("fact", FACTS)
@pytest.mark.parametrize("make", WAYS)
async def test_told_by_webhook_it_suppresses_the_address_and_the_intake_says_so(
    store: Store, make: object, fact: str, source: str
) -> None:
    dispatcher = Dispatcher(store, await make(), frozenset({"standard"}), clock=lambda: NOW)  # type: ignore[operator]
    payload = {"id": "e1", **FACTS[fact]}
    event = Event(source=source, event_id="e1", deal_ref="d", fact=fact, payload=payload, received_at=NOW)
    await intake.add(store, [event])
    with suppress(TemporalAway):  # where it is away for all
        await dispatcher.run_round()
    assert await suppression.suppressed(store, ADDRESS) is not None
    (row,) = await intake.recent(store)
    assert row.state in ("waiting", "unmatched")
    assert f"{ADDRESS} gets no more marketing" in str(row.last_error).lower()


async def test_any_other_fact_suppresses_nobody(store: Store) -> None:
    dispatcher = Dispatcher(store, await Unknown.make(), frozenset({"standard"}), clock=lambda: NOW)
    payload = {"id": "e1", "address": ADDRESS, "kind": "soft"}
    event = Event(
        source="standard", event_id="e1", deal_ref="d", fact="email_bounced", payload=payload, received_at=NOW
    )
    await intake.add(store, [event])
    await dispatcher.run_round()
    assert await suppression.suppressed(store, ADDRESS) is None
