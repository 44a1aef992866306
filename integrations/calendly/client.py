"""Calendly's API, as far as Dealwright uses it: events and their invitees, event types, webhook subscriptions.

https://developer.calendly.com/api-docs. Each method raises ``NotHandedOver``, ``Refused`` or ``Unanswered``
(``integrations.kit.errors``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, JsonValue

from integrations.calendly.settings import SOURCE, CalendlyConnection
from integrations.kit.answers import Operation
from integrations.kit.credentials import FixedToken
from integrations.kit.errors import Refused
from integrations.kit.http import Payload, ToolClient
from integrations.kit.request_budget import Limit, Remaining, SharedBudget, budget_name
from store.database import Store

_LIMIT = Limit(most=45, per=timedelta(minutes=1))
"""Of the 50 calls a minute that Calendly takes in its free plan; 500 in others."""
_INVITEE = re.compile(r"/scheduled_events/[\w-]{1,64}/invitees/[\w-]{1,64}", re.ASCII)
_EVENT = re.compile(r"/scheduled_events/[\w-]{1,64}", re.ASCII)
_SUBSCRIPTION = re.compile(r"/webhook_subscriptions/[\w-]{1,64}", re.ASCII)
_NOT_THERE = frozenset({404})
_MOST_PAGES = 20
_ME = Operation(name="look who the token belongs to")
_READ_INVITEE = Operation(name="read an invitee", empty=_NOT_THERE)
_SCHEDULED = Operation(name="list scheduled events")
_INVITEES = Operation(name="list invitees", empty=_NOT_THERE)
_EVENT_TYPES = Operation(name="list event types")
_LIST = Operation(name="list webhook subscriptions")
_SUBSCRIBE = Operation(name="subscribe to webhooks", method="POST")
_UNSUBSCRIBE = Operation(name="delete a webhook subscription", method="DELETE", empty=_NOT_THERE)


class Tracking(BaseModel):
    """What the link that somebody booked over was marked with."""

    utm_source: str | None = None
    utm_content: str | None = None


class Invitee(BaseModel):
    """Somebody's booking of one time."""

    uri: str
    old_invitee: str | None = None
    """The booking that this one takes the place of."""
    tracking: Tracking = Tracking()


class User(BaseModel):
    """Whose token it is."""

    uri: str
    current_organization: str


class EventType(BaseModel):
    """A kind of meeting that can be booked."""

    uri: str
    name: str | None = None
    active: bool = True


class Subscription(BaseModel):
    """A webhook subscription."""

    uri: str
    callback_url: str
    state: str
    """``active`` or ``disabled``."""
    events: list[str] = []


class _OneInvitee(BaseModel):
    resource: Invitee


class _OneUser(BaseModel):
    resource: User


class _Pagination(BaseModel):
    next_page_token: str | None = None


class _Page(BaseModel):
    pagination: _Pagination = _Pagination()


class ScheduledEvents(_Page):
    """One page of events, as Calendly shows them."""

    collection: list[dict[str, JsonValue]]

    @property
    def next(self) -> str | None:
        """What the next page is asked for by."""
        return self.pagination.next_page_token


class _Invitees(_Page):
    collection: list[dict[str, JsonValue]]


class _EventTypes(_Page):
    collection: list[EventType]


class _Subscriptions(_Page):
    collection: list[Subscription]


_APage = TypeVar("_APage", bound=_Page)


class CalendlyClient:
    """One Calendly organization. Close it at the end."""

    def __init__(self, connection: CalendlyConnection, store: Store) -> None:
        budget = SharedBudget(store, budget_name(SOURCE, connection.token.get_secret_value()), _LIMIT, _remaining)
        self._http = ToolClient("Calendly", connection.base_url, FixedToken(connection.token), budget)

    async def me(self) -> User:
        """Whose token it is."""
        return (await self._http.call(_ME, "/users/me")).read_as(_OneUser).resource

    async def invitee(self, uri: str) -> Invitee | None:
        """The invitee at an address; None when it is not there any more."""
        answer = await self._http.call(_READ_INVITEE, _path(uri, _INVITEE))
        return None if answer.empty else answer.read_as(_OneInvitee).resource

    async def scheduled_events(
        self, organization: str, since: datetime, page: str | None, count: int
    ) -> ScheduledEvents:
        """The events of an organization that begin after a time, by when they begin, in pages."""
        asked: dict[str, str | int] = {
            "organization": organization, "min_start_time": since.isoformat(), "sort": "start_time:asc", "count": count,
            **({"page_token": page} if page else {}),
        }  # fmt: skip
        return (await self._http.call(_SCHEDULED, "/scheduled_events", Payload(query=asked))).read_as(ScheduledEvents)

    async def invitees(self, event: str) -> list[dict[str, JsonValue]]:
        """The first hundred invitees of an event, as Calendly shows them; none when it is not there any more."""
        answer = await self._http.call(_INVITEES, f"{_path(event, _EVENT)}/invitees", Payload(query={"count": 100}))
        return [] if answer.empty else answer.read_as(_Invitees).collection

    async def event_types(self, organization: str) -> list[EventType]:
        """All event types of an organization."""
        pages = await self._pages(_EVENT_TYPES, "/event_types", {"organization": organization}, _EventTypes)
        return [one for page in pages for one in page.collection]

    async def subscriptions(self, organization: str) -> list[Subscription]:
        """The webhook subscriptions to all of an organization."""
        query = {"organization": organization, "scope": "organization"}
        pages = await self._pages(_LIST, "/webhook_subscriptions", query, _Subscriptions)
        return [one for page in pages for one in page.collection]

    async def subscribe(self, organization: str, url: str, events: Sequence[str], signing_key: str) -> None:
        """Have what happens in an organization sent to an address, signed with this key."""
        body: JsonValue = {
            "url": url, "events": [*events], "organization": organization, "scope": "organization",
            "signing_key": signing_key,
        }  # fmt: skip
        await self._http.call(_SUBSCRIBE, "/webhook_subscriptions", Payload(json=body, secrets=(signing_key,)))

    async def unsubscribe(self, uri: str) -> None:
        """Delete a subscription; one that is not there is none."""
        await self._http.call(_UNSUBSCRIBE, _path(uri, _SUBSCRIPTION))

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()

    async def _pages(
        self, operation: Operation, path: str, query: Mapping[str, str], model: type[_APage]
    ) -> list[_APage]:
        pages: list[_APage] = []
        token: str | None = None
        while (not pages or token) and len(pages) < _MOST_PAGES:
            asked: dict[str, str | int] = {**query, "count": 100, **({"page_token": token} if token else {})}
            page = (await self._http.call(operation, path, Payload(query=asked))).read_as(model)
            pages.append(page)
            token = page.pagination.next_page_token
        return pages


def _path(uri: str, of: re.Pattern[str]) -> str:
    """The path of an address that came in: a stranger may have written it, so nothing else of it is called."""
    path = urlsplit(uri).path
    if not of.fullmatch(path):
        raise Refused(f"{uri[:120]!r} is no address of Calendly's API")
    return path


def _remaining(headers: Mapping[str, str]) -> Remaining | None:
    left, reset = headers.get("x-ratelimit-remaining", ""), headers.get("x-ratelimit-reset", "")
    if not left.isdecimal() or not reset.isdecimal():
        return None
    return Remaining(int(left), timedelta(seconds=int(reset)))
