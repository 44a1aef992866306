"""Ending: a deal's life is over, or it was cancelled in Temporal. Nothing that the server accepted may be lost."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from dealwright.closing import called_off, left_over, undecided
    from dealwright.decision import Attributes
    from dealwright.entries import DealClosed, DealRefused
from workflows.attributes import upsert
from workflows.deal_run import DealRun
from workflows.deciding import look
from workflows.draining import drain
from workflows.phase import Phase

_JOURNAL_AGAIN = timedelta(hours=1)


async def end(deal: DealRun, *, patient: bool = True) -> None:
    """Decide all that came in, hand over what is left over, write the journal, until nothing is left.

    It sees that in the task in which the run ends. Temporal fails this task if a signal came meanwhile, and the loop
    goes on. A patient end waits for the rules as long as they fail, and stops short if the deal is reopened.

    Raises:
        ApplicationError: the deal was not let in.
    """
    deal.timer.set(None, "")
    while True:
        await drain(deal)
        if patient and not deal.state.finished:
            deal.phase = Phase.WAITING  # it was reopened
            return
        if deal.inbox.items and (deal.state.deal or not patient):
            await _empty_inbox(deal, patient=patient)
        elif late := left_over(deal.state, workflow.now()):
            if (wait := late[0] - workflow.now()) > timedelta():
                await news_or(deal, wait, "Waiting to hand over once more")
            else:
                deal.effects.start(late[1])
        elif deal.effects.unwritten:
            await _write_journal(deal)
        else:
            break
    deal.phase = Phase.ENDED
    if isinstance(refused := deal.recent[-1], DealRefused):
        raise ApplicationError(refused.error, type="DealRefused", non_retryable=True)


async def wind_up(deal: DealRun) -> None:
    """End a deal that was cancelled in Temporal: what is on its way is called off, and the journal says so.

    Raises:
        ApplicationError: the deal was not let in.
    """
    if deal.phase is Phase.PARKED:  # it is tried once more
        deal.phase = Phase.DRAINING if deal.state.finished else Phase.DECIDING
    if not deal.state.finished:
        deal.note(DealClosed(at=workflow.now(), outcome="cancelled", reason="Cancelled in Temporal"))
        upsert(Attributes(DealOutcome="cancelled"))
    unwanted = [effect for effect, pending in deal.state.pending.items() if not pending.uncertain]
    for entry in called_off(deal.state, workflow.now()):
        deal.note(entry)
    deal.withdraw(unwanted)
    await end(deal, patient=False)
    upsert(Attributes(NeedsAttention=False))


async def news_or(deal: DealRun, patience: timedelta, summary: str) -> None:
    """Wait until something comes in, for so long at most."""
    with suppress(TimeoutError):
        await workflow.wait_condition(lambda: bool(deal.inbox.items), timeout=patience, timeout_summary=summary)


async def _empty_inbox(deal: DealRun, *, patient: bool) -> None:
    """Decide what is in it, however long that takes; or keep undecided what cannot be decided at once."""
    parked = deal.phase is Phase.PARKED
    if not patient and (parked or not deal.state.deal):
        for entry in undecided(deal.inbox.take_all(), workflow.now()):
            deal.note(entry)
        return
    if parked:
        await workflow.wait_condition(lambda: deal.timer.due)
    await look(deal)
    if deal.phase is not Phase.PARKED:
        deal.phase = Phase.DRAINING  # decided, and about to end all the same


async def _write_journal(deal: DealRun) -> None:
    deal.effects.write_journal(now=True)
    await drain(deal)
    if deal.effects.unwritten:
        await news_or(deal, _JOURNAL_AGAIN, "Waiting to write the journal once more")
