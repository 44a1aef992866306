"""Gets the call that a webhook hints at: its action items are not in the webhook."""

from __future__ import annotations

from pydantic import JsonValue

from integrations.gong.client import GongClient
from integrations.gong.settings import GongConnection
from integrations.kit.conversations import items_of
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.tool import Connected
from store.database import Store
from store.errors import StoreAway


def gong_fetcher(connected: Connected) -> GongFetcher:
    """The fetcher of an installation that is connected to Gong."""
    return GongFetcher(connected.block(GongConnection), connected.store)


class GongFetcher:
    """Reads one call."""

    def __init__(self, connection: GongConnection, store: Store) -> None:
        self._client, self._store = GongClient(connection, store), store

    async def fetch(self, what: JsonValue) -> JsonValue | None:
        """``{"call": id}``: the call, and an item for each of its action items.

        Raises:
            NotHandedOver, Unanswered: Gong, or the database, cannot be asked now.
            Refused: it can never be had.
        """
        id_ = what.get("call") if isinstance(what, dict) else None
        if not isinstance(id_, str) or not id_:
            raise Refused("a webhook names no call")
        recording = await self._client.call(id_)
        if recording is None:
            return None
        try:
            return [*await items_of(self._store, recording)]
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()
