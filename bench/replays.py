"""What a cold replay costs per event, on either side, in this process."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from bench.histories import events_of
from bench.plan import PLAN_VARIABLE, plan
from bench.variant import REAL, Variant
from workflows.deal import DealWorkflow

_TIMES = 5
"""How often a life is replayed in one measurement."""


async def seconds_per_event(side: Variant, histories: Sequence[WorkflowHistory], life: Path) -> float:
    """Processor time that replaying a life takes, for each event of it."""
    if side == REAL:
        workflow: type = DealWorkflow
    else:
        os.environ[PLAN_VARIABLE] = str(life)
        plan()
        from bench.bare import BareDeal

        workflow = BareDeal
    events = sum(len(events_of(history)) for history in histories)

    async def again_and_again() -> AsyncIterator[WorkflowHistory]:
        for _ in range(_TIMES):
            for history in histories:
                yield history

    gc.collect()
    began = time.process_time()
    replayer = Replayer(workflows=[workflow], plugins=[side.plugin])
    await replayer.replay_workflows(again_and_again(), raise_on_replay_failure=True)
    return (time.process_time() - began) / _TIMES / events
