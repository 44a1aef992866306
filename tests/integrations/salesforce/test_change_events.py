"""Changes over the Pub/Sub API, against a gRPC server on loopback: once each, over lost connections and sessions."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import fastavro
import pytest
from pydantic import SecretStr

from integrations.kit.connections import Connections
from integrations.kit.credentials import Authorization
from integrations.kit.http import ToolClient
from integrations.kit.simulator.process import RunningSimulator
from integrations.registry import listeners_of
from integrations.salesforce.adapter import source_of
from integrations.salesforce.change_events.avro import EventSchema, Undecodable
from integrations.salesforce.change_events.listener import ChangeEventListener
from integrations.salesforce.change_events.pubsub import PubSub, ReplayLost, SubscriptionEnded
from integrations.salesforce.inbox import Inbox
from integrations.salesforce.settings import SalesforceConnection
from integrations.salesforce.simulator.org import ORGANIZATION_ID
from store import feeds
from store.database import Store
from tests.integrations.salesforce.crm_world import World, logged_in
from tests.integrations.salesforce.test_inbound import OPEN, Told
from tests.simulators.forked import running_simulator

TOPIC = "/data/OpportunityChangeEvent"
NUMBERS = count(1)


@pytest.fixture(scope="module")
async def simulator() -> AsyncIterator[RunningSimulator]:
    async with running_simulator("integrations.salesforce.simulator", options={"events": "true"}) as running:
        yield running


@pytest.fixture(scope="module")
async def tool(simulator: RunningSimulator) -> AsyncIterator[ToolClient]:
    client = await logged_in(simulator)
    yield client
    await client.close()


class Session:
    """The session of an HTTP client, as a token with the address of its org; at first a spent one, if so told."""

    def __init__(self, tool: ToolClient, address: str, *, spent: bool = False) -> None:
        self._tool, self._address, self._spent, self.renewed = tool, address, spent, 0

    async def authorization(self) -> Authorization:
        good = await self._tool._credentials.authorization()
        headers = {"Authorization": "Bearer spent"} if self._spent else good.headers
        return Authorization(headers=headers, base_url=self._address)

    async def renew(self, _: Authorization) -> bool:
        self._spent, self.renewed = False, self.renewed + 1
        return True


async def pubsub_to(simulator: RunningSimulator, session: Session, organization: str = ORGANIZATION_ID) -> PubSub:
    return PubSub(str((await simulator.connection()).block["pubsub"]), organization, session)


@pytest.fixture
def told(simulator: RunningSimulator, tool: ToolClient, store: Store) -> Told:
    return Told(simulator, tool, store, f"events:{next(NUMBERS)}")


@asynccontextmanager
async def listening(told: Told, session: Session) -> AsyncIterator[asyncio.Condition]:
    """A listener that runs; the condition is told of each batch that it has kept."""
    kept = asyncio.Condition()
    inbox = Inbox(told.org, source_of(told.org.connection))
    listener = ChangeEventListener(told.org, inbox, await pubsub_to(told.simulator, session), told.store)

    async def tell() -> None:
        async with kept:
            kept.notify_all()

    tasks: set[asyncio.Task[None]] = set()
    running = asyncio.create_task(listener.run(lambda: tasks.add(asyncio.create_task(tell()))))
    try:
        yield kept
    finally:
        running.cancel()
        await asyncio.gather(running, *tasks, return_exceptions=True)


async def facts(told: Told, opportunity: str) -> list[str]:
    return [row.fact for row in await told.rows(opportunity)]


async def until(told: Told, kept: asyncio.Condition, opportunity: str, fact: str) -> None:
    async with asyncio.timeout(20), kept:
        while fact not in await facts(told, opportunity):
            await kept.wait()


async def started(told: Told) -> None:
    """Begin where the org is now, as an installation that has listened before."""
    place = base64.b64encode(len((await _state(told))["change_events"]).to_bytes(8)).decode()
    for sobject in ("Opportunity", "Task", "OpportunityContactRole", "Contact"):
        await feeds.polled(told.store, f"salesforce:/data/{sobject}ChangeEvent", place, told.org.clock(), found=False)


async def _state(told: World) -> Any:
    return await told.simulator.state()


async def test_a_change_is_taken_in_as_it_happens_and_our_own_is_not(told: Told, tool: ToolClient) -> None:
    await started(told)
    async with listening(told, Session(tool, told.simulator.url)) as kept:
        opportunity = await told.make("Opportunity", OPEN)
        await until(told, kept, opportunity, "open_deal")
        await told.memory.link(opportunity, told.deal)
        await told.update(parts=("stage",), stage="negotiation")
        await told.edit("Opportunity", opportunity, Name="Acme II")
        await until(told, kept, opportunity, "crm_properties_changed")
    assert "crm_stage_moved" not in [
        row.fact for row in await told.rows(opportunity) if row.payload.get("stage") == "negotiation"
    ]


async def test_what_changed_while_nobody_listened_is_taken_in_afterwards(told: Told, tool: ToolClient) -> None:
    await started(told)
    session = Session(tool, told.simulator.url)
    async with listening(told, session) as kept:
        opportunity = await told.make("Opportunity", OPEN)
        await until(told, kept, opportunity, "open_deal")
    await told.edit("Opportunity", opportunity, Amount=5)
    async with listening(told, session) as kept:
        await until(told, kept, opportunity, "crm_properties_changed")
    assert (await facts(told, opportunity)).count("open_deal") == 1


async def test_a_deletion_is_told_at_once(told: Told, tool: ToolClient) -> None:
    await started(told)
    async with listening(told, Session(tool, told.simulator.url)) as kept:
        opportunity = await told.make("Opportunity", OPEN)
        await until(told, kept, opportunity, "open_deal")
        await told.simulator.change(do="delete", sobject="Opportunity", id=opportunity)
        await until(told, kept, opportunity, "crm_deal_deleted")


async def test_a_session_that_is_over_is_renewed(told: Told, tool: ToolClient) -> None:
    session = Session(tool, told.simulator.url, spent=True)
    pubsub = await pubsub_to(told.simulator, session)
    with pytest.raises(SubscriptionEnded, match="UNAUTHENTICATED"):
        await anext(pubsub.batches(TOPIC, None))
    await pubsub.close()
    assert session.renewed == 1


async def test_a_place_that_salesforce_does_not_know_any_more_is_told_as_such(told: Told, tool: ToolClient) -> None:
    pubsub = await pubsub_to(told.simulator, Session(tool, told.simulator.url))
    with pytest.raises(ReplayLost):
        await anext(pubsub.batches(TOPIC, b"too old"))
    await pubsub.close()


async def test_no_more_is_asked_for_than_salesforce_gives_and_all_of_it_comes(told: Told, tool: ToolClient) -> None:
    before = len((await _state(told))["change_events"])
    opportunity = await told.make("Opportunity", OPEN)
    for number in range(130):
        await told.edit("Opportunity", opportunity, Amount=number + 1)
    pubsub = await pubsub_to(told.simulator, Session(tool, told.simulator.url))
    sizes = []
    async with asyncio.timeout(20):
        async for batch in pubsub.batches(TOPIC, before.to_bytes(8)):
            sizes.append(len(batch.events))
            if sum(sizes) == 131:
                break
    await pubsub.close()
    assert max(sizes) <= 100


@pytest.mark.parametrize("wanted", [True, False])
def test_the_gateway_follows_change_events_where_the_connection_says_so(store: Store, wanted: bool) -> None:
    connection = SalesforceConnection.model_validate(
        {"organization": ORGANIZATION_ID, "client_id": "c", "client_secret": SecretStr("s"), "change_events": wanted}
    )
    found = listeners_of(Connections(tools={"salesforce": connection}), store)
    assert list(found) == (["salesforce"] if wanted else [])


# --- decoding -------------------------------------------------------------------------------------------------

NAME = {"type": "record", "name": "Name", "fields": [{"name": "First", "type": "string"}, {"name": "Last", "type": "string"}]}  # fmt: skip # noqa: E501
TEXTS = {"type": "array", "items": "string"}
HEADER = {"type": "record", "name": "H", "fields": [{"name": "changedFields", "type": TEXTS}]}
SCHEMA: dict[str, Any] = {
    "type": "record", "name": "E",
    "fields": [
        {"name": "ChangeEventHeader", "type": HEADER}, {"name": "Name", "type": ["null", NAME]},
        {"name": "Phone", "type": ["null", "string"]}, {"name": "Email", "type": ["null", "string"]},
    ],
}  # fmt: skip


def decoded(*bitmaps: str) -> Any:
    buffer = io.BytesIO()
    event = {"ChangeEventHeader": {"changedFields": [*bitmaps]}, "Name": None, "Phone": None, "Email": None}
    fastavro.schemaless_writer(buffer, fastavro.parse_schema(SCHEMA), event)
    read: Any = EventSchema.of(json.dumps(SCHEMA)).decode(buffer.getvalue())
    return read["ChangeEventHeader"]["changedFields"]


@pytest.mark.parametrize(
    ("bitmaps", "names"),
    [
        ([], []),
        (["0x0C"], ["Phone", "Email"]),
        (["0x4", "1-0x02"], ["Phone", "Name.Last"]),
        (["Phone"], ["Phone"]),
    ],
)
def test_bitmaps_say_which_fields_changed(bitmaps: list[str], names: list[str]) -> None:
    assert decoded(*bitmaps) == names


@pytest.mark.parametrize("bitmap", ["0x40", "9-0x1", "x-0x1"])
def test_a_bitmap_that_does_not_fit_its_schema_is_refused(bitmap: str) -> None:
    with pytest.raises(Undecodable):
        decoded(bitmap)


def test_what_is_not_of_its_schema_is_refused_and_not_quoted() -> None:
    with pytest.raises(Undecodable) as refused:
        EventSchema.of(json.dumps(SCHEMA)).decode(b"\x02\xffsecret")
    assert "secret" not in str(refused.value)
