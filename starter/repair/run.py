"""A repair of all deals: each one examined, and mended where that is options."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from temporalio.client import Client
from temporalio.service import RPCError

from starter.repair.deal_repair import Findings, examine, repair
from starter.repair.histories import deals_in
from store import repairs
from store.database import Store
from store.errors import JournalConflict

_AT_ONCE = 8


@dataclass(frozen=True)
class RepairOptions:
    """What a repair is to do."""

    store_from: datetime | None = None
    """The store is a copy that was made then (wall clock); None when it was not restored."""
    repair: bool = False
    crm_in_store: bool = True
    """Whether tasks, notes and stages are kept in the store, and not in a connected CRM."""
    chat_in_store: bool = True


@dataclass
class Report:
    """What a repair found, and has repaired if it was asked to: all but ``failed`` and ``without_workflow``."""

    examined: int = 0
    found: list[Findings] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    """Deals that could not be examined or repaired, with why."""
    without_workflow: list[str] = field(default_factory=list)
    """Deals whose story is in the journal, without an end, and that Temporal does not know."""


async def repair_all(
    client: Client,
    store: Store,
    options: RepairOptions,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Report:
    """Examine every deal that Temporal knows.

    Raises:
        RPCError, StoreAway: Temporal cannot list its deals, or the database does not answer.
    """
    deals, report, slots = await deals_in(client), Report(), asyncio.Semaphore(_AT_ONCE)

    async def one(deal_id: str) -> None:
        async with slots:
            try:
                found = await examine(client, store, deal_id, options.store_from)
                if found:
                    report.found.append(found)
                if found and options.repair:
                    await repair(store, found, crm=options.crm_in_store, chat=options.chat_in_store)
            except (RPCError, JournalConflict, ValueError) as error:
                report.failed[deal_id] = str(error)
        report.examined += 1
        progress(report.examined, len(deals))

    await asyncio.gather(*(one(deal_id) for deal_id in deals))
    report.found.sort(key=lambda found: found.deal_id)
    report.without_workflow = sorted(await repairs.open_deals(store) - set(deals))
    return report
