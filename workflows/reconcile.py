"""``ReconcileTool``: reads one tool for what its webhooks should have brought, and looks after them.

A Temporal Schedule starts it again and again; while one is running, no other begins.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from dealwright import contract

_PAGES = 100
"""Pages that one run reads; the next run goes on."""
_ATTEMPT, _ALL_ATTEMPTS = timedelta(minutes=2), timedelta(minutes=15)
_SIGN_OF_LIFE = timedelta(seconds=10)
_RETRIES = RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=2))


@workflow.defn(name=contract.RECONCILE)
class ReconcileTool:
    """One round of reading, and of looking after subscriptions."""

    @workflow.run
    async def run(self, request: contract.ReconcileRequest) -> None:
        """Read page by page, then watch. What could not be read now is read by the next round."""
        failure: ActivityError | None = None
        try:
            more = await _read(request)
        except ActivityError as error:
            failure, more = error, False
        if more:
            workflow.continue_as_new(request)
        await _watch(request)
        if failure is not None:
            raise failure


async def _read(request: contract.ReconcileRequest) -> bool:
    """Read at most ``_PAGES`` pages. True when there are more."""
    for _ in range(_PAGES):
        report = await workflow.execute_activity(
            contract.POLL_TOOL, request, result_type=contract.PollReport, summary=f"Read {request.source}",
            start_to_close_timeout=_ATTEMPT, schedule_to_close_timeout=_ALL_ATTEMPTS,
            heartbeat_timeout=_SIGN_OF_LIFE, retry_policy=_RETRIES,
        )  # fmt: skip
        if not report.more:
            return False
    return True


async def _watch(request: contract.ReconcileRequest) -> None:
    await workflow.execute_activity(
        contract.WATCH_TOOL, request, summary=f"Watch {request.source}", retry_policy=_RETRIES,
        start_to_close_timeout=_ATTEMPT, schedule_to_close_timeout=_ALL_ATTEMPTS, heartbeat_timeout=_SIGN_OF_LIFE,
    )  # fmt: skip
