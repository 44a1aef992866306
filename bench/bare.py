"""The reference: the same life as a workflow written by hand, without rules.

It is what a good engineer would write for this one deal, on the SDK as it comes, with its pydantic converter: typed
signals and updates for what the deal is told, one ``wait_condition`` with a timeout for each wait, each effect an
activity with a retry policy and a summary, effects of one moment at the same time. It knows what comes (the plan is
part of its code, read once at import), so that it decides nothing: no local activity, no entries, no journal, no
search attributes, no deduplication, no continue-as-new. A fact which nothing in the plan waits for does not end a
wait. It pays for its timers as ``wait_condition`` does: a wait that ends early cancels its timer, and the next wait
starts one.

So its effects and its waits, with their times, are those of the deal that was recorded; all that differs is what
the rules, their record and their visibility cost.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from bench.life import BareRequest, PlanStep
    from bench.message_handlers import MessageLog
    from bench.plan import plan
    from dealwright.deal import Deal
    from dealwright.effects import Effect, Outcome

WORKFLOW_TYPE = "BareDeal"
_RETRIES = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))


@workflow.defn(name=WORKFLOW_TYPE)
class BareDeal(MessageLog):
    """The life, step by step."""

    @workflow.run
    async def run(self, deal: Deal) -> str:
        """Live through the plan."""
        opened_at = workflow.now()
        for stretch in plan():
            for together in stretch.rounds:
                await asyncio.gather(*(_do(deal, effect) for effect in together))
            if stretch.wake_after is None:
                await workflow.wait_condition(partial(self._heard, stretch))
                continue
            try:
                await workflow.wait_condition(
                    partial(self._heard, stretch),
                    timeout=max(opened_at + stretch.wake_after - workflow.now(), timedelta()),
                    timeout_summary=stretch.summary,
                )
            except TimeoutError:
                continue
        return "lived"

    def _heard(self, stretch: PlanStep) -> bool:
        return stretch.until_heard is not None and len(self.heard) >= stretch.until_heard


async def _do(deal: Deal, effect: Effect) -> Outcome:
    outcome: Outcome = await workflow.execute_activity(
        effect.kind,
        BareRequest(deal_id=deal.id, effect=effect),
        result_type=Outcome,
        summary=effect.summary,
        start_to_close_timeout=timedelta(seconds=30),
        schedule_to_close_timeout=timedelta(minutes=5),
        retry_policy=_RETRIES,
    )
    return outcome
