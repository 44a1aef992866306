"""What the playbook does not declare is told to whoever opens the deal, or tells a fact, at once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from typing_extensions import override

from dealwright.client.deal_client import DealClient
from dealwright.client.errors import TemporalAway
from dealwright.playbook.source.bundle import bundle_hash
from dealwright.views.snapshot import Snapshot
from gateway.webhooks.dispatch import Dispatcher
from integrations.kit.mapping.meaning import OPENS_DEAL
from playbooks import shipped
from store import bundles, intake
from store.database import Store
from store.intake import Event, IntakeState
from tests.gateway.conftest import StartGateway
from tests.gateway.fake_deals import FakeDealClient

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


async def test_an_opening_from_a_source_that_is_none_is_refused_with_what_was_meant(
    start_gateway: StartGateway, store: Store, away: DealClient
) -> None:
    await bundles.publish_new(store, shipped())
    gateway = await start_gateway(away)
    answer = await gateway.post("/v1/deals", json={"deal": {"id": "d", "source": "Inbound"}})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["pointer"]) == (422, "#/deal/source")
    assert "Did you mean 'inbound'?" in error["remedy"]
    for known in ({"source": "inbound"}, {}):
        assert (await gateway.post("/v1/deals", json={"deal": {"id": "d", **known}})).status_code == 503  # let through


async def test_an_opening_by_webhook_from_a_source_that_is_none_is_refused_in_the_intake(store: Store) -> None:
    await bundles.publish_new(store, shipped())
    dispatcher = Dispatcher(store, await FakeDealClient.make(), frozenset({"standard"}), clock=lambda: NOW)
    payload = {"deal": {"id": "d", "source": "Inbound"}}
    await intake.add(
        store,
        [Event(source="standard", event_id="e1", deal_ref="d", fact=OPENS_DEAL, payload=payload, received_at=NOW)],
    )
    await dispatcher.run_round()
    (row,) = await intake.recent(store)
    assert row.state is IntakeState.REFUSED
    assert "Did you mean 'inbound'?" in str(row.last_error)


FIELDS = {
    "playbook.yaml": """
playbook: own
roles: {rep: {}}
fields: {seats: number}
reasons: {lost: [price]}
stages: [{name: selling, owner: rep}]
"""
}


class FollowsOwn(FakeDealClient):
    """Deals that follow the playbook with fields, as far as anybody knows."""

    bundle: str | None = bundle_hash(FIELDS)

    @override
    async def snapshot(self, deal_id: str) -> Snapshot:
        if self.bundle is None:
            raise TemporalAway("no answer")
        return Snapshot(deal_id=deal_id, bundle=self.bundle)


async def test_an_opening_with_a_field_that_is_none_is_refused_with_what_was_meant(
    start_gateway: StartGateway, store: Store, away: DealClient
) -> None:
    await bundles.publish_new(store, {"own": FIELDS})
    gateway = await start_gateway(away)
    deal = {"id": "d", "fields": {"seat": 1, "seats": "many"}}
    answer = await gateway.post("/v1/deals", json={"deal": deal, "playbook": "own"})
    found = {error["pointer"]: error["remedy"] for error in answer.json()["errors"]}
    assert answer.status_code == 422
    assert found == {
        "#/deal/fields/seat": "Did you mean 'seats'? Fields are seats.",
        "#/deal/fields/seats": "Write a number such as 40.",
    }


@pytest.mark.parametrize("fact", ["fields_learned", "account_researched", "crm_properties_changed"])
async def test_a_fact_with_a_field_that_is_none_is_refused_with_what_was_meant(
    start_gateway: StartGateway, store: Store, fact: str
) -> None:
    await bundles.publish_new(store, {"own": FIELDS})
    gateway = await start_gateway(await FollowsOwn.make())
    answer = await gateway.post(f"/v1/deals/d/facts/{fact}", json={"fields": {"seat": 1}})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["pointer"]) == (422, "#/fields/seat")
    assert "Did you mean 'seats'?" in error["remedy"]
    assert (await gateway.post(f"/v1/deals/d/facts/{fact}", json={"fields": {"seats": 1}})).status_code == 202


async def test_a_fact_with_fields_is_let_through_where_nobody_can_say_what_its_deal_follows(
    start_gateway: StartGateway, store: Store
) -> None:
    await bundles.publish_new(store, {"own": FIELDS})
    deals = await FollowsOwn.make()
    deals.bundle = None
    gateway = await start_gateway(deals)
    answer = await gateway.post("/v1/deals/d/facts/fields_learned", json={"fields": {"seat": 1}})
    assert answer.status_code == 202


async def test_a_reason_that_is_none_is_refused_with_what_was_meant(start_gateway: StartGateway, store: Store) -> None:
    await bundles.publish_new(store, {"own": FIELDS})
    gateway = await start_gateway(await FollowsOwn.make())
    answer = await gateway.post("/v1/deals/d/facts/deal_lost", json={"reason_code": "prise"})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["pointer"]) == (422, "#/reason_code")
    assert "Did you mean 'price'?" in error["remedy"]
    for given in ({"reason_code": "price"}, {}):  # which parts are missing, the deal's owner is asked
        assert (await gateway.post("/v1/deals/d/facts/deal_lost", json=given)).status_code == 202
