"""Stripe read beside its webhooks: the events of the account, and how its webhook endpoint is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue

from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.findings import Finding
from integrations.kit.mapping.bodies import Unreadable
from integrations.kit.mapping.events import events_from
from integrations.kit.mapping.files import shipped_mapping
from integrations.kit.polling import Polled
from integrations.kit.tool import Connected
from integrations.kit.usage import Usage, UsagePlace, UsageRead, UsageReading
from integrations.kit.webhook_look import look
from integrations.stripe.changes import changes_of
from integrations.stripe.client import Endpoint, StripeClient
from integrations.stripe.meters import StripeMeters
from integrations.stripe.objects import JsonObject
from integrations.stripe.settings import SOURCE, StripeConnection
from store.database import Store

TYPES = (
    "invoice.paid", "invoice.payment_failed", "customer.subscription.created", "customer.subscription.updated",
    "customer.subscription.deleted", "customer.subscription.paused", "customer.subscription.resumed",
    "credit_note.created", "refund.created",
)  # fmt: skip
"""What is followed."""
_LAG, _OVERLAP = timedelta(minutes=1), timedelta(minutes=5)
"""How long a webhook may take, and how much is read again: events of one moment may show one after another."""
_KEPT = timedelta(days=29)
"""Stripe keeps events for thirty days."""
_CANNOT = (NotHandedOver, Refused, Unanswered)
_ABOUT = "webhook endpoint"
_MAKE_ONE = "make one in Stripe, and put its signing secret (whsec_…) into webhook_secrets"
_RIGHTS = "look at the key: it needs to read events, and to read and write webhook endpoints"


class _Cursor(BaseModel):
    """How far was read: the time that is being read, and after which event in it; Stripe gives the newest first."""

    model_config = ConfigDict(frozen=True)

    since: AwareDatetime
    until: AwareDatetime
    after: str | None = None
    usage: UsagePlace = UsagePlace()


def stripe_polling(connected: Connected) -> StripePolling:
    """What of a connected Stripe account can be read."""
    return StripePolling(connected.block(StripeConnection), connected.store)


class StripePolling:
    """One Stripe account."""

    def __init__(
        self, connection: StripeConnection, store: Store, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._connection, self._client, self._clock = connection, StripeClient(connection, store), clock
        self._usage = UsageReading(
            store=store, source=SOURCE, rule=connection.usage, metering=StripeMeters(self._client)
        )
        self._source = shipped_mapping("stripe").with_settings(connection.settings, connection.tables)

    async def poll(self, cursor: str | None) -> Polled:
        """The events since a cursor, a page at a time, as webhooks would have told them, and under the same ids.

        Raises:
            NotHandedOver, Refused, Unanswered: they cannot be read now, or never.
            StoreAway: the database does not answer.
        """
        now = self._clock()
        reading = self._next(cursor, now)
        if reading is None:
            return Polled(events=(), cursor=_Cursor(since=now - _LAG, until=now - _LAG).model_dump_json())
        page = await self._client.events(TYPES, reading.since, reading.until, reading.after)
        changes: list[JsonValue] = [change for event in page.data for change in _readable(event)]
        events = tuple(events_from(self._source, changes, now)) if changes else ()
        more = page.has_more and bool(page.data)
        after = str(page.data[-1]["id"]) if more else None
        used = UsageRead(place=reading.usage) if more else await self._usage.read(reading.usage, now)
        if used.news:
            events += tuple(events_from(self._source, [_used(one, now) for one in used.news], now))
        left = reading.model_copy(update={"after": after, "usage": used.place})
        return Polled(events=events, seen=used.seen, cursor=left.model_dump_json(), more=more or used.more)

    async def health(self) -> list[Finding]:
        """How key and webhook endpoint are."""
        now = self._clock()
        try:
            await self._client.events(TYPES, now - _LAG, now, count=1)
            found = [Finding("ok", "credentials", "Stripe takes the key"), await self._endpoint()]
            return [*found, *await self._usage.health(now)]
        except _CANNOT as error:
            return [Finding("problem", "credentials", error.reason, _RIGHTS)]

    async def repair(self) -> list[Finding]:
        """Switch the webhook endpoint on again; what was done. One that is not there, a person makes."""
        if self._connection.webhook_url is None:
            return []
        try:
            ours = await self._ours()
            if not ours or any(not _lacks(one) for one in ours):
                return []
            await self._client.switch_on(ours[0], TYPES)
        except _CANNOT as error:
            return [Finding("problem", _ABOUT, error.reason, _RIGHTS)]
        return [Finding("ok", _ABOUT, "it was switched on again")]

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    def _next(self, cursor: str | None, now: datetime) -> _Cursor | None:
        if cursor is None:
            return None
        last = _Cursor.model_validate_json(cursor)
        if last.after is not None:
            return last
        since = max(last.until - _OVERLAP, now - _KEPT)
        return _Cursor(since=since, until=max(now - _LAG, since + timedelta(seconds=1)), usage=last.usage)

    async def _endpoint(self) -> Finding:
        url, secrets = self._connection.webhook_url, self._connection.webhook_secrets
        ours = await self._ours() if url is not None else []
        return look(_ABOUT, url, [_lacks(one) for one in ours], remedy=_MAKE_ONE, secrets=secrets)

    async def _ours(self) -> list[Endpoint]:
        return [one for one in await self._client.endpoints() if one.url == self._connection.webhook_url]


def _used(one: Usage, now: datetime) -> JsonValue:
    return {
        "id": one.id, "created": int(now.timestamp()), "change": "used",
        "object": f"subscription:{one.subscription}", "health": one.health,
    }  # fmt: skip


def _lacks(one: Endpoint) -> list[str]:
    """What keeps an endpoint from telling us all that we need, in words."""
    missing = [] if "*" in one.enabled_events else sorted({*TYPES} - {*one.enabled_events})
    return [*([] if one.status == "enabled" else [f"being on (it is {one.status})"]), *missing]


def _readable(event: JsonObject) -> list[JsonObject]:
    """The changes of an event. One that cannot be read keeps no other from being read: it is kept as skipped."""
    try:
        return changes_of(event)
    except Unreadable:
        around = {name: event.get(name) for name in ("id", "created", "type")}
        return [{**around, "change": "unreadable", "object": "event:unreadable"}]
