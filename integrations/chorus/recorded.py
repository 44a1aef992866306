"""Which conversations of the last day are to be read: each that is new at once, and again once an hour.

Chorus lists what was recorded without its action items, which may come later: each costs a call of its own.
"""

from __future__ import annotations

from datetime import datetime

from integrations.chorus.client import ChorusClient
from integrations.chorus.settings import SOURCE
from integrations.kit.conversations import Recording
from integrations.kit.polling import Seen
from integrations.kit.recordings_read import Place
from store import mirror
from store.database import Store

_READ = "read"


async def page_of(
    client: ChorusClient, store: Store, place: Place, now: datetime
) -> tuple[list[Recording], list[Seen], str | None]:
    """The conversations of a page that are to be read now, that they were, and the next page.

    Raises:
        NotHandedOver, Refused, Unanswered: they cannot be read now, or never.
        StoreAway: the database does not answer.
    """
    listed, page = await client.engagements(place.begins or now, place.ends or now, place.page)
    hour = now.replace(minute=0, second=0, microsecond=0).isoformat()
    found: list[Recording] = []
    seen: list[Seen] = []
    for id_ in listed:
        known = await mirror.known(store, SOURCE, f"read:{id_}")
        if _READ in known and known[_READ].value == hour:
            continue
        if (recording := await client.conversation(id_)) is not None:
            found.append(recording)
            seen.append(Seen(object_id=f"read:{id_}", values={_READ: hour}, at=now))
    return found, seen, page
