"""Reads bookings back: Calendly lists events by when they begin, and each says when it changed.

The first pass over all events notes what is there, and tells nothing. From then on, what changed is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue, TypeAdapter, ValidationError

from integrations.calendly.client import CalendlyClient
from integrations.calendly.settings import SOURCE
from integrations.kit.errors import Unanswered
from integrations.kit.polling import Seen
from store import mirror
from store.database import Store

_BACK = timedelta(days=2)
"""How long after its beginning a meeting may still be called off, or marked as missed."""
_LAG = timedelta(minutes=2)
"""How long a webhook may take."""
_PAGE = 20
"""Events in a page. Each that changed costs a call, and a minute has 45."""
_MOMENT: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)
JsonObject = dict[str, JsonValue]


class _Place(BaseModel):
    """How far a pass over all events has come."""

    model_config = ConfigDict(frozen=True)

    since: AwareDatetime
    """Events that begin after this time are read."""
    page: str | None = None
    """The next page; None for the first one of a pass."""
    first_pass: bool


@dataclass(frozen=True)
class BookingsPage:
    """What a page of events comes to."""

    webhooks: tuple[JsonObject, ...]
    """What webhooks should have brought."""
    seen: tuple[Seen, ...]
    cursor: str
    more: bool


class Bookings:
    """The bookings of the organization that a token belongs to."""

    def __init__(self, client: CalendlyClient, store: Store) -> None:
        self._client, self._store = client, store
        self._organization: str | None = None

    async def page(self, cursor: str | None, now: datetime) -> BookingsPage:
        """The page at a cursor, or the first page of the first pass.

        Raises:
            NotHandedOver, Refused, Unanswered: it cannot be read now, or never.
            StoreAway: the database does not answer.
        """
        place = _Place.model_validate_json(cursor) if cursor else _Place(since=now, first_pass=True)
        since = place.since if place.page else now - _BACK
        if self._organization is None:
            self._organization = (await self._client.me()).current_organization
        page = await self._client.scheduled_events(self._organization, since, place.page, _PAGE)
        webhooks: list[JsonObject] = []
        seen: list[Seen] = []
        for event in page.collection:
            uri, changed_at = _read(event)
            if changed_at > now - _LAG:
                continue  # its webhooks may be under way
            values: JsonObject = {"updated_at": changed_at.isoformat()}
            object_id = f"event:{uri.rpartition('/')[2]}"
            if (await mirror.compare(self._store, SOURCE, object_id, values, changed_at)).new:
                webhooks += [] if place.first_pass else await self._told(uri, event)
                seen.append(Seen(object_id=object_id, values=values, at=changed_at))
        then = _Place(since=since, page=page.next, first_pass=place.first_pass and page.next is not None)
        return BookingsPage(tuple(webhooks), tuple(seen), then.model_dump_json(), more=page.next is not None)

    async def _told(self, uri: str, event: JsonObject) -> list[JsonObject]:
        return [
            told for one in await self._client.invitees(uri) for told in _webhooks({**one, "scheduled_event": event})
        ]


def _webhooks(payload: JsonObject) -> Iterator[JsonObject]:
    """The webhooks that a booking stands for."""
    cancellation, no_show = payload.get("cancellation"), payload.get("no_show")
    yield {"event": "invitee.created", "created_at": payload.get("created_at"), "payload": payload}
    if payload.get("status") == "canceled":
        at = cancellation.get("created_at") if isinstance(cancellation, dict) else payload.get("updated_at")
        yield {"event": "invitee.canceled", "created_at": at, "payload": payload}
    if isinstance(no_show, dict):
        yield {"event": "invitee_no_show.created", "created_at": no_show.get("created_at"), "payload": payload}


def _read(event: JsonObject) -> tuple[str, datetime]:
    try:
        return str(event["uri"]), _MOMENT.validate_python(event["updated_at"])
    except (KeyError, ValidationError):
        raise Unanswered("it lists an event without its address, or without when it changed") from None
