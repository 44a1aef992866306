"""Draining: before a run ends, what it has under way comes back, and every command that waits is answered."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from pydantic_core import to_json
from workflows.deal_run import DealRun
from workflows.phase import Phase

MOST_CARRIED = 3 * 512 * 1024
"""Bytes that travel with a deal into its next run; a payload of Temporal's has 2 MiB at the most, in a codec too."""


async def drain(deal: DealRun) -> None:
    """Wait for what is under way, then let go of the commands that wait.

    The order matters. A command may wait for its verdict as long as an effect is under way; one that still waited
    after that would wait for a decision that this run does not make any more, and the run for the command.
    """
    await workflow.wait_condition(lambda: deal.effects.idle)
    deal.note_as_planned()
    if deal.phase is not Phase.PARKED:  # a parked deal keeps no command waiting anyway, and goes on as parked
        deal.phase = Phase.DRAINING
    await workflow.wait_condition(workflow.all_handlers_finished)


async def continue_as_new(deal: DealRun) -> None:
    """End this run and begin the next one. Returns only if what the next one needs does not fit into its input.

    That is measured after the wait, since facts go on coming meanwhile: Temporal fails the task for ever over an
    input that is too large. What came in is decided in this run first.
    """
    await drain(deal)
    start = deal.start.model_copy(update={"carried": deal.carried()})
    if len(to_json(start, exclude_none=True)) <= MOST_CARRIED:
        workflow.continue_as_new(args=[start])
    deal.inbox.too_large_to_carry = True
    if deal.phase is not Phase.PARKED:
        deal.phase = Phase.WAITING
        deal.wake_as_decided()
