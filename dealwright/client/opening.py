"""A deal's opening: started, what a running deal was opened with, and whether it was let in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from pydantic import ValidationError
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.common import WorkflowIDReusePolicy as IdReuse
from temporalio.exceptions import WorkflowAlreadyStartedError

from dealwright.client.checked_fact import CheckedFact
from dealwright.client.errors import TemporalAway
from dealwright.client.rpc import payload_of
from dealwright.client.update_call import Run
from dealwright.deal import Deal
from dealwright.decision import DealStart
from dealwright.identity import DEFAULT_PLAYBOOK, WORKFLOW_TYPE, workflow_id
from dealwright.validation.errors import BadDeal
from dealwright.validation.opening import admit, content_hash
from dealwright.views.snapshot import Snapshot

UNTIL_DECIDED = timedelta(seconds=5)
"""How long the first decision of a deal is waited for (wall clock)."""
_PAUSE, _LONGEST_PAUSE = 0.05, 0.5
"""Seconds (wall clock)."""


class OpenedDeal(NamedTuple):
    """A deal that runs."""

    deal_id: str
    run_id: str | None
    opened_now: bool
    """Whether this call opened it; otherwise it ran already, opened with the same content."""
    let_in: bool = False
    """Whether the deal has decided to begin. False: that is not known yet, as no worker has come to it."""


async def first_decision(snapshot: Callable[[], Awaitable[Snapshot]], patience: timedelta) -> Snapshot | None:
    """Where a deal stands after its first decision; None when there is none in time (no worker, or a busy one)."""
    pause = _PAUSE
    with suppress(TimeoutError, TemporalAway):
        async with asyncio.timeout(patience.total_seconds()):
            while patience:
                seen = await snapshot()
                if seen.outcome is not None or seen.stage is not None:
                    return seen
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
    return None


@dataclass(frozen=True)
class DealStarter:
    """Starts the workflows of deals, on the task queue that their worker listens to."""

    client: Client
    task_queue: str

    async def start(self, deal: Deal, playbook: str, fact: CheckedFact | None = None) -> Run:
        """Start a deal's first run, with a fact that it is told first; one that was not let in before may try again.

        Raises:
            WorkflowAlreadyStartedError: the id is taken.
            RPCError: as Temporal answers.
        """
        try:
            return await self._start_under(IdReuse.REJECT_DUPLICATE, deal, playbook, fact)
        except WorkflowAlreadyStartedError:
            before = await self.client.get_workflow_handle(workflow_id(deal.id)).describe()
            if before.status is not WorkflowExecutionStatus.FAILED:
                raise
            # That deal was not let in, and nothing was ever done for it.
            return await self._start_under(IdReuse.ALLOW_DUPLICATE_FAILED_ONLY, deal, playbook, fact)

    async def _start_under(self, reuse: IdReuse, deal: Deal, playbook: str, fact: CheckedFact | None) -> Run:
        return await self.client.start_workflow(
            WORKFLOW_TYPE,
            {"deal": payload_of(deal), "playbook": playbook},
            id=workflow_id(deal.id),
            task_queue=self.task_queue,
            id_reuse_policy=reuse,
            static_summary=f"Deal {deal.id}, playbook {playbook}",
            start_signal=fact.name if fact else None,
            start_signal_args=[fact.payload] if fact else [],
        )

    async def start_after_the_end(self, deal_id: str, fact: CheckedFact | None) -> Run:
        """Start a run for a deal whose life is over, with the fact that has come for it; one that runs takes it.

        Raises:
            RPCError: as Temporal answers.
        """
        return await self.client.start_workflow(
            WORKFLOW_TYPE,
            {"deal": {"id": deal_id}, "after_the_end": True},
            id=workflow_id(deal_id),
            task_queue=self.task_queue,
            id_reuse_policy=IdReuse.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=f"Deal {deal_id}, after its end",
            start_signal=fact.name if fact else None,
            start_signal_args=[fact.payload] if fact else [],
        )


async def opened_as(client: Client, run: Run) -> str | None:
    """The hash of the content (see ``validation.opening.content_hash``); None when it was no deal that can be let in.

    Raises:
        RPCError: as Temporal answers.
    """
    first = await anext(run.fetch_history_events(page_size=1))
    payloads = first.workflow_execution_started_event_attributes.input.payloads
    try:
        start = DealStart.model_validate((await client.data_converter.decode(payloads))[0])
        return content_hash(admit(start.deal), start.playbook or DEFAULT_PLAYBOOK)
    except (IndexError, BadDeal, ValidationError):
        return None
