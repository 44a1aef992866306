"""Commands to a deal that goes on as a new run all the time: each is carried out once and answered."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from dealwright.client.deal_client import DealClient
from dealwright.commands import Resume
from dealwright.identity import WORKFLOW_TYPE, workflow_id
from tests.temporal_environment import new_deal_id

pytestmark = pytest.mark.server


@workflow.defn(name=WORKFLOW_TYPE)
class Restless:
    """A deal that goes on as a new run after every command, without waiting for answers that are under way."""

    @workflow.init
    def __init__(self, taken: list[str]) -> None:
        self.taken, self.fresh = taken, 0

    @workflow.run
    async def run(self, taken: list[str]) -> None:
        del taken
        await workflow.wait_condition(lambda: self.fresh > 0)
        workflow.continue_as_new(self.taken)

    @workflow.update(unfinished_policy=workflow.HandlerUnfinishedPolicy.ABANDON)
    async def resume(self, command: dict[str, str]) -> dict[str, object]:
        id_ = workflow.current_update_info().id  # type: ignore[union-attr] # there is one within an update
        if id_ not in self.taken:
            self.taken.append(id_)
            self.fresh += 1
            await workflow.sleep(0.05)
        return {"accepted": True, "text": command["by"]}

    @workflow.query
    def took(self) -> list[str]:
        return self.taken


async def test_a_command_that_meets_the_end_of_a_run_is_carried_out_by_the_next(temporal: Client) -> None:
    deal_id, queue = new_deal_id(), f"restless-{uuid4()}"
    deals = DealClient(temporal, timedelta(minutes=2))
    async with Worker(temporal, task_queue=queue, workflows=[Restless], workflow_runner=UnsandboxedWorkflowRunner()):
        await temporal.start_workflow(WORKFLOW_TYPE, args=[[]], id=workflow_id(deal_id), task_queue=queue)
        verdicts = await asyncio.gather(
            *(deals.command(deal_id, Resume(by=f"p{n}"), command_id=f"c{n}") for n in range(60))
        )
        assert [verdict.text for verdict in verdicts] == [f"p{n}" for n in range(60)]
        run = temporal.get_workflow_handle(workflow_id(deal_id))
        assert Counter(await run.query("took")) == Counter(f"c{n}" for n in range(60))
        await run.terminate()
