"""What a host hands in: where its deals live, and how its client writes and is watched."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client, Interceptor, OutboundInterceptor, StartWorkflowInput, WorkflowHandle
from temporalio.converter import DataConverter

from dealwright import TASK_QUEUE, DealClient, NoteAdded
from dealwright.identity import workflow_id
from tests.temporal_environment import QUIET, new_deal_id

pytestmark = pytest.mark.server


class Calls(Interceptor):
    """Counts what is started, as a tracer would."""

    def __init__(self) -> None:
        self.started: list[str] = []

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002 - the SDK's
        return _Counting(next, self.started)


class _Counting(OutboundInterceptor):
    def __init__(self, next: OutboundInterceptor, started: list[str]) -> None:  # noqa: A002 - the SDK's
        super().__init__(next)
        self._started = started

    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:  # noqa: A002 - the SDK's
        self._started.append(input.task_queue)
        return await super().start_workflow(input)


async def test_a_host_says_in_code_what_else_the_variables_would(
    temporal: Client, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal.service_client.config.target_host)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "elsewhere")
    calls, deal_id = Calls(), new_deal_id()

    deals = await DealClient.connect(
        namespace=temporal.namespace, data_converter=DataConverter.default, interceptors=[calls]
    )

    assert (await deals.open({"id": deal_id}, QUIET)).let_in
    assert await deals.record(deal_id, NoteAdded(text="told", id="n1")) == "n1"
    assert calls.started == [TASK_QUEUE]


async def test_deals_are_opened_on_the_task_queue_that_is_named(temporal: Client) -> None:
    deals, deal_id = DealClient(temporal, task_queue="deals-of-ours"), new_deal_id()

    await deals.open({"id": deal_id}, QUIET, until_decided=timedelta())

    run = await temporal.get_workflow_handle(workflow_id(deal_id)).describe()
    assert run.task_queue == "deals-of-ours"
