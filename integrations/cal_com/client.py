"""Cal.com's API, version 2, as far as Dealwright uses it: bookings and webhooks.

https://cal.com/docs/api-reference/v2. Each method raises ``NotHandedOver``, ``Refused`` or ``Unanswered``
(``integrations.kit.errors``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from integrations.cal_com.settings import DEAL_KEY, SOURCE, CalComConnection
from integrations.kit.answers import Operation
from integrations.kit.credentials import FixedToken
from integrations.kit.errors import Refused
from integrations.kit.http import Payload, ToolClient
from integrations.kit.request_budget import Limit, SharedBudget, budget_name
from store.database import Store

PAGE = 100
"""Bookings in a page."""
_MOST_PAGES = 10
_LIMIT = Limit(most=100, per=timedelta(minutes=1))
"""Of the 120 calls a minute that Cal.com takes for an API key."""
_VERSION = {"cal-api-version": "2024-08-13"}
"""Of the shape that is spoken here. Without the header Cal.com speaks an older one."""
_UID = re.compile(r"[A-Za-z0-9][\w@.-]{0,199}", re.ASCII)
_ME = Operation(name="look whose the API key is")
_READ = Operation(name="read a booking", empty=frozenset({404}))
_CHANGED = Operation(name="list bookings that changed")
_OVER = Operation(name="list bookings that are over")
_LIST = Operation(name="list webhooks")
_SUBSCRIBE = Operation(name="create a webhook", method="POST")
_UPDATE = Operation(name="change a webhook", method="PATCH")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, populate_by_name=True)


class Attendee(_Model):
    """Somebody on the other side."""

    email: str | None = None
    absent: bool = False


class _EventType(_Model):
    id: int | None = None


class Booking(_Model):
    """Somebody's booking of one time. One that is moved is another booking."""

    uid: str
    status: str
    """``accepted``, ``pending``, ``cancelled`` or ``rejected``."""
    start: AwareDatetime
    created_at: AwareDatetime = Field(alias="createdAt")
    updated_at: AwareDatetime = Field(alias="updatedAt")
    moved_from: str | None = Field(default=None, alias="rescheduledFromUid")
    """The booking that this one takes the place of."""
    moved_to: str | None = Field(default=None, alias="rescheduledToUid")
    location: str | None = None
    event_type: _EventType = Field(default=_EventType(), alias="eventType")
    attendees: tuple[Attendee, ...] = ()
    metadata: dict[str, JsonValue] = {}

    @property
    def came(self) -> bool:
        """Whether somebody of the other side came, as far as anybody marked who did not."""
        return any(not one.absent for one in self.attendees)

    @property
    def deal(self) -> str | None:
        """The deal's id in the link that somebody booked over."""
        named = self.metadata.get(DEAL_KEY)
        return named if isinstance(named, str) and named else None


class Webhook(_Model):
    """A webhook of the user."""

    id: str | int
    url: str = Field(alias="subscriberUrl")
    active: bool
    triggers: list[str] = []
    secret: str | None = Field(default=None, repr=False)


class _OneBooking(_Model):
    data: Booking


class _Bookings(_Model):
    data: list[Booking]


class _Webhooks(_Model):
    data: list[Webhook]


class CalComClient:
    """One Cal.com user. Close it at the end."""

    def __init__(self, connection: CalComConnection, store: Store) -> None:
        budget = SharedBudget(store, budget_name(SOURCE, connection.token.get_secret_value()), _LIMIT, lambda _: None)
        self._http = ToolClient("Cal.com", connection.base_url, FixedToken(connection.token), budget)

    async def check(self) -> None:
        """See whether the API key is taken."""
        await self._http.call(_ME, "/v2/me", Payload(headers=_VERSION))

    async def booking(self, uid: str) -> Booking | None:
        """A booking; None when there is none that this API key may read."""
        if not _UID.fullmatch(uid):  # a stranger may have written it, so nothing else of the API is called
            raise Refused(f"{uid[:120]!r} is no booking's uid")
        answer = await self._http.call(_READ, f"/v2/bookings/{uid}", Payload(headers=_VERSION))
        return None if answer.empty else answer.read_as(_OneBooking).data

    async def changed(self, after: datetime, before: datetime) -> list[Booking]:
        """The first page of the bookings that changed in a time, by when that was."""
        query: dict[str, str | int] = {
            "afterUpdatedAt": after.isoformat(), "beforeUpdatedAt": before.isoformat(), "sortUpdatedAt": "asc",
            "take": PAGE,
        }  # fmt: skip
        answer = await self._http.call(_CHANGED, "/v2/bookings", Payload(query=query, headers=_VERSION))
        return answer.read_as(_Bookings).data

    async def over(self, after: datetime, before: datetime) -> list[Booking]:
        """The bookings that begin after the one time, ended before the other, and were not called off."""
        found: list[Booking] = []
        for page in range(_MOST_PAGES):
            query: dict[str, str | int] = {
                "afterStart": after.isoformat(), "beforeEnd": before.isoformat(), "status": "past",
                "sortStart": "asc", "take": PAGE, "skip": page * PAGE,
            }  # fmt: skip
            answer = await self._http.call(_OVER, "/v2/bookings", Payload(query=query, headers=_VERSION))
            bookings = answer.read_as(_Bookings).data
            found += [one for one in bookings if one.status == "accepted"]
            if len(bookings) < PAGE:
                break
        return found

    async def webhooks(self) -> list[Webhook]:
        """All webhooks of the user."""
        answer = await self._http.call(_LIST, "/v2/webhooks", Payload(query={"take": 250}, headers=_VERSION))
        return answer.read_as(_Webhooks).data

    async def subscribe(self, url: str, triggers: Sequence[str], secret: str) -> None:
        """Have what happens sent to an address, signed with this secret."""
        body: JsonValue = {"subscriberUrl": url, "triggers": [*triggers], "active": True, "secret": secret}
        await self._http.call(_SUBSCRIBE, "/v2/webhooks", Payload(json=body, headers=_VERSION, secrets=(secret,)))

    async def switch_on(self, webhook: Webhook, triggers: Sequence[str], secret: str) -> None:
        """Have a webhook send these triggers again, signed with this secret."""
        body: JsonValue = {"triggers": [*triggers], "active": True, "secret": secret}
        payload = Payload(json=body, headers=_VERSION, secrets=(secret,))
        await self._http.call(_UPDATE, f"/v2/webhooks/{webhook.id}", payload)

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()
