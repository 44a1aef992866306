"""Google Calendar's API, v3, as far as Dealwright uses it: reading events, and watch channels.

https://developers.google.com/workspace/calendar/api/v3/reference. Each method raises ``NotHandedOver``, ``Refused`` or
``Unanswered`` (``integrations.kit.errors``).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel

from integrations.google_calendar.answers import classify
from integrations.google_calendar.login import tokens_for
from integrations.google_calendar.settings import SOURCE, GoogleCalendarConnection
from integrations.kit.answers import Operation
from integrations.kit.http import Payload, ToolClient
from integrations.kit.request_budget import Limit, SharedBudget, budget_name
from store.database import Store

_LIMIT = Limit(most=500, per=timedelta(minutes=1))
"""Of the 600 calls a minute that Google takes for each user."""
_AT_ONCE = 250
_MOST_PAGES = 20
_TOKEN_IS_OLD = frozenset({410})
_NOT_THERE = frozenset({404})
_CHANGES = Operation(name="list changed events", empty=_TOKEN_IS_OLD)
_LIST = Operation(name="list events")
_INSTANCES = Operation(name="list the single events of one that repeats", empty=frozenset({404, 410}))
_WATCH = Operation(name="open a watch channel", method="POST")
_STOP = Operation(name="stop a watch channel", method="POST", empty=_NOT_THERE)
_SAME_IN_ALL: dict[str, str | int] = {"maxResults": _AT_ONCE, "showDeleted": "true", "singleEvents": "false"}
"""A sync token counts only for the parameters that it was given for."""


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", alias_generator=to_camel)


class Page(_Answer):
    """One page of events. One of the two tokens is there."""

    items: list[JsonValue] = []
    next_page_token: str | None = None
    next_sync_token: str | None = None


class Channel(_Answer):
    """A watch channel."""

    id: str
    resource_id: str
    expiration: int = Field(ge=0)
    """Milliseconds since 1970."""


class GoogleCalendarClient:
    """The calendars of one connection. Close it at the end."""

    def __init__(self, connection: GoogleCalendarConnection, store: Store) -> None:
        self._connection, self._store = connection, store
        self._http: dict[str | None, ToolClient] = {}

    async def changed(self, calendar: str, sync: str, page: str | None) -> Page | None:
        """A page of what changed since a sync token was given; None where Google takes the token no more."""
        query = {**_SAME_IN_ALL, "syncToken": sync, **({"pageToken": page} if page else {})}
        answer = await self._for(calendar).call(_CHANGES, _events(calendar), Payload(query=query))
        return None if answer.empty else answer.read_as(Page)

    async def all(self, calendar: str, since: datetime, page: str | None) -> Page:
        """A page of all events that end after a time."""
        query = {**_SAME_IN_ALL, "timeMin": since.isoformat(), **({"pageToken": page} if page else {})}
        return (await self._for(calendar).call(_LIST, _events(calendar), Payload(query=query))).read_as(Page)

    async def between(self, calendar: str, after: datetime, before: datetime) -> list[JsonValue]:
        """Events that end after the one time, and begin before the other; of those that repeat, each one of them."""
        wanted = {"singleEvents": "true", "timeMin": after.isoformat(), "timeMax": before.isoformat()}
        return await self._pages(calendar, _events(calendar), wanted)

    async def instances(self, calendar: str, event: str, after: datetime, before: datetime) -> list[JsonValue]:
        """Of an event that repeats, those that end after the one time and begin before the other."""
        wanted = {"showDeleted": "false", "timeMin": after.isoformat(), "timeMax": before.isoformat()}
        return await self._pages(calendar, f"{_events(calendar)}/{quote(event, safe='')}/instances", wanted, _INSTANCES)

    async def look(self, calendar: str) -> None:
        """See whether a calendar can be read."""
        await self._for(calendar).call(_LIST, _events(calendar), Payload(query={"maxResults": 1}))

    async def watch(self, calendar: str, id_: str, address: str, token: str, lasts: timedelta) -> Channel:
        """Have a notice sent to an address whenever an event of a calendar changes, for a time that Google may cut."""
        body: JsonValue = {
            "id": id_, "type": "web_hook", "address": address, "token": token,
            "params": {"ttl": str(int(lasts.total_seconds()))},
        }  # fmt: skip
        payload = Payload(json=body, secrets=(token,))
        return (await self._for(calendar).call(_WATCH, f"{_events(calendar)}/watch", payload)).read_as(Channel)

    async def stop(self, calendar: str, id_: str, resource_id: str) -> None:
        """Stop a channel; one that is not there is stopped."""
        body: JsonValue = {"id": id_, "resourceId": resource_id}
        await self._for(calendar).call(_STOP, "/calendar/v3/channels/stop", Payload(json=body))

    async def close(self) -> None:
        """Give the connections back."""
        for client in self._http.values():
            await client.close()

    async def _pages(
        self, calendar: str, path: str, wanted: dict[str, str], operation: Operation = _LIST
    ) -> list[JsonValue]:
        items: list[JsonValue] = []
        token: str | None = None
        for _ in range(_MOST_PAGES):
            query: dict[str, str | int] = {**wanted, "maxResults": _AT_ONCE, **({"pageToken": token} if token else {})}
            answer = await self._for(calendar).call(operation, path, Payload(query=query))
            page = Page() if answer.empty else answer.read_as(Page)
            items += page.items
            if (token := page.next_page_token) is None:
                break
        return items

    def _for(self, calendar: str) -> ToolClient:
        subject = self._connection.subject(calendar)
        if subject not in self._http:
            tokens = tokens_for(self._connection, self._store, subject)
            budget = SharedBudget(self._store, budget_name(SOURCE, subject or self._connection.client_id or ""), _LIMIT)
            self._http[subject] = ToolClient("Google Calendar", self._connection.base_url, tokens, budget, classify)
        return self._http[subject]


def _events(calendar: str) -> str:
    return f"/calendar/v3/calendars/{quote(calendar, safe='')}/events"
