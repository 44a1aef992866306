"""The one timer of a workflow: set anew only when its time changes. It knows nothing of deals."""

from __future__ import annotations

import asyncio
from datetime import datetime

from temporalio import workflow


class OneTimer:
    """A durable timer that can be moved; ``due`` is true from its time until it is set again."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None
        self.at: datetime | None = None

    @property
    def due(self) -> bool:
        """Whether the time has come."""
        return self._task is not None and self._task.done()

    def set(self, at: datetime | None, summary: str) -> None:
        """Wake at that time (None: not at all). ``summary`` is what people read beside the timer."""
        if at == self.at and self._task is not None and not self._task.done():
            return
        if self._task is not None and not self._task.done():
            self._task.cancel()
        self.at = at
        self._task = None if at is None else asyncio.create_task(_sleep_until(at, summary))


async def _sleep_until(at: datetime, summary: str) -> None:
    delay = (at - workflow.now()).total_seconds()
    if delay > 0:
        await workflow.sleep(delay, summary=summary)
