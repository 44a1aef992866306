"""Who did not come, read beside the webhooks that tell of it.

A mark changes no booking's time of change, so the bookings of the last days are looked at, whoever changed them. What
was told of each before is known by the mirror.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from integrations.cal_com.client import Booking, CalComClient
from integrations.cal_com.settings import SOURCE
from integrations.kit.polling import Seen
from store import mirror
from store.database import Store

TRIGGER = "BOOKING_NO_SHOW_UPDATED"
_BACK = timedelta(days=3)
"""How long after its beginning it is looked whether somebody marked a no-show."""
_MISSED = "missed"


@dataclass(frozen=True)
class NoShows:
    """What is new of who did not come."""

    webhooks: tuple[JsonValue, ...]
    """What webhooks should have brought."""
    seen: tuple[Seen, ...]


def no_show(booking: str, *, missed: bool, at: datetime) -> Seen:
    """That it was told of a booking whether nobody came."""
    return Seen(object_id=f"no-show:{booking}", values={_MISSED: missed}, at=at)


async def read(client: CalComClient, store: Store, now: datetime) -> NoShows:
    """The marks of the last days of which nothing was told.

    Raises:
        NotHandedOver, Refused, Unanswered: they cannot be read now, or never.
        StoreAway: the database does not answer.
    """
    webhooks, seen = list[JsonValue](), list[Seen]()
    for booking in await client.over(now - _BACK, now):
        missed = bool(booking.attendees) and not booking.came
        known = await mirror.known(store, SOURCE, f"no-show:{booking.uid}")
        if missed != (_MISSED in known and known[_MISSED].value is True):
            webhooks.append(_webhook(booking, now, missed=missed))
            seen.append(no_show(booking.uid, missed=missed, at=now))
    return NoShows(tuple(webhooks), tuple(seen))


def _webhook(booking: Booking, at: datetime, *, missed: bool) -> JsonValue:
    attendees: JsonValue = [{"email": one.email, "noShow": missed} for one in booking.attendees]
    payload: JsonValue = {"bookingUid": booking.uid, "attendees": attendees}
    return {"triggerEvent": TRIGGER, "createdAt": at.isoformat(), "payload": payload}
