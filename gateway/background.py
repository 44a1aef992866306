"""The gateway's background tasks: they run as long as it does, and each says how it is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from gateway.audit_trail.writing import AuditWriter
from gateway.events.delivering import Deliverer
from gateway.redaction import redacted
from gateway.task_health import TaskHealth
from gateway.webhooks.dispatch import Dispatcher
from gateway.webhooks.questions import Questions
from integrations.kit.ports import Listener

log = logging.getLogger(__name__)


@dataclass
class Background:
    """All of them. Only those without which nothing works make the gateway unready: see ``vital``."""

    dispatcher: Dispatcher
    writer: AuditWriter
    deliverer: Deliverer
    questions: Questions
    listeners: dict[str, Listener]
    """By the names of the tools."""
    binding: Callable[[], str | None] = field(default=lambda: None)
    """Says why no deal may be written to yet, if none may."""

    def __post_init__(self) -> None:
        self._listening = {tool: TaskHealth(name=f"listener to {tool}") for tool in self.listeners}

    @property
    def health(self) -> Sequence[TaskHealth]:
        """How each task is."""
        known = (self.dispatcher.health, self.deliverer.health, self.writer.health)
        return *known, *self.questions.health.values(), *self._listening.values()

    def problems(self) -> list[str]:
        """What keeps the gateway from doing its work. A tool that is away is no reason to send it no requests."""
        found = (self.binding(), self.dispatcher.health.problem(), self.deliverer.health.problem())
        return [problem for problem in found if problem]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """All of them run for as long as this block. One that ends by a fault is logged, and the others go on."""
        tasks = [
            _started(self.dispatcher.run(), "dispatcher"),
            _started(self.writer.run(), "audit trail"),
            _started(self.deliverer.run(), "deliverer of events"),
            _started(self.questions.run(), "questions in other tools"),
            *(_started(self._listen(tool), f"listener to {tool}") for tool in self.listeners),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
                await asyncio.wait([task])

    async def _listen(self, tool: str) -> None:
        health = self._listening[tool]

        def kept() -> None:
            health.round_succeeded()
            self.dispatcher.wake()

        with health.running():
            await self.listeners[tool].run(kept)


def _started(work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(_tell_of_the_end)
    return task


def _tell_of_the_end(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (fault := task.exception()) is not None:
        log.critical("the %s has ended: %s. Restart the gateway", task.get_name(), redacted(fault))
