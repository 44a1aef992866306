"""Reads recorded conversations back: what webhooks should have told, and what became known of a call later.

Action items come minutes or hours after a call, and no such tool says when a call changed. So the calls of the last day
are read again and again, and of each only what was not told yet is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue

from integrations.kit.conversations import Recording, items_of
from integrations.kit.mapping.events import events_after_fetch, events_from
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.polling import Seen
from store import mirror
from store.database import Store
from store.intake import Event

OVERLAP = timedelta(days=1)
"""For so long after its beginning a call is read again."""


class Place(BaseModel):
    """How far a pass over the last calls has come. As JSON it is the cursor."""

    model_config = ConfigDict(frozen=True)

    since: AwareDatetime
    """Calls before it are those of before we were connected: they are told to nobody."""
    begins: AwareDatetime | None = None
    ends: AwareDatetime | None = None
    """The window of a pass that is under way."""
    page: str | None = None

    @classmethod
    def at(cls, cursor: str | None, now: datetime) -> Place:
        """The place of a cursor; without one, where reading begins."""
        place = cls.model_validate_json(cursor) if cursor else cls(since=now)
        if place.page is not None:
            return place
        return place.model_copy(update={"begins": max(place.since, now - OVERLAP), "ends": now})

    def then(self, page: str | None) -> str:
        """The cursor of the next page; of the next pass, where this was the last page."""
        return self.model_copy(update={"page": page}).model_dump_json()


async def not_told_yet(
    store: Store, source: Source, recordings: Sequence[Recording], hint: str, now: datetime
) -> tuple[list[Event], list[Seen]]:
    """The events of what was not told of these conversations, and what is to be remembered as told.

    ``hint`` is the name under which the source's webhooks have a conversation's id.

    Raises:
        StoreAway: the database does not answer.
    """
    events: list[Event] = []
    seen: list[Seen] = []
    for recording in recordings:
        items = await items_of(store, recording)
        values: dict[str, JsonValue] = {str(item["id"]): item["happened"] for item in items}
        object_id = f"told:{recording.id}"
        name = source.mapping.source
        new = (await mirror.compare(store, name, object_id, values, recording.began_at)).new
        fresh: list[JsonValue] = [item for item in items if item["id"] in new]
        if fresh:
            (hinted,) = events_from(source, {hint: recording.id}, now)
            events += events_after_fetch(source, hinted, fresh)
            seen.append(Seen(object_id=object_id, values={key: values[key] for key in new}, at=recording.began_at))
    return events, seen
