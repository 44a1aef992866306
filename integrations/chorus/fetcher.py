"""Gets what a hook hints at: it is unsigned and its body undocumented, so nothing of it counts but that it came."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import JsonValue

from integrations.chorus.client import ChorusClient
from integrations.chorus.recorded import page_of
from integrations.chorus.settings import ChorusConnection
from integrations.kit.conversations import Recording, items_of
from integrations.kit.errors import NotHandedOver
from integrations.kit.recordings_read import OVERLAP, Place
from integrations.kit.tool import Connected
from store.database import Store
from store.errors import StoreAway


def chorus_fetcher(connected: Connected) -> ChorusFetcher:
    """The fetcher of an installation that is connected to Chorus."""
    return ChorusFetcher(connected.block(ChorusConnection), connected.store)


class ChorusFetcher:
    """Reads the conversation that a hook names; where it names none that there is, what was recorded of late."""

    def __init__(self, connection: ChorusConnection, store: Store) -> None:
        self._client, self._store = ChorusClient(connection, store), store

    async def fetch(self, what: JsonValue) -> JsonValue | None:
        """``{"recorded": id}``: the conversation, and an item for each of its action items.

        Raises:
            NotHandedOver, Unanswered: Chorus, or the database, cannot be asked now.
            Refused: it can never be had.
        """
        id_ = what.get("recorded") if isinstance(what, dict) else None
        try:
            named = await self._client.conversation(id_) if isinstance(id_, str) and id_ else None
            found = [named] if named is not None else await self._of_late()
            return [item for one in found for item in await items_of(self._store, one)]
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error

    async def _of_late(self) -> list[Recording]:
        now = datetime.now(UTC)
        place = Place(since=now - OVERLAP, begins=now - OVERLAP, ends=now)
        return (await page_of(self._client, self._store, place, now))[0]

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()
