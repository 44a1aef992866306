"""Questions that stand in other tools, with buttons: shown as settled once they are, whoever answered where."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from gateway.redaction import redacted
from gateway.task_health import TaskHealth
from integrations.kit.commands import CommandSource
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from store.errors import StoreAway

log = logging.getLogger(__name__)

_EXPECTED = (NotHandedOver, Refused, Unanswered, StoreAway)


@dataclass
class Questions:
    """Has each tool look after its questions in the background, from :meth:`run` until it is cancelled.

    Two gateways may do so beside each other: what is shown twice is the same.
    """

    sources: Mapping[str, CommandSource]
    """Tools in which people answer, by the names of their sources."""
    interval: timedelta = timedelta(seconds=2)
    """The time between two rounds (wall clock)."""
    longest_wait: timedelta = timedelta(minutes=5)
    """The longest wait after rounds that failed."""

    def __post_init__(self) -> None:
        self.health = {name: TaskHealth(name=f"questions in {name}") for name in self.sources}
        """By the names of the sources."""

    async def run(self) -> None:
        """Look after all of them until cancelled. A tool that is away delays only its own."""
        await asyncio.gather(*(self._look_after(name, source) for name, source in self.sources.items()))

    async def _look_after(self, name: str, source: CommandSource) -> None:
        wait, health = self.interval, self.health[name]
        with health.running():
            while True:
                try:
                    await source.settle()
                except Exception as error:  # noqa: BLE001 - it is logged, without values
                    health.round_failed(error)
                    wait = min(wait * 2, self.longest_wait)
                    said = error if isinstance(error, _EXPECTED) else redacted(error)
                    log.warning("what became of questions in %s is shown later: %s", name, said)
                else:
                    health.round_succeeded()
                    wait = self.interval
                await asyncio.sleep(wait.total_seconds())
