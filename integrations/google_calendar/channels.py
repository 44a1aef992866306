"""Watch channels: how Google tells that something changed in a calendar. Each ends by itself, and is never renewed.

Google does not say which channels there are, so what was opened is remembered. A new channel is open before the old
one is stopped. https://developers.google.com/workspace/calendar/api/guides/push
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel

from integrations.google_calendar.client import GoogleCalendarClient
from integrations.google_calendar.settings import SOURCE, GoogleCalendarConnection
from integrations.kit.errors import Refused
from integrations.kit.findings import Finding
from store import mirror
from store.database import Store

_LASTS = timedelta(days=7)
"""The longest life that Google has given to a channel so far."""
_RENEWED_AFTER = 2 / 3
"""The share of its life after which a channel is replaced."""
_CHANNELS = "channels"
_REPAIR = "the worker opens one at its next look"


class Opened(BaseModel):
    """A channel that was asked for, and is not stopped."""

    id: str
    resource_id: str | None = None
    """None where Google's answer was lost: the channel may be there."""


class Current(Opened):
    """The channel that tells of a calendar."""

    leads_to: str
    """The address and the token that it was opened with, as a hash."""
    renewed_at: AwareDatetime
    ends_at: AwareDatetime


class Channels(BaseModel):
    """What is remembered of a calendar's channels."""

    current: Current | None = None
    old: list[Opened] = []
    """Channels that are to be stopped."""


class WatchChannels:
    """Opens, replaces and stops channels."""

    def __init__(
        self,
        connection: GoogleCalendarConnection,
        client: GoogleCalendarClient,
        store: Store,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._connection, self._client, self._store, self._clock = connection, client, store, clock

    async def finding(self, calendar: str) -> Finding:
        """How a calendar's channel is."""
        about, there = f"watch channel of {calendar}", await self._remembered(calendar)
        current = there.current
        if current is None or current.ends_at <= self._clock():
            return Finding("problem", about, "none is open", _REPAIR)
        if current.leads_to != self._leads_to():
            return Finding("problem", about, "it leads to another webhook_url, or has another secret", _REPAIR)
        if current.renewed_at <= self._clock():
            return Finding("problem", about, f"it ends at {current.ends_at:%Y-%m-%d %H:%M} UTC", _REPAIR)
        if there.old:
            return Finding("problem", about, "an older one is not stopped", "the worker stops it at its next look")
        return Finding("ok", about, f"it is open until {current.ends_at:%Y-%m-%d %H:%M} UTC")

    async def mend(self, calendar: str) -> Finding:
        """Open a new channel where one is needed, and stop the old ones; what was done.

        Raises:
            NotHandedOver, Refused, Unanswered: it cannot be done now, or never.
            StoreAway: the database does not answer.
        """
        there, done = await self._remembered(calendar), "old ones were stopped"
        current = there.current
        if current is None or current.leads_to != self._leads_to() or current.renewed_at <= self._clock():
            there, done = await self._opened(calendar, there), "it was opened"
        await self._stop_old(calendar, there)
        return Finding("ok", f"watch channel of {calendar}", done)

    async def _opened(self, calendar: str, there: Channels) -> Channels:
        new = Opened(id=f"dealwright-{uuid4()}")
        before = [*there.old, *([Opened(id=there.current.id, resource_id=there.current.resource_id)]
                                if there.current else [])]  # fmt: skip
        # Remembered before it is opened: if the answer is lost, it is known what has to be stopped.
        await self._remember(calendar, there.model_copy(update={"old": [*there.old, new]}))
        now, token = self._clock(), self._connection.webhook_secrets[0].get_secret_value()
        made = await self._client.watch(calendar, new.id, self._connection.webhook_url or "", token, _LASTS)
        ends_at = datetime.fromtimestamp(made.expiration / 1000, UTC)
        current = Current(
            id=made.id, resource_id=made.resource_id, leads_to=self._leads_to(), ends_at=ends_at,
            renewed_at=now + (ends_at - now) * _RENEWED_AFTER,
        )  # fmt: skip
        changed = Channels(current=current, old=before)
        await self._remember(calendar, changed)
        return changed

    async def _stop_old(self, calendar: str, there: Channels) -> None:
        left = [*there.old]
        for one in there.old:
            # All channels of a calendar watch one resource, which Google calls the same each time.
            resource = one.resource_id or (there.current.resource_id if there.current else None)
            if resource is not None:
                with suppress(Refused):  # it is not ours any more: then it ends by itself
                    await self._client.stop(calendar, one.id, resource)
            left.remove(one)
            await self._remember(calendar, there.model_copy(update={"old": left}))

    def _leads_to(self) -> str:
        secrets = self._connection.webhook_secrets
        token = secrets[0].get_secret_value() if secrets else ""
        return sha256(f"{self._connection.webhook_url}\0{token}".encode()).hexdigest()[:16]

    async def _remembered(self, calendar: str) -> Channels:
        there = await mirror.known(self._store, SOURCE, f"calendar:{calendar}")
        return Channels.model_validate(there[_CHANNELS].value) if _CHANNELS in there else Channels()

    async def _remember(self, calendar: str, channels: Channels) -> None:
        values = {_CHANNELS: channels.model_dump(mode="json")}
        await mirror.note(self._store, SOURCE, f"calendar:{calendar}", values, datetime.now(UTC))
