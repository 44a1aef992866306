"""Invoices that were paid, read once Meteroid has given up to tell it: what no webhook brought is told late, and once.

A webhook tells another time and another object than is read. One that came after its invoice was read would be a
second event under the same id, with other content.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict

from integrations.meteroid.client import Invoice, MeteroidClient

_OLDEST = timedelta(days=180)
"""Of older invoices nobody is told late that they were paid."""
_OVERLAP = timedelta(hours=1)
"""Meteroid's clock and ours may differ."""
GIVEN_UP_AFTER = timedelta(hours=30)
"""Meteroid sends by Svix, which tries for 28 hours (https://docs.svix.com/retries)."""


class PaymentsPlace(BaseModel):
    """Which page comes next, and since when what was paid is news."""

    model_config = ConfigDict(frozen=True)

    page: int = 0
    first: AwareDatetime | None = None
    """When they were read for the first time: what was paid by then is told to nobody."""
    since: AwareDatetime | None = None
    """When they were read last."""
    begun: AwareDatetime | None = None
    """When the first of these pages was read."""


class PaymentsRead(NamedTuple):
    """A page of them."""

    paid: list[Invoice]
    """What is news, the newest invoice first."""
    place: PaymentsPlace
    more: bool


async def read_payments(client: MeteroidClient, place: PaymentsPlace, now: datetime) -> PaymentsRead:
    """The next page of invoices that were paid since they were read last.

    Raises:
        NotHandedOver, Refused, Unanswered: they cannot be read now, or never.
    """
    invoices, more = await client.invoices(place.page)
    begun, first, since = place.begun or now, place.first, place.since
    paid: list[Invoice] = []
    if first is not None and since is not None:
        since_then = max(first, since - GIVEN_UP_AFTER - _OVERLAP)
        paid = [one for one in invoices if _was_paid(one, since_then, begun - GIVEN_UP_AFTER)]
    if more and invoices and invoices[-1].invoice_date > (now - _OLDEST).date():
        going_on = PaymentsPlace(page=place.page + 1, first=first, since=since, begun=begun)
        return PaymentsRead(paid, going_on, more=True)
    return PaymentsRead(paid, PaymentsPlace(first=first or begun, since=begun), more=False)


def _was_paid(one: Invoice, since: datetime, until: datetime) -> bool:
    return one.payment_status == "PAID" and one.paid_at is not None and since <= one.paid_at < until
