"""Meteroid read beside its webhooks.

What was paid may have been told in vain, and a server of before October 2026 tells nobody that a subscription is over.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, JsonValue

from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.findings import Finding
from integrations.kit.mapping.events import events_from
from integrations.kit.mapping.files import shipped_mapping
from integrations.kit.polling import Polled
from integrations.kit.tool import Connected
from integrations.kit.usage import Usage, UsagePlace, UsageRead, UsageReading
from integrations.meteroid.client import Invoice, MeteroidClient, Subscription
from integrations.meteroid.metrics import MeteroidMetrics
from integrations.meteroid.payments import PaymentsPlace, read_payments
from integrations.meteroid.settings import SOURCE, MeteroidConnection
from store.database import Store

_MOST_KNOWN = 2000


class _Cursor(BaseModel):
    """Which page comes next, and which subscriptions are known to be over."""

    model_config = ConfigDict(frozen=True)

    page: int = 0
    known: tuple[str, ...] = ()
    usage: UsagePlace = UsagePlace()
    payments: PaymentsPlace = PaymentsPlace()


def meteroid_polling(connected: Connected) -> MeteroidPolling:
    """What of a connected Meteroid can be read."""
    return MeteroidPolling(connected.block(MeteroidConnection), connected.store)


class MeteroidPolling:
    """One Meteroid tenant."""

    def __init__(
        self, connection: MeteroidConnection, store: Store, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._client, self._clock = MeteroidClient(connection, store), clock
        self._usage = UsageReading(
            store=store, source=SOURCE, rule=connection.usage, metering=MeteroidMetrics(self._client)
        )
        self._source = shipped_mapping("meteroid").with_settings(connection.settings, connection.tables)

    async def poll(self, cursor: str | None) -> Polled:
        """What is over, and what was paid, since they were read last, as the newer server's webhooks tell it.

        Raises:
            NotHandedOver, Refused, Unanswered: they cannot be read now, or never.
            StoreAway: the database does not answer.
        """
        now = self._clock()
        last = _Cursor() if cursor is None else _Cursor.model_validate_json(cursor)
        over, more = await self._client.ended(last.page)
        new: list[JsonValue] = [_told(one) for one in over if one.id not in last.known]
        known = tuple(dict.fromkeys((*last.known, *(one.id for one in over))))[-_MOST_KNOWN:]
        used = UsageRead(place=last.usage) if more else await self._usage.read(last.usage, now)
        new += [_used(one, now) for one in used.news]
        payments = last.payments
        if not (more or used.more):
            paid, payments, more = await read_payments(self._client, payments, now)
            new += [_paid(one) for one in paid]
        page = last.page + 1 if more and payments.page == 0 else 0
        left = _Cursor(page=page, known=known, usage=used.place, payments=payments)
        events = tuple(events_from(self._source, new, now)) if new else ()
        return Polled(events=events, seen=used.seen, cursor=left.model_dump_json(), more=more or used.more)

    async def health(self) -> list[Finding]:
        """Whether Meteroid takes the key."""
        try:
            await self._client.ended(0)
        except (NotHandedOver, Refused, Unanswered) as error:
            return [Finding("problem", "credentials", error.reason, "look at key and base_url")]
        found = [Finding("ok", "credentials", "Meteroid takes the key")]
        return [*found, *await self._usage.health(self._clock())]

    async def repair(self) -> list[Finding]:
        """Nothing: webhooks are set up in Meteroid."""
        return []

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()


def _told(one: Subscription) -> JsonValue:
    """When it ended, a list does not say: a webhook that comes later tells the same."""
    return {
        "id": f"read:{one.id}", "type": "subscription.ended", "subscription_id": one.id,
        "customer_id": one.customer_id, "status": one.status,
    }  # fmt: skip


def _paid(one: Invoice) -> JsonValue:
    whose: dict[str, JsonValue] = {} if one.subscription_id is None else {"subscription_id": one.subscription_id}
    return {
        "id": f"read:{one.id}", "type": "invoice.paid", "timestamp": one.paid_at.isoformat() if one.paid_at else None,
        "invoice_id": one.id, "customer_id": one.customer_id, "total": one.total, "currency": one.currency, **whose,
    }  # fmt: skip


def _used(one: Usage, now: datetime) -> JsonValue:
    return {
        "id": one.id, "type": "usage.read", "timestamp": now.isoformat(), "subscription_id": one.subscription,
        "health": one.health,
    }  # fmt: skip
