"""Gets what a webhook hints at: Qwilr signs nothing, so of a page nothing counts but what its API shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from pydantic import JsonValue

from integrations.kit.documents import without_echoes
from integrations.kit.errors import NotHandedOver
from integrations.kit.tool import Connected
from integrations.qwilr.changes import changes_of, known_of, opened
from integrations.qwilr.client import QwilrClient
from integrations.qwilr.settings import SOURCE, QwilrConnection
from store.database import Store
from store.errors import StoreAway

_VIEWS = ("pageFirstViewed", "pageViewed")
_TELLS = {
    "pageSetLive": {"sent"}, "pageRevivedLive": {"sent"}, "pagePartiallyAccepted": {"signed"},
    "pageAccepted": {"signed", "completed"},
}  # fmt: skip
"""What each event is about. Of a page that is not read beside the webhooks, nothing else of how it stands is news."""


def qwilr_fetcher(connected: Connected) -> QwilrFetcher:
    """The fetcher of an installation that is connected to Qwilr."""
    return QwilrFetcher(connected.block(QwilrConnection), connected.store)


class QwilrFetcher:
    """Reads the page that a webhook names, and compares it with the last look at it."""

    def __init__(
        self, connection: QwilrConnection, store: Store, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._client, self._store, self._clock = QwilrClient(connection, store), store, clock

    async def fetch(self, what: JsonValue) -> JsonValue | None:
        """``{"page": id, "event": name}``: what has happened to the page, an item for each change.

        That it was opened, only the event says: its page shows nothing of it.

        Raises:
            NotHandedOver, Unanswered: Qwilr, or the database, cannot be asked now.
            Refused: it can never be had.
        """
        asked = what if isinstance(what, dict) else {}
        named, event = asked.get("page"), asked.get("event")
        if not isinstance(named, str) or not named or (page := await self._client.read(named)) is None:
            return None
        now = self._clock()
        try:
            known = await known_of(self._store, page.id)
            changes = changes_of(page, known, now)
            if known.status is None:
                changes = [one for one in changes if one.change in _TELLS.get(str(event), set())]
            if event in _VIEWS:
                changes.append(opened(page, now))
            return await without_echoes(self._store, SOURCE, changes)
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()
