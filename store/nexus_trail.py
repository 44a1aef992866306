"""Lines of the audit trail for what workflows in other namespaces ask of deals by Nexus."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime

from dealwright.client.nexus_handler import Asked
from store.audit import AuditEntry, write
from store.database import Store
from store.errors import StoreError

log = logging.getLogger("dealwright.audit")

_LONGEST = 2.0
"""Seconds that a line may take to be written (wall clock): an operation has to be answered soon."""


class NexusTrail:
    """Writes a line for each change. Where the store does not answer in time, the log has it alone.

    What reached the deal has a line with its story then (``store.direct_changes``), which does not say who asked.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def __call__(self, asked: Asked) -> None:
        """Write down what was asked for and answered."""
        caller = f"nexus:{asked.endpoint}"
        entry = AuditEntry(
            at=datetime.now(UTC), caller=caller, by=asked.by or caller, address=asked.workflow,
            operation=asked.operation, deal_id=asked.deal_id, idempotency_key=asked.id, result=asked.result,
            status=None if asked.opened_now is None else 201 if asked.opened_now else 200,
        )  # fmt: skip
        about = entry.model_dump(mode="json", exclude_none=True, exclude={"at"})
        log.info("%s by %s: %s", entry.operation, entry.by, entry.result, extra={"audit": about})
        try:
            async with asyncio.timeout(_LONGEST):
                await write(self._store, [entry])
        except (StoreError, TimeoutError) as error:
            log.warning("the audit trail has no line of %s by %s: %s", entry.operation, entry.by, error or "too late")
