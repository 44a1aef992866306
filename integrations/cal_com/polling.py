"""Cal.com read beside its webhooks, which it sends once: what became of bookings, and how the account is set up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from integrations.cal_com import no_shows
from integrations.cal_com.client import PAGE, Booking, CalComClient, Webhook
from integrations.cal_com.settings import CalComConnection
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.findings import Finding
from integrations.kit.mapping.events import events_from
from integrations.kit.mapping.files import shipped_mapping
from integrations.kit.polling import Polled
from integrations.kit.tool import Connected
from integrations.kit.webhook_look import look
from store.database import Store
from store.intake import Event

TRIGGERS = (
    "BOOKING_CREATED", "BOOKING_RESCHEDULED", "BOOKING_CANCELLED", "BOOKING_REJECTED", no_shows.TRIGGER,
)  # fmt: skip
"""What a webhook has to tell."""
ENDED = "MEETING_ENDED"
"""And what it has to tell where the end of a meeting's time counts as its being held."""
_LAG, _OVERLAP = timedelta(minutes=2), timedelta(minutes=3)
"""How long a webhook may take, and how much is read again: a database shows late what was written at one moment."""
_CANNOT = (NotHandedOver, Refused, Unanswered)
_ABOUT = "webhook"


def cal_com_polling(connected: Connected) -> CalComPolling:
    """What of a connected Cal.com account can be read."""
    return CalComPolling(connected.block(CalComConnection), connected.store)


class CalComPolling:
    """One Cal.com user. Read are bookings that were made, moved, called off, refused or missed."""

    def __init__(
        self, connection: CalComConnection, store: Store, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._connection, self._store, self._clock = connection, store, clock
        self._client = CalComClient(connection, store)
        self._source = shipped_mapping("cal_com").with_settings(connection.settings, connection.tables)

    async def poll(self, cursor: str | None) -> Polled:
        """What became of bookings since a cursor, as webhooks would have told it, and under the same ids.

        Raises:
            NotHandedOver, Refused, Unanswered: they cannot be read now, or never.
            StoreAway: the database does not answer.
        """
        now = self._clock()
        before = now - _LAG
        if cursor is None:
            marked_before = await no_shows.read(self._client, self._store, now)
            return Polled(events=(), cursor=before.isoformat(), seen=marked_before.seen)
        after = datetime.fromisoformat(cursor)
        bookings = await self._client.changed(after, before)
        documents: list[JsonValue] = [told for booking in bookings for told in _told(booking)]
        if len(bookings) == PAGE:
            last = max(bookings[-1].updated_at, after + timedelta(milliseconds=1))
            return Polled(events=self._events(documents, now), cursor=last.isoformat(), more=True)
        marked = await no_shows.read(self._client, self._store, now)
        events = self._events([*documents, *marked.webhooks], now)
        return Polled(events=events, cursor=max(after, before - _OVERLAP).isoformat(), seen=marked.seen)

    async def health(self) -> list[Finding]:
        """How API key and webhook are."""
        try:
            await self._client.check()
            return [Finding("ok", "credentials", "Cal.com takes the API key"), await self._webhook()]
        except _CANNOT as error:
            return [Finding("problem", "credentials", error.reason, "look at the API key, and whose it is")]

    async def repair(self) -> list[Finding]:
        """Create the webhook, or switch it on again; what was done."""
        url, secrets = self._connection.webhook_url, self._connection.webhook_secrets
        if url is None or not secrets:
            return []
        secret = secrets[0].get_secret_value()
        try:
            ours = await self._ours()
            if any(not self._lacks(one) for one in ours):
                return []
            if ours:
                await self._client.switch_on(ours[0], self._triggers, secret)
                return [Finding("ok", _ABOUT, "it was switched on again")]
            await self._client.subscribe(url, self._triggers, secret)
        except _CANNOT as error:
            return [Finding("problem", _ABOUT, error.reason, "look at the API key, and whose it is")]
        return [Finding("ok", _ABOUT, "it was set up")]

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    def _events(self, documents: list[JsonValue], now: datetime) -> tuple[Event, ...]:
        return tuple(events_from(self._source, documents, now)) if documents else ()

    @property
    def _triggers(self) -> tuple[str, ...]:
        held = self._source.settings["ended"] == "held"
        return (*TRIGGERS, ENDED) if held else TRIGGERS

    async def _webhook(self) -> Finding:
        url, secrets = self._connection.webhook_url, self._connection.webhook_secrets
        ours = await self._ours() if url is not None else []
        return look(_ABOUT, url, [self._lacks(one) for one in ours], secrets=secrets)

    async def _ours(self) -> list[Webhook]:
        return [one for one in await self._client.webhooks() if one.url == self._connection.webhook_url]

    def _lacks(self, one: Webhook) -> list[str]:
        """What keeps a webhook from telling us all that we need, in words."""
        known = {secret.get_secret_value() for secret in self._connection.webhook_secrets}
        wrong = {"being on": not one.active, "a secret of ours": one.secret not in known}
        missing = [trigger for trigger in self._triggers if trigger not in one.triggers]
        return [*(what for what, is_so in wrong.items() if is_so), *missing]


def _told(booking: Booking) -> Iterator[JsonValue]:
    """The webhooks that a booking's state stands for. What was moved is told by the booking of the new time."""
    if booking.moved_to is not None:
        return
    if booking.status in {"accepted", "cancelled"}:
        link = booking.location if booking.location and booking.location.startswith("http") else None
        yield _webhook("BOOKING_CREATED", booking, booking.created_at, {"url": link})
    if booking.status in {"cancelled", "rejected"}:
        yield _webhook(f"BOOKING_{booking.status.upper()}", booking, booking.updated_at, None)


def _webhook(trigger: str, booking: Booking, at: datetime, video: JsonValue) -> JsonValue:
    payload: JsonValue = {"uid": booking.uid, "startTime": booking.start.isoformat(), "videoCallData": video}
    return {"triggerEvent": trigger, "createdAt": at.isoformat(), "payload": payload}
