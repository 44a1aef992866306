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
from store import audit
from store.database import Store
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
    caller: Client, endpoint: str, store: Store
) -> None:
    deal_id = new_deal_id()
    running = await caller.start_workflow(
        Sells.run, args=[endpoint, deal_id, QUIET], id=f"sells-{deal_id}", task_queue="others"
    )
    assert await running.result() == [True, False, f"sells-{deal_id}/qualified", True, "outreach"]
    lines = await audit.recent(store, deal_id=deal_id, caller=f"nexus:{endpoint}")
    assert {line.address for line in lines} == {f"{caller.namespace}/sells-{deal_id}"}
    assert [(line.operation, line.idempotency_key, line.by, line.status) for line in lines] == [
        ("give_pause", "pause-1", "Ana", None),
        ("tell_lead_qualified", f"sells-{deal_id}/qualified", f"nexus:{endpoint}", None),
        ("open_deal", None, f"nexus:{endpoint}", 200),
        ("open_deal", None, f"nexus:{endpoint}", 201),
    ]


async def test_what_is_wrong_with_a_call_is_told_and_not_tried_again(caller: Client, endpoint: str) -> None:
    deal_id = new_deal_id()
    told = await caller.execute_workflow(
        AsksWrongly.run, args=[endpoint, deal_id], id=f"asks-{deal_id}", task_queue="others"
    )
    assert [one.partition(":")[0] for one in told] == ["NOT_FOUND", "BAD_REQUEST", "BAD_REQUEST"]
    assert "demo_held" in told[1]


async def test_a_call_that_is_refused_leaves_a_line_too(caller: Client, endpoint: str, store: Store) -> None:
    deal_id = new_deal_id()
    await caller.execute_workflow(AsksWrongly.run, args=[endpoint, deal_id], id=f"asks-{deal_id}", task_queue="others")
    asked_here = f"{caller.namespace}/asks-{deal_id}"
    found = [line for line in await audit.recent(store, deal_id="no id") if line.address == asked_here]
    assert [(line.operation, line.result) for line in found] == [("open_deal", "refused")]
