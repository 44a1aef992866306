"""Runs a deal, or the bare workflow, through a recorded life on a virtual clock."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from temporalio.client import (
    Client,
    Interceptor,
    OutboundInterceptor,
    StartWorkflowInput,
    WorkflowHandle,
    WorkflowHistory,
)
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from bench.histories import decisions_in, events_of, histories_of, messages_in, plan_of
from bench.life import Life, Message
from bench.variant import BARE, REAL, Variant
from dealwright.client.deal_client import DealClient
from dealwright.deal import Deal
from dealwright.decision import DealStart
from dealwright.effects import EFFECT_KINDS
from dealwright.identity import DEFAULT_PLAYBOOK, workflow_id
from demo.director import Director, deal_of
from demo.stories import inbound_renewed

PLAYBOOK = "b2b-saas"
_POLL_SECONDS = 0.004
_SETTLE_TIMEOUT = 30.0
_OPENING = timedelta(seconds=2)
_BETWEEN = timedelta(seconds=10)
"""Added between one thing told and the next, so that a slow moment of this machine cannot change their order."""

Run = WorkflowHandle[Any, Any]  # either side's workflow, known by its name


class LifeDiffers(AssertionError):
    """A repeated life had other effects than the recorded one: what was measured cannot be compared."""


def opening_time(now: datetime) -> datetime:
    """When every life of the bench begins: a Monday morning in early March, so that no hour of ours changes it."""
    ahead = (datetime(year, 3, 1, 9, tzinfo=UTC) for year in count(now.year))
    first = next(day for day in ahead if day > now + timedelta(days=1))
    return first + timedelta(days=-first.weekday() % 7)


class _Delayed(Interceptor):
    """Lets every workflow begin at the opening time of its own clock."""

    def __init__(self, opened_at: datetime) -> None:
        self._opened_at = opened_at

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002 - the SDK's name
        return _DelayedStart(next, self._opened_at)


class _DelayedStart(OutboundInterceptor):
    def __init__(self, next_: OutboundInterceptor, opened_at: datetime) -> None:
        super().__init__(next_)
        self._opened_at = opened_at

    async def start_workflow(self, input: StartWorkflowInput) -> Run:  # noqa: A002 - the SDK's name
        input.start_delay = self._opened_at - datetime.now(UTC)
        return await super().start_workflow(input)


class VirtualTime:
    """Where lives are led: a server, and the hour at which each one begins."""

    def __init__(self, client: Client, opened_at: datetime) -> None:
        self.opened_at = opened_at
        config = client.config()
        config["interceptors"] = [*config["interceptors"], _Delayed(opened_at)]
        self.skipper = TimeSkipper(
            Client(**config), config=TimeSkippingConfig(enabled=False, max_session_skip_count=1_000_000)
        )
        self.client = self.skipper.client

    async def begin(self, run: Run) -> None:
        """Move a deal that was just started to the opening time, and let it be opened."""
        await self.advance(run, _OPENING)

    async def advance(self, run: Run, after: timedelta) -> None:
        """Let time pass until so long after the opening, and all that follows from it happen."""
        ahead = self.opened_at + after - await self.skipper.get_current_time(run)
        if ahead > timedelta():
            await self.skipper.fast_forward(run, ahead)
        await self.settle(run)

    async def settle(self, run: Run) -> None:
        """Wait until the deal has nothing left to do at this moment."""
        await settle(run)


async def settle(run: Run) -> None:
    """Wait until a deal has nothing left to do at this moment. Asks the server, not the worker."""
    async with asyncio.timeout(_SETTLE_TIMEOUT):
        while True:
            seen = (await run.describe()).raw_description
            if not seen.pending_activities and not seen.HasField("pending_workflow_task"):
                return
            await asyncio.sleep(_POLL_SECONDS)


class _RecordingDirector(Director):
    """A director whose deal begins at the opening time."""

    def __init__(self, deal_id: str, stage: VirtualTime) -> None:
        super().__init__("a", deal_id, DealClient(stage.client), stage.skipper, gateway_url="")
        self._stage = stage

    async def open(self, playbook: str = DEFAULT_PLAYBOOK, **about: object) -> None:
        """Open the deal."""
        await self.client.open(deal_of(self.deal_id, **about), playbook, until_decided=timedelta())
        await self._stage.begin(self.run)


async def record(stage: VirtualTime, deal_id: str) -> Life:
    """Have the demo's story told to a deal, tell it again at a settled pace, and note what was done when."""
    director = _RecordingDirector(deal_id, stage)
    await inbound_renewed.tell(director)
    await stage.settle(director.run)
    found = await histories_of(stage.client, director.run.id)
    await director.run.terminate()
    payload = found[0].events[0].workflow_execution_started_event_attributes.input.payloads[0]
    deal = Deal.model_validate(DealStart.model_validate_json(payload.data).deal)
    messages = tuple(
        one.model_copy(update={"after": one.after + number * _BETWEEN})
        for number, one in enumerate(messages_in(found, stage.opened_at))
    )
    life = Life(deal=deal, opened_at=stage.opened_at, messages=messages)
    again = life.under(f"{deal_id}-again")
    looks = decisions_in(await run_life(stage, again, REAL))
    return again.model_copy(update={"plan": plan_of(looks, stage.opened_at)})


async def run_life(stage: VirtualTime, life: Life, side: Variant) -> list[WorkflowHistory]:
    """Lead a deal through the life, and return the histories of its runs.

    Raises:
        LifeDiffers: it had other effects than the recorded one.
    """
    deal = life.deal.model_dump(mode="json", exclude_none=True)
    run = await stage.client.start_workflow(
        side.workflow,
        {"deal": deal, "playbook": PLAYBOOK} if side == REAL else deal,
        id=f"{side.name}-{workflow_id(life.deal.id)}" if side == BARE else workflow_id(life.deal.id),
        task_queue=side.task_queue,
        static_summary=f"Deal {life.deal.id}, playbook {PLAYBOOK}",
    )
    await stage.begin(run)
    for message in life.messages:
        await stage.advance(run, message.after)
        await _tell(run, message)
        await stage.settle(run)
    found = await histories_of(stage.client, run.id)
    await run.terminate()
    effects = _effects_in(found)
    if life.plan and effects != life.effects:
        raise LifeDiffers(f"{side.name}: {effects} instead of {life.effects}")
    return found


async def _tell(run: Run, message: Message) -> None:
    payload: Mapping[str, object] = json.loads(message.payload)
    if message.how == "signal":
        await run.signal(message.name, payload)
        return
    id_ = str(uuid4())
    while not (verdict := await run.execute_update(message.name, payload, id=id_))["decided"]:  # noqa: ASYNC110 - another process decides
        await asyncio.sleep(_POLL_SECONDS)  # it came between two runs; the same id asks again
    if not verdict["accepted"]:
        raise LifeDiffers(f"{message.name} was not taken: {verdict['text']}")


def _effects_in(histories: list[WorkflowHistory]) -> list[str]:
    scheduled = (
        event.activity_task_scheduled_event_attributes for history in histories for event in events_of(history)
    )
    return [one.activity_type.name for one in scheduled if one.activity_type.name in EFFECT_KINDS]
