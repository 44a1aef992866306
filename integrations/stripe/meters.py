"""What customers used, by Stripe's billing meters.

https://docs.stripe.com/api/billing/meter-event-summary/list: the time is given in whole minutes; here, in whole days.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from integrations.kit.errors import Refused
from integrations.stripe.client import StripeClient
from integrations.stripe.objects import Subscription

_OVER = frozenset({"canceled", "incomplete", "incomplete_expired"})


class _Summary(BaseModel):
    model_config = ConfigDict(frozen=True)

    aggregated_value: Decimal


class _Summaries(BaseModel):
    model_config = ConfigDict(frozen=True)

    data: list[_Summary]


class StripeMeters:
    """The meters of one account."""

    def __init__(self, client: StripeClient) -> None:
        self._client = client

    async def used(self, subscription: str, meter: str, since: date, until: date) -> Decimal | None:
        """How much the customer of a subscription used from a day on, up to before another one, in UTC.

        Raises:
            NotHandedOver, Refused, Unanswered: it cannot be read now, or never.
        """
        there = await self._client.get("read a subscription", f"/v1/subscriptions/{subscription}")
        read = None if there.empty else there.read_as(Subscription)
        if read is None or read.status in _OVER or read.customer is None:
            return None
        query: dict[str, str | int] = {"customer": read.customer, "start_time": _at(since), "end_time": _at(until)}
        answer = await self._client.get("read usage", f"/v1/billing/meters/{meter}/event_summaries", query)
        if answer.empty:
            raise Refused(f"Stripe has no meter {meter}")
        return sum((one.aggregated_value for one in answer.read_as(_Summaries).data), Decimal())


def _at(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())
