"""``/v1/events``: what happened in all deals, for whoever asks on from where they were."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from dealwright.identity import DEAL_ID
from dealwright.values.recorded import Given
from gateway.dependencies import TheStore
from gateway.events.cloud_events import CloudEvent, EventKind, cloud_event, source_of
from gateway.identities.authentication import require
from gateway.problems import ApiError, problems
from store import event_feed
from store.api_keys import Scope
from store.database import Store
from store.event_feed import FeedPage

router = APIRouter(prefix="/v1/events", tags=["Events"], redirect_slashes=False)

LONGEST_WAIT = 15
"""Seconds that a request may wait for the next event."""
_LOOK_EVERY = 0.5
"""Seconds after which a waiting request looks again."""

DealOfEvents = Annotated[str, Field(pattern=f"^{DEAL_ID.pattern}$", examples=["acme-2026"])]


class WhichEvents(Given):
    """Which events to read."""

    after: int = Field(default=0, ge=0, lt=2**63, description="`next` of the page before; 0 for the oldest kept.")
    type: list[EventKind] = Field(default=[], max_length=100, description="Only events of these types.")
    deal: list[DealOfEvents] = Field(default=[], max_length=100, description="Only events of these deals.")
    limit: int = Field(default=100, ge=1, le=200, description="Events on a page.")
    wait: int = Field(
        default=0, ge=0, le=LONGEST_WAIT, description="Seconds to wait for the next event where there is none yet."
    )


class EventPage(BaseModel):
    """Events, the oldest first."""

    events: list[CloudEvent]
    next: int = Field(description="Ask for what comes next with `after` set to this. Keep it once you have the events.")


@router.get(
    "",
    summary="Read events",
    responses=problems(401, 403, 410, 422, 429, 503),
    dependencies=[require(Scope.READ)],
)
async def read_events(store: TheStore, wanted: Annotated[WhichEvents, Query()]) -> EventPage:
    """What happened in deals, in one order, without gaps: an event that is committed late gets a later place.

    A deal's events come by their `number`. Where a deal was reset, `dealwright.deal.entry_set_aside` says which of
    its events no longer hold.
    """
    page, give_up = await _page(store, wanted), time.monotonic() + wanted.wait
    while not page.events and time.monotonic() < give_up:
        await asyncio.sleep(_LOOK_EVERY)
        page = await _page(store, wanted)
    source = await source_of(store)
    return EventPage(events=[cloud_event(event, source) for event in page.events], next=page.read_up_to)


async def _page(store: Store, wanted: WhichEvents) -> FeedPage:
    await event_feed.publish(store, datetime.now(UTC))
    page = await event_feed.read(store, wanted.after, kinds=wanted.type, deals=wanted.deal, limit=wanted.limit)
    if 0 < wanted.after < page.deleted_up_to:
        raise _gone(f"Events up to {page.deleted_up_to} are no longer kept.")
    if wanted.after > page.head:
        raise _gone(f"The feed ends at {page.head}: the database was restored to an older copy.")
    return page


def _gone(why: str) -> ApiError:
    remedy = "Read how the deals stand now with GET /v1/deals, then begin again with after=0."
    return ApiError(HTTPStatus.GONE, "no-such-place", "The feed has no such place", f"{why} {remedy}")
