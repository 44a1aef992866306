"""Reads the booking that a webhook is about, and finds the first booking of its meeting.

Each time a meeting is moved, Cal.com makes another booking with another uid. Webhooks about no-shows name only the uid,
and those about cancellations leave the metadata out. The ``iCalUID`` is not in all of them, and changes with the host.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from pydantic import JsonValue

from integrations.cal_com.client import Booking, CalComClient
from integrations.cal_com.no_shows import no_show
from integrations.cal_com.settings import SOURCE, CalComConnection
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.tool import Connected
from store import mirror
from store.database import Store
from store.errors import StoreAway

_MOST_MOVES = 100


@dataclass(frozen=True)
class _Origin:
    """The first booking of a meeting: its uid, and the oldest deal that a booking of the meeting names."""

    first: str
    deal: str | None


def cal_com_fetcher(connected: Connected) -> CalComFetcher:
    """The fetcher of an installation that is connected to Cal.com."""
    return CalComFetcher(connected.block(CalComConnection), connected.store)


class CalComFetcher:
    """Reads bookings. Where a meeting began never changes, so it is asked for once and kept in the mirror."""

    def __init__(self, connection: CalComConnection, store: Store) -> None:
        self._client, self._store = CalComClient(connection, store), store

    async def fetch(self, what: JsonValue) -> JsonValue | None:
        """``{"booking": uid}``: where its meeting began, its event type, and how it stands now.

        With ``marked``, what a webhook said of who did not come, it is noted that this was told.

        Raises:
            NotHandedOver, Unanswered: Cal.com, or the database, cannot be asked now.
            Refused: it can never be had.
        """
        uid = what.get("booking") if isinstance(what, dict) else None
        if not isinstance(uid, str):
            raise Refused("the webhook names no booking")
        booking = await self._client.booking(uid)
        if booking is None:
            raise Refused(f"Cal.com has no booking {uid!r} that this API key may read")
        try:
            origin = await self._origin(booking)
            if isinstance(what, dict) and isinstance(marked := what.get("marked"), list):
                absent = any(isinstance(one, dict) and one.get("noShow") is True for one in marked)
                told = no_show(booking.uid, missed=absent and not booking.came, at=datetime.now(UTC))
                await mirror.note(self._store, SOURCE, told.object_id, told.values, told.at)
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error
        return {
            **asdict(origin),
            "moved": booking.moved_from is not None,
            "event_type": booking.event_type.id,
            "accepted": booking.status == "accepted",
            "came": booking.came,
            "guests": [one.email for one in booking.attendees if one.email],
        }

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def _origin(self, booking: Booking) -> _Origin:
        passed, deal, before = [booking.uid], booking.deal, booking.moved_from
        while before is not None:
            if before in passed or len(passed) > _MOST_MOVES:
                raise Refused(f"a meeting was moved more than {_MOST_MOVES} times, or its bookings name each other")
            known = await self._known(before)
            if known is not None:
                return await self._remembered(passed, _Origin(known.first, known.deal or deal))
            earlier = await self._client.booking(before)
            passed.append(before)
            if earlier is None:  # one that is gone is known by its uid alone
                break
            deal, before = earlier.deal or deal, earlier.moved_from
        return await self._remembered(passed, _Origin(passed[-1], deal))

    async def _known(self, uid: str) -> _Origin | None:
        known = await mirror.known(self._store, SOURCE, f"booking:{uid}")
        if "first" not in known:
            return None
        deal = known["deal"].value
        return _Origin(str(known["first"].value), deal if isinstance(deal, str) else None)

    async def _remembered(self, passed: list[str], origin: _Origin) -> _Origin:
        for uid in passed:
            await mirror.note(self._store, SOURCE, f"booking:{uid}", asdict(origin), datetime.now(UTC))
        return origin
