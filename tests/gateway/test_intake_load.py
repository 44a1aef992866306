"""Five hundred events, some of them several times, in any order, while Temporal is killed and comes back."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from dealwright.client.deal_client import DealClient
from dealwright.commands import Pause
from dealwright.decision import SEARCH_ATTRIBUTES
from dealwright.entries import FactTaken
from local.server.plan import ServerPlan
from local.server.server import LocalServer
from runtime.plugin import deals_plugin
from store import intake
from store.database import Store
from store.intake import IntakeState
from tests.gateway.conftest import PUBLIC_URL, Api, StartGateway
from tests.gateway.signed_requests import as_body, created, hubspot_event, hubspot_headers, standard_headers
from tests.temporal_environment import QUIET, running_worker, wait_until

pytestmark = pytest.mark.server

DEALS, FACTS = 5, 49
"""Deals of each of the two sources, and facts of each deal beside its opening: 500 events."""
URL = f"{PUBLIC_URL}/webhooks/hubspot"


@pytest.fixture
async def mortal_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalServer]:
    """A server of this test's own, to be killed."""
    plan = ServerPlan(
        directory=tmp_path_factory.mktemp("mortal"), search_attributes=SEARCH_ATTRIBUTES, ui=False, own=True
    )
    async with LocalServer.start(plan) as server:
        yield server


Delivery = tuple[str, bytes, str]
"""Source, body, message id."""


def deliveries(lot: random.Random) -> list[Delivery]:
    """Every event at least once, a third of them again, in any order; HubSpot's in batches."""
    of_hubspot = [created(n, objectId=n) for n in range(DEALS)]
    of_hubspot += [hubspot_event(n, objectId=n % DEALS, propertyName=f"p{n}") for n in range(DEALS * FACTS)]
    again = [event | {"attemptNumber": 1} for event in lot.sample(of_hubspot, 80)]
    events = [*of_hubspot, *again]
    lot.shuffle(events)
    batches = [("hubspot", as_body(list(batch)), "") for batch in in_batches(events, lot)]
    standard = [message("deal_opened", {"deal": {"id": f"ours-{n}"}, "playbook": QUIET}, f"o{n}") for n in range(DEALS)]
    standard += [
        message("note_added", {"deal_id": f"ours-{n % DEALS}", "text": "x"}, f"n{n}") for n in range(DEALS * FACTS)
    ]
    everything = [*batches, *standard, *lot.sample(standard, 80)]
    lot.shuffle(everything)
    return everything


def in_batches(events: Sequence[object], lot: random.Random) -> list[Sequence[object]]:
    batches, start = list[Sequence[object]](), 0
    while start < len(events):
        size = lot.randint(1, 12)
        batches.append(events[start : start + size])
        start += size
    return batches


def message(type_: str, data: dict[str, object], id_: str) -> Delivery:
    return "standard", as_body({"type": type_, "timestamp": "2026-11-24T10:00:00Z", "data": data}), id_


async def deliver(gateway: Api, delivery: Delivery) -> None:
    source, body, id_ = delivery
    headers = hubspot_headers(URL, body) if source == "hubspot" else standard_headers(id_, body)
    answer = await gateway.post(f"/webhooks/{source}", content=body, headers=headers)
    assert answer.status_code == 202


async def taken_by(deals: DealClient, deal_id: str) -> Counter[str | None]:
    """How often the deal took each fact, once it has decided on all."""
    verdict = await deals.command(deal_id, Pause(by="Ana", why="all facts before a command are decided with it"))
    assert verdict.decided
    return Counter(entry.id for entry in await deals.story(deal_id) if isinstance(entry, FactTaken))


async def test_each_fact_reaches_its_deal_exactly_once(
    mortal_server: LocalServer, start_gateway: StartGateway, store: Store
) -> None:
    deals = DealClient(await mortal_server.connect([deals_plugin()]), timedelta(seconds=5))
    gateway = await start_gateway(deals, source_settings={"hubspot": {"playbook": QUIET}})
    everything = deliveries(random.Random(2026))
    third = len(everything) // 3
    async with running_worker(deals.temporal, store):
        await asyncio.gather(*(deliver(gateway, one) for one in everything[:third]))
        await mortal_server.kill()
        await asyncio.gather(*(deliver(gateway, one) for one in everything[third : 2 * third]))
        assert (await intake.counts(store))[IntakeState.WAITING] > 0
        await mortal_server.restart()
        await asyncio.gather(*(deliver(gateway, one) for one in everything[2 * third :]))

        async def all_passed_on() -> bool:
            return await intake.counts(store) == {IntakeState.DISPATCHED: 2 * DEALS * (FACTS + 1)}

        await wait_until(all_passed_on)
        for number in range(DEALS):
            of_crm = await taken_by(deals, f"hubspot-62515-{number}")
            of_ours = await taken_by(deals, f"ours-{number}")
            assert of_ours == Counter(f"standard:n{n}" for n in range(DEALS * FACTS) if n % DEALS == number)
            assert (len(of_crm), set(of_crm.values())) == (FACTS, {1})
