"""A word that the playbook does not declare is told to whoever opens the deal, at once."""

from __future__ import annotations

from datetime import UTC, datetime

from dealwright.client.deal_client import DealClient
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
