"""The workflow that tells people of their work, started by a Schedule on a real server."""

from __future__ import annotations

from datetime import timedelta

import pytest
from temporalio import activity
from temporalio.client import WorkflowExecutionStatus
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from dealwright import contract
from dealwright.identity import TASK_QUEUE
from runtime.schedules import TELLING, keep_telling
from tests.temporal_environment import wait_until
from tests.workflows.world import World
from workflows.work_messages import TellPeople

pytestmark = pytest.mark.server


class People:
    """The two activities: one person's mail server refuses for good."""

    def __init__(self) -> None:
        self.told: list[str] = []

    @activity.defn(name=contract.PLAN_WORK_MESSAGES)
    async def plan_work_messages(self) -> contract.PlannedMessages:
        return contract.PlannedMessages(ids=("work/1", "work/2", "work/3"))

    @activity.defn(name=contract.SEND_WORK_MESSAGE)
    async def send_work_message(self, request: contract.WorkMessageRequest) -> None:
        if request.id == "work/2":
            raise ApplicationError("nobody is there", non_retryable=True)
        self.told.append(request.id)


async def test_every_minute_all_messages_go_and_one_that_cannot_keeps_none_from_it(idle_world: World) -> None:
    people, client = People(), idle_world.client
    worker = Worker(
        client, task_queue=TASK_QUEUE, workflows=[TellPeople],
        activities=[people.plan_work_messages, people.send_work_message],
    )  # fmt: skip
    async with worker:
        for _ in range(2):
            await keep_telling(client)

        async def failed() -> bool:
            runs = [run.status async for run in client.list_workflows(f"WorkflowId STARTS_WITH '{TELLING}'")]
            return WorkflowExecutionStatus.FAILED in runs

        await wait_until(failed)
    assert set(people.told) == {"work/1", "work/3"}
    described = await client.get_schedule_handle(TELLING).describe()
    assert [interval.every for interval in described.schedule.spec.intervals] == [timedelta(minutes=1)]
    await client.get_schedule_handle(TELLING).delete()
