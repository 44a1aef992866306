"""Brings entries of the audit trail into the log at once, and into the store right after, in the background."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from gateway.redaction import redacted
from gateway.task_health import TaskHealth
from store import audit
from store.audit import AuditEntry
from store.database import Store
from store.errors import StoreAway

log = logging.getLogger("dealwright.audit")

MOST_WAITING = 20_000
"""Entries that wait for the store. Above that, the log alone has them, and they are counted."""
_BATCH, _FIRST_RETRY, _LONGEST_RETRY = 500, 1.0, 30.0
_AT_THE_END = 5.0
"""Seconds for what still waits when the gateway stops."""
_CLEANUP_EVERY, _CLEANUP_BATCH = timedelta(hours=1), 1000
_SIGN_OF_LIFE = 30.0
"""Seconds after which it looks again although nothing was added."""


class AuditWriter:
    """Writes entries in the background, from :meth:`run` until it is cancelled; none waits for the store."""

    def __init__(self, store: Store, retention: timedelta) -> None:
        self._store, self._retention = store, retention
        self._waiting: deque[AuditEntry] = deque()
        self._more = asyncio.Event()
        self._cleaned_up_at: datetime | None = None
        self.health = TaskHealth(name="audit trail")
        self.lost = 0
        """Entries that only the log has, since the gateway started."""

    def add(self, entry: AuditEntry) -> None:
        """Log an entry, and have it kept."""
        about = entry.model_dump(mode="json", exclude_none=True, exclude={"at"})
        log.info("%s by %s: %s", entry.operation, entry.by, entry.result, extra={"audit": about})
        if len(self._waiting) >= MOST_WAITING:
            self.lost += 1
            return
        self._waiting.append(entry)
        self._more.set()

    async def run(self) -> None:
        """Write until cancelled, and then what is left. While the store is away, retry with growing waits."""
        retry = _FIRST_RETRY
        try:
            with self.health.running():
                while True:
                    try:
                        await self._write_waiting()
                        await self._clean_up()
                    except StoreAway as error:
                        self.health.round_failed(error)
                        log.warning("the audit trail waits %g s: %s", retry, error)
                        await asyncio.sleep(retry)
                        retry = min(retry * 2, _LONGEST_RETRY)
                        continue
                    except Exception as error:  # noqa: BLE001 - the log has the entries; the next ones may fare better
                        self.health.round_failed(error)
                        self._drop_first(redacted(error))
                        continue
                    self.health.round_succeeded()
                    retry = _FIRST_RETRY
                    await self._wait_for_more()
        finally:
            await self._write_the_rest()

    @property
    def waiting(self) -> int:
        """Entries that wait for the store."""
        return len(self._waiting)

    async def _wait_for_more(self) -> None:
        self._more.clear()
        if not self._waiting:
            with suppress(TimeoutError):
                async with asyncio.timeout(_SIGN_OF_LIFE):
                    await self._more.wait()

    async def _write_waiting(self) -> None:
        while self._waiting:
            batch = [self._waiting[position] for position in range(min(_BATCH, len(self._waiting)))]
            await audit.write(self._store, batch)
            for _ in batch:
                self._waiting.popleft()

    def _drop_first(self, why: str) -> None:
        count = min(_BATCH, len(self._waiting))
        for _ in range(count):
            self._waiting.popleft()
        self.lost += count
        log.error("%d entries of the audit trail cannot be kept: %s", count, why)

    async def _write_the_rest(self) -> None:
        try:
            async with asyncio.timeout(_AT_THE_END):
                await self._write_waiting()
        except (StoreAway, TimeoutError) as error:
            log.warning("%d entries of the audit trail are in the log only: %s", len(self._waiting), error)

    async def _clean_up(self) -> None:
        now = datetime.now(UTC)
        if self._cleaned_up_at is not None and now - self._cleaned_up_at < _CLEANUP_EVERY:
            return
        gone = await audit.delete_before(self._store, now - self._retention, _CLEANUP_BATCH)
        if gone < _CLEANUP_BATCH:
            self._cleaned_up_at = now
