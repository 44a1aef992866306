"""A result that arrives late is told to its deal by signal, from inside the activity that has it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.late_results import confirm_by_signal
from dealwright.facts import TouchConfirmed
from dealwright.identity import workflow_id
from tests.temporal_environment import new_deal_id

pytestmark = pytest.mark.server
QUEUE = "late-results"


@activity.defn
async def confirm(deal_id: str) -> None:
    await confirm_by_signal(deal_id, f"{deal_id}/cold/1/0/1")


@workflow.defn
class Listening:
    """A deal that waits until it is told of a touch."""

    @workflow.init
    def __init__(self) -> None:
        self.told = ""

    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: bool(self.told))
        return self.told

    @workflow.signal(name=TouchConfirmed.name)
    def touch_confirmed(self, raw: RawValue) -> None:
        self.told = raw.payload.data.decode()


@workflow.defn
class Asking:
    """Runs the activity that has the late result."""

    @workflow.run
    async def run(self, deal_id: str) -> None:
        await workflow.execute_activity(confirm, deal_id, start_to_close_timeout=timedelta(minutes=1))


def working(client: Client) -> Worker:
    runner = UnsandboxedWorkflowRunner()
    workflows = [Asking, Listening]
    return Worker(client, task_queue=QUEUE, workflows=workflows, activities=[confirm], workflow_runner=runner)


async def tell(client: Client, deal_id: str) -> None:
    await client.execute_workflow(Asking.run, deal_id, id=f"asking-{deal_id}", task_queue=QUEUE)


async def test_the_deal_hears_of_its_touch_as_a_fact(temporal: Client) -> None:
    deal_id = new_deal_id()
    async with working(temporal):
        deal = await temporal.start_workflow(Listening.run, id=workflow_id(deal_id), task_queue=QUEUE)
        await tell(temporal, deal_id)
        fact = TouchConfirmed.model_validate(json.loads(await deal.result()))
    assert (fact.effect, fact.id) == (f"{deal_id}/cold/1/0/1", f"late-{deal_id}/cold/1/0/1")


async def test_a_deal_that_is_over_need_not_know(temporal: Client) -> None:
    async with working(temporal):
        await tell(temporal, new_deal_id("gone"))
