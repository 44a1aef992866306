"""Puts load on a worker: opens many deals at once, and tells each a fact that leads to effects."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Iterable, Sequence
from datetime import timedelta
from typing import TypeVar

from temporalio.client import Client

from bench.driver import PLAYBOOK, settle
from bench.histories import decisions_in, events_by_kind, histories_of, messages_in, plan_of
from bench.life import Life
from bench.variant import REAL, WorkerProcess
from dealwright.client.deal_client import DealClient
from dealwright.deal import Deal
from dealwright.decision import DealStart
from dealwright.facts import LeadQualified
from dealwright.identity import workflow_id
from demo.director import deal_of

_AT_A_TIME = 50
"""Calls of ours to the server that are under way at the same time."""
_TIMEOUT = timedelta(minutes=15)

T = TypeVar("T")


class Load:
    """The deals of one side's worker, all with the life of the recorded one."""

    def __init__(self, client: Client, worker: WorkerProcess, life: Life) -> None:
        self._client, self._worker, self._life = client, worker, life
        self._turn = asyncio.Semaphore(_AT_A_TIME)

    @property
    def opening_effects(self) -> int:
        """How many effects a deal has when it is opened."""
        return sum(len(together) for together in self._life.plan[0].rounds)

    @property
    def effects(self) -> int:
        """How many effects a deal has once it was told its fact."""
        return len(self._life.effects)

    async def open(self, deals: Sequence[str], *, effects: int | None = None) -> None:
        """Open deals, all at once, and wait for all effects of each, or for the first ones."""
        async with asyncio.timeout(_TIMEOUT.total_seconds()):
            await asyncio.gather(*(self._in_turn(self._open(deal)) for deal in deals))
            await self._worker.until_done(deals, self.opening_effects if effects is None else effects)

    async def tell(self, deal: str) -> float:
        """Tell a deal its fact; returns when that was, by the loop's clock."""
        message = self._life.messages[0]
        run = self._client.get_workflow_handle(self._id(deal))
        began = asyncio.get_running_loop().time()
        await run.signal(message.name, json.loads(message.payload))
        return began

    async def tell_all(self, deals: Sequence[str]) -> None:
        """Tell each of the deals its fact, and wait for what follows."""
        async with asyncio.timeout(_TIMEOUT.total_seconds()):
            await asyncio.gather(*(self._in_turn(self.tell(deal)) for deal in deals))
            await self._worker.until_done(deals, self.effects)

    async def rest(self, deals: Iterable[str]) -> None:
        """Wait until none of the deals has anything left to do."""
        async with asyncio.timeout(_TIMEOUT.total_seconds()):
            runs = (self._client.get_workflow_handle(self._id(deal)) for deal in deals)
            await asyncio.gather(*(self._in_turn(settle(run)) for run in runs))

    async def failed_tasks(self, deals: Iterable[str]) -> int:
        """How many workflow tasks of the deals have timed out or failed."""
        found = await asyncio.gather(*(self._in_turn(histories_of(self._client, self._id(deal))) for deal in deals))
        events = sum((events_by_kind(histories) for histories in found), Counter[str]())
        return events["workflow_task_timed_out"] + events["workflow_task_failed"]

    async def _open(self, deal: str) -> None:
        about = self._life.deal.model_copy(update={"id": deal}).model_dump(mode="json", exclude_none=True)
        await self._client.start_workflow(
            self._worker.side.workflow,
            {"deal": about, "playbook": PLAYBOOK} if self._worker.side == REAL else about,
            id=self._id(deal),
            task_queue=self._worker.side.task_queue,
            static_summary=f"Deal {deal}, playbook {PLAYBOOK}",
        )

    def _id(self, deal: str) -> str:
        return workflow_id(deal) if self._worker.side == REAL else f"{self._worker.side.name}-{workflow_id(deal)}"

    async def _in_turn(self, call: Awaitable[T]) -> T:
        async with self._turn:
            return await call


async def record_one(client: Client) -> Life:
    """Open a deal and tell it its fact, and note what was done, for the side that does it by hand."""
    fact = LeadQualified(id="qualified", level="sql", score=82)
    deals = DealClient(client)
    run = client.get_workflow_handle(workflow_id("one"))
    await deals.open(deal_of("one", source="inbound"), PLAYBOOK)
    await settle(run)
    await deals.record("one", fact)
    await settle(run)
    found = await histories_of(client, run.id)
    await run.terminate()
    payload = found[0].events[0].workflow_execution_started_event_attributes.input.payloads[0]
    deal = Deal.model_validate(DealStart.model_validate_json(payload.data).deal)
    looks = decisions_in(found)
    opened_at = looks[0].at
    messages = tuple(messages_in(found, opened_at))
    return Life(deal=deal, opened_at=opened_at, messages=messages, plan=plan_of(looks, opened_at))
