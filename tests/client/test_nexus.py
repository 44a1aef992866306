"""Deals for workflows in other namespaces, by Nexus, on the real server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from temporalio.api.nexus.v1 import EndpointSpec, EndpointTarget
from temporalio.api.operatorservice.v1 import CreateNexusEndpointRequest
from temporalio.client import Client
from temporalio.worker import Worker

from dealwright.identity import TASK_QUEUE
from tests.client.nexus_caller import AsksWrongly, Sells
from tests.temporal_environment import QUIET, new_deal_id, new_namespace

pytestmark = pytest.mark.server


@pytest.fixture
async def endpoint(temporal: Client) -> str:
    """A Nexus endpoint that leads to the worker of the deals."""
    name = f"deals-{uuid4().hex[:8]}"
    worker = EndpointTarget.Worker(namespace=temporal.namespace, task_queue=TASK_QUEUE)
    await temporal.operator_service.create_nexus_endpoint(
        CreateNexusEndpointRequest(spec=EndpointSpec(name=name, target=EndpointTarget(worker=worker)))
    )
    return name


@pytest.fixture
async def caller(temporal: Client, worker: None) -> AsyncIterator[Client]:
    """A client in another namespace, with the SDK's own converter; a worker of the other team runs there."""
    namespace = (await new_namespace(temporal.service_client.config.target_host, "others")).namespace
    client = await Client.connect(temporal.service_client.config.target_host, namespace=namespace)
    async with Worker(client, task_queue="others", workflows=[Sells, AsksWrongly]):
        yield client


async def test_a_workflow_in_another_namespace_opens_tells_commands_and_reads_a_deal(
    caller: Client, endpoint: str
) -> None:
    deal_id = new_deal_id()
    running = await caller.start_workflow(
        Sells.run, args=[endpoint, deal_id, QUIET], id=f"sells-{deal_id}", task_queue="others"
    )
    assert await running.result() == [True, False, f"sells-{deal_id}/qualified", True, "outreach"]


async def test_what_is_wrong_with_a_call_is_told_and_not_tried_again(caller: Client, endpoint: str) -> None:
    deal_id = new_deal_id()
    told = await caller.execute_workflow(
        AsksWrongly.run, args=[endpoint, deal_id], id=f"asks-{deal_id}", task_queue="others"
    )
    assert [one.partition(":")[0] for one in told] == ["NOT_FOUND", "BAD_REQUEST", "BAD_REQUEST"]
    assert "demo_held" in told[1]
