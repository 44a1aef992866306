"""Temporal Schedules: one for each tool that is read beside its webhooks, and one by which people are told of work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from dealwright import contract
from dealwright.identity import TASK_QUEUE

_PREFIX = "reconcile-"
TELLING = "tell-people"
"""The id of the Schedule that tells people of their work."""
_TELL_EVERY = timedelta(minutes=1)


def schedule_id(source: str) -> str:
    """The id of a source's Schedule, and the beginning of its workflows' ids."""
    return _PREFIX + source


async def keep_schedules(client: Client, every: Mapping[str, timedelta]) -> None:
    """Have one Schedule for each source, at its pace, and none for others. May be called by every worker.

    Raises:
        RPCError: Temporal does not do so.
    """
    for source, pace in every.items():
        await _keep(client, schedule_id(source), _schedule(source, pace))
    async for listed in await client.list_schedules():
        if listed.id.startswith(_PREFIX) and listed.id.removeprefix(_PREFIX) not in every:
            await _delete(client, listed.id)


async def keep_telling(client: Client) -> None:
    """Have the Schedule by which people are told of their work. May be called by every worker.

    Raises:
        RPCError: Temporal does not do so.
    """
    await _keep(client, TELLING, _every(_TELL_EVERY, contract.TELL_PEOPLE, TELLING))


def _schedule(source: str, pace: timedelta) -> Schedule:
    return _every(pace, contract.RECONCILE, schedule_id(source), contract.ReconcileRequest(source=source))


def _every(pace: timedelta, workflow: str, id_: str, *arguments: object) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(workflow, args=arguments, id=id_, task_queue=TASK_QUEUE),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=pace)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP),
    )


async def _keep(client: Client, id_: str, schedule: Schedule) -> None:
    def renewed(found: ScheduleUpdateInput) -> ScheduleUpdate | None:
        there = found.description.schedule
        if there.spec.intervals == schedule.spec.intervals:
            return None
        there.spec = schedule.spec
        return ScheduleUpdate(schedule=there)

    try:
        await client.create_schedule(id_, schedule, trigger_immediately=True)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(id_).update(renewed)


async def _delete(client: Client, id_: str) -> None:
    try:
        await client.get_schedule_handle(id_).delete()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
