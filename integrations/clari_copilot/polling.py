"""Clari Copilot's calls of the last day: each is read when it has been worked out, and again when it changed since."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from integrations.clari_copilot.client import ClariCopilotClient, Listed
from integrations.clari_copilot.settings import SOURCE, ClariCopilotConnection
from integrations.kit.conversations import Recording
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.findings import Finding
from integrations.kit.mapping.files import shipped_mapping
from integrations.kit.polling import Polled, Seen
from integrations.kit.recordings_read import Place, not_told_yet
from integrations.kit.tool import Connected
from store import mirror
from store.database import Store

_READ = "read"


def copilot_polling(connected: Connected) -> ClariCopilotPolling:
    """What of a connected workspace can be read."""
    return ClariCopilotPolling(connected.block(ClariCopilotConnection), connected.store)


class ClariCopilotPolling:
    """One workspace."""

    def __init__(
        self,
        connection: ClariCopilotConnection,
        store: Store,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client, self._store, self._clock = ClariCopilotClient(connection, store), store, clock
        self._source = shipped_mapping(SOURCE).with_settings(connection.settings, connection.tables)

    async def poll(self, cursor: str | None) -> Polled:
        """A page of the calls of the last day: of each, what was not told yet.

        Raises:
            NotHandedOver, Refused, Unanswered: they cannot be read now, or never.
            StoreAway: the database does not answer.
        """
        now = self._clock()
        place = Place.at(cursor, now)
        listed, page = await self._client.calls(place.begins or now, place.ends or now, place.page)
        found, read = await self._read([one for one in listed if one.happened], now)
        events, seen = await not_told_yet(self._store, self._source, found, "call", now)
        return Polled(events=tuple(events), seen=(*seen, *read), cursor=place.then(page), more=page is not None)

    async def health(self) -> list[Finding]:
        """Whether calls can be read."""
        now = self._clock()
        try:
            await self._client.calls(now - timedelta(minutes=1), now, None)
        except (NotHandedOver, Refused, Unanswered) as error:
            remedy = "look at api_key and api_password: Workspace settings, Integrations, Clari Copilot API"
            return [Finding("problem", "credentials", error.reason, remedy)]
        return [Finding("ok", "credentials", "Clari Copilot takes key and password")]

    async def repair(self) -> list[Finding]:
        """Nothing: there is nothing to set up there."""
        return []

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def _read(self, listed: Sequence[Listed], now: datetime) -> tuple[list[Recording], list[Seen]]:
        """Those that were not read since they changed last: a week takes 100,000 calls of the API."""
        found, seen = list[Recording](), list[Seen]()
        for one in listed:
            object_id, version = f"read:{one.id}", f"{one.status} {one.last_modified_time}"
            known = await mirror.known(self._store, SOURCE, object_id)
            if _READ in known and known[_READ].value == version:
                continue
            if (recording := await self._client.call(one.id)) is not None:
                found.append(recording)
                seen.append(Seen(object_id=object_id, values={_READ: version}, at=now))
        return found, seen
