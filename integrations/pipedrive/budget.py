"""Pipedrive's two limits: so many calls in two seconds of one user, and so many tokens in a day of the company.

https://pipedrive.readme.io/docs/core-api-concepts-rate-limiting. What a call costs in tokens is said by its operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from integrations.kit.request_budget import Limit, Remaining, SharedBudget, budget_name
from integrations.pipedrive.settings import SOURCE, PipedriveConnection
from store.database import Store

_TWO_SECONDS = timedelta(seconds=2)
_DAY = timedelta(days=1)
_LOOK_AGAIN = timedelta(minutes=15)
"""When a day's tokens are counted anew is not told: then it is tried again."""


class PipedriveBudget:
    """Both limits; a call has to fit into each."""

    def __init__(self, connection: PipedriveConnection, store: Store) -> None:
        name = budget_name(SOURCE, connection.key)
        burst = Limit(most=connection.burst_calls, per=_TWO_SECONDS)
        self._burst = SharedBudget(store, name, burst, _left_of_burst)
        day = Limit(most=connection.daily_tokens, per=_DAY)
        self._day = SharedBudget(
            store, budget_name(f"{SOURCE}-day", connection.base_url or connection.key), day, _left_of_day
        )

    async def take(self, cost: int) -> None:
        """Spend one call and its tokens.

        Raises:
            NotHandedOver: there is nothing to spend for a while.
        """
        await self._day.take(cost)
        await self._burst.take(1)

    async def learn(self, headers: Mapping[str, str]) -> None:
        """Take in what an answer's headers say."""
        await self._burst.learn(headers)
        await self._day.learn(headers)

    async def hold_back(self, until: datetime) -> None:
        """Let nobody call before a time."""
        await self._burst.hold_back(until)


def _left_of_burst(headers: Mapping[str, str]) -> Remaining | None:
    left, reset = headers.get("x-ratelimit-remaining", ""), headers.get("x-ratelimit-reset", "")
    return Remaining(int(left), timedelta(seconds=int(reset))) if left.isdecimal() and reset.isdecimal() else None


def _left_of_day(headers: Mapping[str, str]) -> Remaining | None:
    left = headers.get("x-daily-ratelimit-token-remaining", "")
    return Remaining(int(left), _LOOK_AGAIN) if left.isdecimal() else None
