"""The activities ``write_journal`` (entries that no effect carries) and ``withdraw_effects``."""

from __future__ import annotations

from temporalio import activity

from activities.ledger import Ledger
from dealwright.contract import WITHDRAW, WRITE_JOURNAL, JournalRequest, WithdrawRequest
from dealwright.effects import Outcome


class Journal:
    """Writes down what is decided, and calls off what is no longer wanted."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @activity.defn(name=WRITE_JOURNAL)
    async def write_journal(self, request: JournalRequest) -> None:
        """Write entries down; those already there change nothing."""
        await self._ledger.write(request, activity.info().workflow_run_id or "")

    @activity.defn(name=WITHDRAW)
    async def withdraw_effects(self, request: WithdrawRequest) -> list[Outcome]:
        """Call effects off, where it is not too late."""
        return await self._ledger.withdraw(request, activity.info().workflow_run_id or "")
