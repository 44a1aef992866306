"""Which deal the objects of other tools belong to: over HTTP, and what follows for events that came before."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dealwright.client.deal_client import DealClient
from gateway.webhooks.dispatch import Dispatcher
from store import intake, links
from store.database import Store
from store.intake import Event, IntakeState
from tests.gateway.conftest import Api, StartGateway
from tests.gateway.fake_deals import FakeDealClient

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
KINDS = ["deal:9001", "contact:55", "task:9", "document:a-b_c", "9001"]


@pytest.fixture
async def gateway(start_gateway: StartGateway, away: DealClient) -> Api:
    return await start_gateway(away)


async def listed(gateway: Api, **query: str) -> list[tuple[str, str, str]]:
    answer = await gateway.get("/v1/links", params=query)
    assert answer.status_code == 200
    return [(one["source"], one["object_id"], one["deal_id"]) for one in answer.json()["links"]]


async def test_a_deal_may_have_several_objects_also_of_one_source(gateway: Api, store: Store) -> None:
    for kind in KINDS:
        assert (await gateway.put(f"/v1/links/hubspot/{kind}", json={"deal_id": "acme"})).status_code == 200
    await gateway.put("/v1/links/hubspot/deal:2", json={"deal_id": "other"})
    assert await listed(gateway, deal_id="acme") == [("hubspot", kind, "acme") for kind in sorted(KINDS)]
    assert await listed(gateway, deal_id="acme", source="pipedrive") == []
    assert len(await listed(gateway)) == len(KINDS) + 1
    assert await links.objects_of(store, "acme", "hubspot", "contact") == ["55"]


async def test_an_object_says_which_deal_it_belongs_to_until_it_is_unlinked(gateway: Api) -> None:
    path = "/v1/links/hubspot/deal:9001"
    await gateway.put(path, json={"deal_id": "acme"})
    answer = await gateway.get(path)
    assert answer.json() == {"source": "hubspot", "object_id": "deal:9001", "deal_id": "acme"}
    assert (await gateway.delete(path)).status_code == 204
    for answer in (await gateway.get(path), await gateway.delete(path)):
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:dealwright:problem:no-such-link")
    assert await listed(gateway) == []


@pytest.mark.parametrize("query", [{"deal_id": "no id"}, {"limit": "0"}, {"source": "x" * 50}])
async def test_a_list_of_links_by_what_cannot_be_is_refused(gateway: Api, query: dict[str, str]) -> None:
    assert (await gateway.get("/v1/links", params=query)).status_code == 422


def note(event_id: str, object_id: str, source: str) -> Event:
    payload = {"id": f"{source}:{event_id}", "text": "x"}
    return Event(
        source=source, event_id=event_id, deal_ref=object_id, fact="note_added", payload=payload, received_at=NOW
    )


@pytest.mark.parametrize("object_id", KINDS)
@pytest.mark.parametrize("by_id_too", [False, True], ids=["linked only", "by id or linked"])
async def test_what_came_before_its_deal_was_known_is_passed_on_once_the_object_is_linked(
    store: Store, object_id: str, by_id_too: bool
) -> None:
    deals = await FakeDealClient.make()
    deals.unknown = {object_id}
    dispatcher = Dispatcher(store, deals, frozenset({"crm"} if by_id_too else ()), clock=lambda: NOW)
    await intake.add(store, [note("1", object_id, "crm"), note("2", object_id, "crm"), note("3", "deal:7", "other")])
    await dispatcher.run_round()
    assert deals.told == []
    assert {row.state for row in await intake.recent(store)} == {IntakeState.UNMATCHED}
    assert await links.link(store, "crm", object_id, "acme") == 2
    await dispatcher.run_round()
    assert deals.told_to("acme") == ["crm:1", "crm:2"]


async def test_after_an_object_is_unlinked_its_events_find_no_deal(store: Store) -> None:
    deals = await FakeDealClient.make()
    dispatcher = Dispatcher(store, deals, frozenset(), clock=lambda: NOW)
    await links.link(store, "crm", "deal:1", "acme")
    assert await links.unlink(store, "crm", "deal:1")
    assert not await links.unlink(store, "crm", "deal:1")
    await intake.add(store, [note("1", "deal:1", "crm")])
    await dispatcher.run_round()
    assert (deals.told, (await intake.recent(store))[0].state) == ([], IntakeState.UNMATCHED)
