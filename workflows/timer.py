"""The one timer of a workflow: set anew only when its time moves earlier, or much later. It knows nothing of deals."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow

_NEAR = timedelta(days=1)
"""A timer that goes off so soon is left standing when its time moves later: it then waits for the rest."""


class UpdatableTimer:
    """A durable timer that can be moved; ``due`` is true from its time until it is set again."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None
        self._goes_off: datetime | None = None
        self.at: datetime | None = None
        self.summary = ""

    @property
    def due(self) -> bool:
        """Whether the time has come."""
        return self._task is not None and self._task.done()

    def set(self, at: datetime | None, summary: str) -> None:
        """Wake at that time (None: not at all). ``summary`` is what people read beside the timer."""
        self.at, self.summary = at, summary
        if self._task is not None and not self._task.done():
            if self._serves(at):
                return
            self._task.cancel()
        self._goes_off = at
        self._task = None if at is None else asyncio.create_task(self._sleep())

    def _serves(self, at: datetime | None) -> bool:
        goes_off = self._goes_off
        if at is None or goes_off is None:
            return False
        return at == goes_off or (goes_off < at and goes_off - workflow.now() <= _NEAR)

    async def _sleep(self) -> None:
        while self.at is not None and (delay := (self.at - workflow.now()).total_seconds()) > 0:
            self._goes_off = self.at
            await workflow.sleep(delay, summary=self.summary)
