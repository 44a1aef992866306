"""Asking for a decision, and what it means when none comes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from dealwright import contract
    from dealwright.decision import DealStart, Decision, Received
    from dealwright.state import DealState
from workflows.inbox import summary_of

PATIENCE = 3
"""Failures after which the inbox is decided item by item, and the item that fails alone is refused."""
_FIRST_PARKING, _LONGEST_PARKING = timedelta(seconds=10), timedelta(hours=1)
_ONCE = RetryPolicy(maximum_attempts=1)
_MOST_IN_A_TASK, _A_MOMENT = 512 * 1024, timedelta(milliseconds=1)
"""Bytes of decisions after which a workflow task ends: what one answers, with all that follows, has 4 MiB at most."""


class DecisionCaller:
    """The decisions of a deal: each one a local activity, so that it is recorded and never made again."""

    def __init__(self, deal_id: str, failures: int) -> None:
        self._deal_id = deal_id
        self.failures = failures
        """Failures in a row that may be one item's fault; the next run counts on."""
        self.trouble = ""
        """Why there was no decision, in words."""
        self._in_vain = 0
        self._bytes = 0

    @property
    def doubtful(self) -> bool:
        """Whether items are decided one by one, to find the one on which decisions fail."""
        return self.failures >= PATIENCE

    @property
    def next_attempt_in(self) -> timedelta:
        """How long a deal without a decision waits before it asks again: longer each time."""
        doubled: int = 2 ** min(self._in_vain - 1, 10)
        return min(_FIRST_PARKING * doubled, _LONGEST_PARKING)

    def trust_again(self, *, still_waiting: bool) -> None:
        """A decision was made. Behind one culprit another may stand, as long as something waits."""
        self.failures = PATIENCE if self.doubtful and still_waiting else 0
        self._in_vain = 0

    async def on(self, batch: Sequence[Received], state: DealState, start: DealStart) -> Decision | None:
        """The decision on what came in and the time; None, with ``trouble``, when there is none."""
        if self._bytes > _MOST_IN_A_TASK:
            self._bytes = 0
            await workflow.sleep(_A_MOMENT, summary="Much came in: one part after another")
        before = self.failures
        decision = await self._ask(batch, state, start)
        if decision is None and batch and self.failures > max(before, PATIENCE):
            # It fails on this item alone. If it does not fail without it, the item is the culprit; else the rules are.
            decision = await self._ask((batch[0].model_copy(update={"broken": self.trouble}),), state, start)
        if decision is None:
            self._in_vain += 1
        return decision

    async def _ask(self, batch: Sequence[Received], state: DealState, start: DealStart) -> Decision | None:
        request = contract.DecideRequest(
            deal_id=self._deal_id,
            start=None if state.deal else start,
            state=state,
            inbox=tuple(batch),
            now=workflow.now(),
        )
        try:
            answer: RawValue = await workflow.execute_local_activity(
                contract.DECIDE,
                request,
                result_type=RawValue,
                summary=summary_of(batch),
                start_to_close_timeout=timedelta(seconds=20),
                retry_policy=_ONCE,
            )
        except FailureError as error:
            stopped = is_cancelled_exception(error)  # the deal is cancelled, or only its worker ends
            if stopped and workflow.cancellation_reason() is not None:
                raise asyncio.CancelledError from error
            store_away = isinstance(error, ApplicationError) and error.type == contract.STORE_AWAY
            self.failures += 0 if stopped or store_away else 1
            self.trouble = f"The deal cannot be decided: {error}"[:500]
            return None
        self._bytes += len(answer.payload.data)
        return Decision.model_validate_json(answer.payload.data)
