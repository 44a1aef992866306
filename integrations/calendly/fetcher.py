"""Finds the first booking of a meeting: each time it is moved, Calendly makes another invitee."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import JsonValue

from integrations.calendly.client import CalendlyClient, Tracking
from integrations.calendly.settings import SOURCE, CalendlyConnection
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.tool import Connected
from store import mirror
from store.database import Store
from store.errors import StoreAway

_MOST_MOVES = 100
_FIRST, _TRACKING = "first", "tracking"
"""What is remembered of an invitee."""


def calendly_fetcher(connected: Connected) -> CalendlyFetcher:
    """The fetcher of an installation that is connected to Calendly."""
    return CalendlyFetcher(connected.block(CalendlyConnection), connected.store)


class CalendlyFetcher:
    """Reads invitees. Which is the first of a chain never changes, so it is asked for once and kept in the mirror."""

    def __init__(self, connection: CalendlyConnection, store: Store) -> None:
        self._client, self._store = CalendlyClient(connection, store), store

    async def fetch(self, what: JsonValue) -> JsonValue | None:
        """``{"first_of": uri}``: the id of the chain's first invitee, and the oldest tracking that names something.

        Raises:
            NotHandedOver, Unanswered: Calendly, or the database, cannot be asked now.
            Refused: it can never be had.
        """
        uri = what.get("first_of") if isinstance(what, dict) else None
        if not isinstance(uri, str):
            raise Refused("an event names the booking before it by what is no address")
        try:
            return await self._first_of(uri)
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def _first_of(self, uri: str) -> JsonValue:
        passed: list[str] = []
        tracking: JsonValue = None
        while len(passed) <= _MOST_MOVES:
            known = await mirror.known(self._store, SOURCE, _object_id(uri))
            if _FIRST in known:
                found = tracking if known[_TRACKING].value is None else known[_TRACKING].value
                return await self._remembered(passed, known[_FIRST].value, found)
            passed.append(uri)
            there = await self._client.invitee(uri)
            if there is not None and there.tracking != Tracking():
                tracking = there.tracking.model_dump()
            if there is None or there.old_invitee is None:  # one that was deleted is known by its id alone
                return await self._remembered(passed, _id(uri), tracking)
            uri = there.old_invitee
        raise Refused(f"a meeting was moved more than {_MOST_MOVES} times, or its bookings name each other")

    async def _remembered(self, passed: list[str], first: JsonValue, tracking: JsonValue) -> JsonValue:
        values = {_FIRST: first, _TRACKING: tracking}
        for uri in passed:
            await mirror.note(self._store, SOURCE, _object_id(uri), values, datetime.now(UTC))
        return values


def _id(uri: str) -> str:
    return uri.rstrip("/").rpartition("/")[2]


def _object_id(uri: str) -> str:
    return f"invitee:{_id(uri)}"
