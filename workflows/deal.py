"""``DealWorkflow``: one deal, from first research to its last contract year.

The shell around the rules. It acts only on recorded decisions: entries are folded, effects started, the timer set.
Nothing here knows a rule; nothing here reads a clock, a file or the environment.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from dealwright.decision import Received, Verdict
from workflows.deal_run import DealRun
from workflows.deciding import is_awake, look
from workflows.draining import continue_as_new
from workflows.ending import end, news_or, wind_up
from workflows.message_handlers import MessageHandlers, accept_raw, read_start
from workflows.phase import Phase
from workflows.queries import Queries

_PATIENCE_AFTER_THE_END = timedelta(seconds=10)
_NOT_YET = Verdict(accepted=False, decided=False, text="Recorded, not yet decided. Ask again with the same id.")


@workflow.defn(name="DealWorkflow")
class DealWorkflow(MessageHandlers, Queries):
    """A sales deal: told facts by signals, given commands by updates, led by its playbook."""

    @workflow.init
    @accept_raw
    def __init__(self, *raws: RawValue) -> None:
        start, self.unreadable = read_start(raws)
        self.deal = DealRun(start)

    @workflow.run
    @accept_raw
    async def run(self, *raws: RawValue) -> str:
        """Live. Returns how the deal ended, such as ``churned``."""
        del raws  # read when the workflow was made, before the first signal
        if self.unreadable:
            raise ApplicationError(self.unreadable, type="BadStart", non_retryable=True)
        deal = self.deal
        try:
            await _begin(deal)
            while deal.phase is not Phase.ENDED:
                while not deal.state.finished:
                    await workflow.wait_condition(lambda: is_awake(deal) or deal.ends_as_new)
                    await look(deal)
                    if deal.ends_as_new and not deal.state.finished:
                        await continue_as_new(deal)
                await end(deal)  # or the deal is reopened, and lives on
        except asyncio.CancelledError:
            if workflow.cancellation_reason() is not None:  # else the worker only forgets the deal
                await wind_up(deal)
            raise
        return deal.state.outcome or ""

    def receive(self, received: Received) -> None:
        """Put a fact into the inbox, unless it is known already."""
        self.deal.inbox.take_fact(received, workflow.now())

    async def answer(self, received: Received) -> Verdict:
        """Put a command into the inbox, unless it is known already, and wait for its verdict."""
        deal = self.deal
        deal.inbox.take_command(received)
        await workflow.wait_condition(lambda: bool(deal.inbox.verdict(received.id)) or deal.phase.answers_at_once)
        return deal.inbox.verdict(received.id) or _NOT_YET


async def _begin(deal: DealRun) -> None:
    """Go on from the last run's decision, or make the first one.

    A run for a deal whose life is over begins because something comes for it. A command comes after the start only,
    and the run would end before it.
    """
    if deal.outlook is not None:
        deal.wake_as_decided()
        return
    if deal.start.after_the_end and not deal.start.carried:
        await news_or(deal, _PATIENCE_AFTER_THE_END, "Waiting for what has come for a finished deal")
    await look(deal)
