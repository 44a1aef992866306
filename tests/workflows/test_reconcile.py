"""The workflow that reads a tool beside its webhooks, started by a Schedule on a real server."""

from __future__ import annotations

from datetime import timedelta

import pytest
from temporalio import activity
from temporalio.client import Client, ScheduleListDescription, WorkflowExecutionStatus
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from dealwright import contract
from dealwright.identity import TASK_QUEUE
from runtime.schedules import keep_schedules, schedule_id
from tests.temporal_environment import wait_until
from tests.workflows.world import World
from workflows.reconcile import ReconcileTool

pytestmark = pytest.mark.server


class Tool:
    """The two activities, of a tool with many pages."""

    def __init__(self, pages: int = 1, *, away: bool = False) -> None:
        self.pages, self.away = pages, away
        self.read, self.watched = 0, 0

    @activity.defn(name=contract.POLL_TOOL)
    async def poll_tool(self, _: contract.ReconcileRequest) -> contract.PollReport:
        if self.away:
            raise ApplicationError("it takes no such call", non_retryable=True)
        self.read += 1
        return contract.PollReport(found=1, more=self.read < self.pages)

    @activity.defn(name=contract.WATCH_TOOL)
    async def watch_tool(self, _: contract.ReconcileRequest) -> None:
        self.watched += 1


def worker(client: Client, tool: Tool) -> Worker:
    return Worker(
        client, task_queue=TASK_QUEUE, workflows=[ReconcileTool], activities=[tool.poll_tool, tool.watch_tool]
    )


async def runs(client: Client, source: str) -> list[WorkflowExecutionStatus | None]:
    query = f"WorkflowId STARTS_WITH '{schedule_id(source)}'"
    return [run.status async for run in client.list_workflows(query)]


async def schedules(client: Client) -> dict[str, ScheduleListDescription]:
    return {listed.id: listed async for listed in await client.list_schedules()}


async def test_a_schedule_reads_a_tool_to_its_last_page_and_then_watches_it(idle_world: World) -> None:
    tool = Tool(pages=103)
    async with worker(idle_world.client, tool):
        await keep_schedules(idle_world.client, {"acme": timedelta(hours=1)})

        async def watched() -> bool:
            return tool.watched == 1

        await wait_until(watched)
    assert tool.read == 103
    await keep_schedules(idle_world.client, {})


async def test_a_tool_that_cannot_be_read_is_watched_and_the_run_says_so(idle_world: World) -> None:
    tool = Tool(away=True)
    async with worker(idle_world.client, tool):
        await keep_schedules(idle_world.client, {"broken": timedelta(hours=1)})

        async def failed() -> bool:
            return WorkflowExecutionStatus.FAILED in await runs(idle_world.client, "broken")

        await wait_until(failed)
    assert tool.watched == 1
    await keep_schedules(idle_world.client, {})


async def test_every_worker_may_keep_the_schedules_and_what_is_no_longer_connected_goes(idle_world: World) -> None:
    client = idle_world.client
    for pace in (timedelta(hours=1), timedelta(hours=1), timedelta(hours=2)):
        await keep_schedules(client, {"one": pace, "two": timedelta(hours=1)})
    described = await client.get_schedule_handle(schedule_id("one")).describe()
    assert [interval.every for interval in described.schedule.spec.intervals] == [timedelta(hours=2)]

    async def both_listed() -> bool:
        return {schedule_id("one"), schedule_id("two")} <= set(await schedules(client))

    await wait_until(both_listed)
    await keep_schedules(client, {"two": timedelta(hours=1)})

    async def one_is_gone() -> bool:
        return schedule_id("one") not in await schedules(client)

    await wait_until(one_is_gone)
    assert schedule_id("two") in await schedules(client)
    await keep_schedules(client, {})
