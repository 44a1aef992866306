"""Gong read beside its webhooks: calls that none told of, and action items that came later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from integrations.gong.client import GongClient
from integrations.gong.settings import GongConnection
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.findings import Finding
from integrations.kit.mapping.files import shipped_mapping
from integrations.kit.polling import Polled
from integrations.kit.recordings_read import Place, not_told_yet
from integrations.kit.tool import Connected
from store.database import Store

_CANNOT = (NotHandedOver, Refused, Unanswered)


def gong_polling(connected: Connected) -> GongPolling:
    """What of a connected Gong account can be read."""
    return GongPolling(connected.block(GongConnection), connected.store)


class GongPolling:
    """One Gong account."""

    def __init__(
        self, connection: GongConnection, store: Store, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._connection, self._client, self._store, self._clock = (
            connection,
            GongClient(connection, store),
            store,
            clock,
        )
        self._source = shipped_mapping("gong").with_settings(connection.settings, connection.tables)

    async def poll(self, cursor: str | None) -> Polled:
        """A page of the calls of the last day: of each, what was not told yet.

        Raises:
            NotHandedOver, Refused, Unanswered: they cannot be read now, or never.
            StoreAway: the database does not answer.
        """
        now = self._clock()
        place = Place.at(cursor, now)
        found, page = await self._client.calls(place.begins or now, place.ends or now, place.page)
        events, seen = await not_told_yet(self._store, self._source, found, "call", now)
        return Polled(events=tuple(events), seen=tuple(seen), cursor=place.then(page), more=page is not None)

    async def health(self) -> list[Finding]:
        """Whether calls can be read, and webhooks be proven."""
        now = self._clock()
        try:
            await self._client.calls(now - timedelta(minutes=1), now, None)
        except _CANNOT as error:
            remedy = "look at the access key, and whether it has the scope api:calls:read:extensive"
            return [Finding("problem", "credentials", error.reason, remedy)]
        found = [Finding("ok", "credentials", "Gong takes the access key")]
        if self._connection.webhook_secrets:
            return [*found, Finding("ok", "webhook", "its key is known; Gong does not say whether the rule is on")]
        remedy = "add the public key of an automation rule to webhook_secrets, so that calls are told at once"
        minutes = f"calls are read every {self._connection.poll_minutes} minutes alone"
        return [*found, Finding("warning", "webhook", minutes, remedy)]

    async def repair(self) -> list[Finding]:
        """Nothing: rules are made in Gong by an admin."""
        return []

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()
