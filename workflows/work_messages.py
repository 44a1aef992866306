"""``TellPeople``: tells people of their work. A Temporal Schedule starts it every minute; no two run at a time."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from dealwright import contract

_ATTEMPT, _ALL_ATTEMPTS = timedelta(minutes=1), timedelta(minutes=2)
"""What could not be sent within the second is tried again by the next run: nobody else should wait for it."""
_SIGN_OF_LIFE = timedelta(seconds=10)
_RETRIES = RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=1))
_AT_ONCE = 10


@workflow.defn(name=contract.TELL_PEOPLE)
class TellPeople:
    """One round: what is new becomes messages, and all that are to go out go."""

    @workflow.run
    async def run(self) -> None:
        """Plan, then send. A message that cannot be sent now keeps no other one from going."""
        planned = await workflow.execute_activity(
            contract.PLAN_WORK_MESSAGES, result_type=contract.PlannedMessages, summary="Look for what is new",
            start_to_close_timeout=_ATTEMPT, schedule_to_close_timeout=_ALL_ATTEMPTS, heartbeat_timeout=_SIGN_OF_LIFE,
            retry_policy=_RETRIES,
        )  # fmt: skip
        failures: list[ActivityError] = []
        for start in range(0, len(planned.ids), _AT_ONCE):
            sending = map(_send, planned.ids[start : start + _AT_ONCE])
            failures += [failure for failure in await asyncio.gather(*sending) if failure is not None]
        if failures:
            raise failures[0]


async def _send(message: str) -> ActivityError | None:
    try:
        await workflow.execute_activity(
            contract.SEND_WORK_MESSAGE, contract.WorkMessageRequest(id=message), summary="Tell a person",
            start_to_close_timeout=_ATTEMPT, schedule_to_close_timeout=_ALL_ATTEMPTS, heartbeat_timeout=_SIGN_OF_LIFE,
            retry_policy=_RETRIES,
        )  # fmt: skip
    except ActivityError as error:
        return error
    return None
