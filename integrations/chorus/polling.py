"""Chorus read beside its hook: conversations that it did not tell of, action items that came later, and the hook."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from integrations.chorus.client import ChorusClient
from integrations.chorus.recorded import page_of
from integrations.chorus.settings import ChorusConnection
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.findings import Finding
from integrations.kit.mapping.files import shipped_mapping
from integrations.kit.polling import Polled
from integrations.kit.recordings_read import Place, not_told_yet
from integrations.kit.tool import Connected
from integrations.kit.webhook_look import look
from store.database import Store

_CANNOT = (NotHandedOver, Refused, Unanswered)
_ABOUT = "hook"


def chorus_polling(connected: Connected) -> ChorusPolling:
    """What of a connected Chorus account can be read."""
    return ChorusPolling(connected.block(ChorusConnection), connected.store)


class ChorusPolling:
    """One Chorus account."""

    def __init__(
        self, connection: ChorusConnection, store: Store, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._connection, self._client = connection, ChorusClient(connection, store)
        self._store, self._clock = store, clock
        self._source = shipped_mapping("chorus").with_settings(connection.settings, connection.tables)

    async def poll(self, cursor: str | None) -> Polled:
        """A page of the conversations of the last day: of each, what was not told yet.

        Raises:
            NotHandedOver, Refused, Unanswered: they cannot be read now, or never.
            StoreAway: the database does not answer.
        """
        now = self._clock()
        place = Place.at(cursor, now)
        found, read, page = await page_of(self._client, self._store, place, now)
        events, seen = await not_told_yet(self._store, self._source, found, "engagement_id", now)
        return Polled(events=tuple(events), seen=(*seen, *read), cursor=place.then(page), more=page is not None)

    async def health(self) -> list[Finding]:
        """How token and hook are."""
        try:
            hooks = await self._client.hooks()
        except _CANNOT as error:
            remedy = "look at the token, and at token_form"
            return [Finding("problem", "credentials", error.reason, remedy)]
        found = [Finding("ok", "credentials", "Chorus takes the token")]
        url = self._connection.webhook_url
        return [*found, look(_ABOUT, url, [()] if url in hooks else [])]

    async def repair(self) -> list[Finding]:
        """Set the hook up anew where it is missing; what was done."""
        url, secrets = self._connection.webhook_url, self._connection.webhook_secrets
        if url is None or not secrets:
            return []
        try:
            if url in await self._client.hooks():
                return []
            await self._client.subscribe(url, secrets[0].get_secret_value())
        except _CANNOT as error:
            return [Finding("problem", _ABOUT, error.reason, "look at the token")]
        return [Finding("ok", _ABOUT, "it was set up anew")]

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()
