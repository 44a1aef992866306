"""A team's own worker that hosts deals beside its own workflows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.converter import DataConverter, PayloadCodec
from temporalio.worker import Worker

from dealwright import DealClient, LeadQualified
from dealwright.entries import FactTaken
from dealwright.identity import TASK_QUEUE
from runtime.connection import NotReady
from runtime.converter import DATA_CONVERTER, CompactPayloadConverter
from runtime.settings import Settings
from runtime.signal_batches import MAX_UNBATCHED
from store.database import Store
from tests.hosts_workflow import Collecting
from tests.temporal_environment import new_deal_id, wait_until
from worker import DealsPlugin


class Sealed(PayloadCodec):
    """A codec of the host's."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return list(payloads)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return list(payloads)


@pytest.fixture
async def deals(tmp_path: Path) -> AsyncIterator[DealsPlugin]:
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'deals.db'}", drain_seconds=0)
    store = Store.open(settings.database_url)
    await store.migrate()
    await store.close()
    async with DealsPlugin.open(settings) as plugin:
        yield plugin


@pytest.mark.server
async def test_a_worker_hosts_deals_and_what_else_its_team_has(deals: DealsPlugin, temporal: Client) -> None:
    client = await Client.connect(
        temporal.service_client.config.target_host, namespace=temporal.namespace, data_converter=DATA_CONVERTER
    )
    await deals.prepare(client)
    words = [f"word-{number}" for number in range(MAX_UNBATCHED * 2)]
    theirs = await client.start_workflow(Collecting.run, len(words), id=new_deal_id("theirs"), task_queue=TASK_QUEUE)
    for word in words:
        await theirs.signal(Collecting.hear, word)

    async with Worker(client, task_queue=TASK_QUEUE, workflows=[Collecting], plugins=[deals]):
        ours, deal_id = DealClient(client), new_deal_id()
        assert (await ours.open({"id": deal_id, "source": "inbound"})).let_in
        await ours.record(deal_id, LeadQualified(level="sql", id="form-1"))

        async def taken() -> bool:
            return "form-1" in [one.id for one in await ours.story(deal_id) if isinstance(one, FactTaken)]

        await wait_until(taken)
        assert await theirs.result() == words


async def test_a_client_that_cannot_carry_the_models_is_refused_when_the_worker_is_made(deals: DealsPlugin) -> None:
    client = await Client.connect("127.0.0.1:1", lazy=True)

    with pytest.raises(NotReady, match="data_converter=DATA_CONVERTER"):
        Worker(client, task_queue=TASK_QUEUE, plugins=[deals])


async def test_a_client_that_is_given_the_plugin_writes_as_deals_need_it_and_keeps_its_codec(
    deals: DealsPlugin,
) -> None:
    codec = Sealed()
    client = await Client.connect(
        "127.0.0.1:1", lazy=True, plugins=[deals], data_converter=DataConverter(payload_codec=codec)
    )

    assert client.data_converter.payload_codec is codec
    assert client.data_converter.payload_converter_class is CompactPayloadConverter
