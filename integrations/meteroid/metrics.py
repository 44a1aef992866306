"""What customers used, by Meteroid's billable metrics."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from integrations.kit.errors import Refused
from integrations.meteroid.client import ENDED, MeteroidClient


class MeteroidMetrics:
    """The metrics of one tenant."""

    def __init__(self, client: MeteroidClient) -> None:
        self._client = client

    async def used(self, subscription: str, meter: str, since: date, until: date) -> Decimal | None:
        """How much the customer of a subscription used from a day on, up to before another one.

        Of a metric, whether or not the subscription bills it: usage belongs to its customer.

        Raises:
            NotHandedOver, Refused, Unanswered: it cannot be read now, or never.
        """
        there = await self._client.subscription(subscription)
        if there is None or there.status in ENDED:
            return None
        used = await self._client.used(there.customer_id, meter, since, until)
        if used is None:
            raise Refused(f"Meteroid has no metric {meter}")
        return used
