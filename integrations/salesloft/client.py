"""Salesloft's API, v2, as far as Dealwright uses it.

https://developers.salesloft.com/docs/api/. Each method raises ``NotHandedOver``, ``Refused`` or ``Unanswered``
(``integrations.kit.errors``). A call costs a point; pages far behind cost up to thirty, so lists are read by windows of
time, and never far into one. https://developers.salesloft.com/docs/platform/api-basics/rate-limits/
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from dealwright.deal import Person as OurPerson
from integrations.kit.answers import Answer, Operation, Quota, Rejected, Verdict, by_status
from integrations.kit.http import Payload, ToolClient
from integrations.kit.request_budget import Limit, Remaining, SharedBudget, budget_name
from integrations.salesloft.login import credentials_of
from integrations.salesloft.records import Many, Membership, One, Person, Subscription, Task, User
from integrations.salesloft.settings import SOURCE, SalesloftConnection
from store.database import Store

_log = logging.getLogger(__name__)

PAGE = 100
"""Records in a page, at most."""
_MINUTE = timedelta(minutes=1)
_GONE = frozenset({404})
_FIND = Operation(name="find a record")
_READ = Operation(name="read a record", empty=_GONE)
_LIST = Operation(name="list records")
_ENROL = Operation(name="add a person to a cadence", method="POST")
_REMOVE = Operation(name="remove a person from a cadence", method="DELETE", empty=_GONE)
_CREATE_TASK = Operation(name="create a task", method="POST")
_COMPLETE = Operation(name="complete a task", method="PUT")
_SUBSCRIPTIONS = Operation(name="list webhook subscriptions")
_SUBSCRIBE = Operation(name="subscribe to webhooks", method="POST")
_SWITCH_ON = Operation(name="switch on a webhook subscription", method="PUT")
_M = TypeVar("_M", bound=BaseModel)


class _Page(BaseModel):
    data: tuple[JsonValue, ...] = ()


def _read(model: type[_M], said: JsonValue) -> _M | None:
    try:
        return model.model_validate(said)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        _log.warning("Salesloft lists a %s that cannot be read (%s): it is left out", model.__name__.lower(), where)
        return None


class _Errors(BaseModel):
    error: str | None = None
    errors: dict[str, JsonValue] | None = None


def classify(operation: Operation, answer: Answer) -> Verdict:
    """Salesloft says nothing of when points are there again: it counts by the minute."""
    now = datetime.now(UTC)
    if answer.status == 429:  # noqa: PLR2004 - Too Many Requests
        return Quota(now + (answer.retry_after(now) or _until_next_minute(now)))
    verdict = by_status(operation, answer)
    return Rejected(f"{answer.status}: {_said(answer)}") if isinstance(verdict, Rejected) else verdict


def _said(answer: Answer) -> str:
    try:
        read = _Errors.model_validate_json(answer.body)
    except ValueError:
        return answer.text
    fields = [f"{name} {_words(value)}" for name, value in (read.errors or {}).items()]
    return ("; ".join(fields) or read.error or answer.text)[:500]


def _words(value: JsonValue) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _until_next_minute(now: datetime) -> timedelta:
    return _MINUTE - timedelta(seconds=now.second, microseconds=now.microsecond)


def _left(headers: Mapping[str, str]) -> Remaining | None:
    left = headers.get("x-ratelimit-remaining-minute", "")
    return Remaining(int(left), _until_next_minute(datetime.now(UTC))) if left.isdecimal() else None


class SalesloftClient:
    """One Salesloft team. Close it at the end."""

    def __init__(self, connection: SalesloftConnection, store: Store) -> None:
        limit = Limit(most=connection.points_per_minute, per=_MINUTE)
        budget = SharedBudget(store, budget_name(SOURCE, connection.credential), limit, _left)
        credentials = credentials_of(connection, store)
        self._http = ToolClient("Salesloft", connection.base_url, credentials, budget, classify)

    async def person_with(self, address: str) -> Person | None:
        """The person with an e-mail address as their main one."""
        query: dict[str, str | int] = {"email_addresses[]": address, "per_page": PAGE}
        answer = await self._http.call(_FIND, "/v2/people", Payload(query=query))
        found = answer.read_as(Many[Person]).data
        return next((one for one in found if (one.email_address or "").lower() == address.lower()), None)

    async def person(self, id_: int | str) -> Person | None:
        """A person; None when they are not there, or no longer."""
        answer = await self._http.call(_READ, f"/v2/people/{id_}")
        return None if answer.empty else answer.read_as(One[Person]).data

    async def user_with(self, address: str) -> int | None:
        """The active user with an e-mail address."""
        query: dict[str, str | int] = {"search": address, "per_page": PAGE}
        answer = await self._http.call(_FIND, "/v2/users", Payload(query=query))
        users = answer.read_as(Many[User]).data
        matching = (one.id for one in users if (one.email or "").lower() == address.lower() and one.active is not False)
        return next(matching, None)

    async def user_of(self, somebody: OurPerson | None, owners: Mapping[str, str]) -> int | None:
        """The user who one of our people is, by their address, or as the connection's ``owners`` have them."""
        address = somebody.email if somebody else None
        if address is None:
            return None
        known = owners.get(address)
        return int(known) if known is not None and known.isdecimal() else await self.user_with(address)

    async def task_with(self, key: str) -> Task | None:
        """The task that was made under a key."""
        query: dict[str, str | int] = {"idempotency_key": key, "per_page": PAGE}
        return next(
            iter((await self._http.call(_FIND, "/v2/tasks", Payload(query=query))).read_as(Many[Task]).data), None
        )

    async def task(self, id_: str) -> Task | None:
        """A task; None when it is not there any more."""
        answer = await self._http.call(_READ, f"/v2/tasks/{id_}")
        return None if answer.empty else answer.read_as(One[Task]).data

    async def create_task(self, body: Mapping[str, JsonValue]) -> Task:
        """Make a task. Under a key that a task has already, Salesloft makes none."""
        return (await self._http.call(_CREATE_TASK, "/v2/tasks", Payload(json=dict(body)))).read_as(One[Task]).data

    async def complete_task(self, id_: int) -> None:
        """Complete a task. It is logged nowhere as something that was done with the person."""
        body: JsonValue = {"current_state": "completed", "is_logged": False}
        await self._http.call(_COMPLETE, f"/v2/tasks/{id_}", Payload(json=body))

    async def membership_of(self, person: int, cadence: str) -> Membership | None:
        """The membership of a person in a cadence, over or not; None when they were never in it."""
        query: dict[str, str | int] = {"person_id": person, "cadence_id": cadence, "per_page": PAGE}
        answer = await self._http.call(_FIND, "/v2/cadence_memberships", Payload(query=query))
        return next(iter(answer.read_as(Many[Membership]).data), None)

    async def membership(self, id_: str) -> Membership | None:
        """A membership; None when it is not there any more."""
        answer = await self._http.call(_READ, f"/v2/cadence_memberships/{id_}")
        return None if answer.empty else answer.read_as(One[Membership]).data

    async def enrol(self, person: int, cadence: str, user: int | None) -> Membership:
        """Add a person to a cadence, in a user's name."""
        query: dict[str, str | int] = {"person_id": person, "cadence_id": cadence}
        payload = Payload(query=query if user is None else {**query, "user_id": user}, json={})
        answer = await self._http.call(_ENROL, "/v2/cadence_memberships", payload)
        return answer.read_as(One[Membership]).data

    async def remove(self, membership: int) -> None:
        """Remove a person from a cadence; who is out of it stays so."""
        await self._http.call(_REMOVE, f"/v2/cadence_memberships/{membership}")

    async def listed(self, model: type[_M], path: str, query: Mapping[str, str | int]) -> list[_M | None]:
        """A page of a list, with None for each record that cannot be read: it keeps no other from being read."""
        answer = await self._http.call(_LIST, path, Payload(query=query))
        return [_read(model, each) for each in answer.read_as(_Page).data]

    async def subscriptions(self) -> tuple[Subscription, ...]:
        """All webhook subscriptions that the credentials show."""
        return (await self._http.call(_SUBSCRIPTIONS, "/v2/webhook_subscriptions")).read_as(Many[Subscription]).data

    async def subscribe(self, event: str, url: str, token: str) -> None:
        """Have events of a type sent to an address, signed with a token."""
        body: JsonValue = {"event_type": event, "callback_url": url, "callback_token": token}
        await self._http.call(_SUBSCRIBE, "/v2/webhook_subscriptions", Payload(json=body, secrets=(token,)))

    async def switch_on(self, subscription: int) -> None:
        """Have a subscription told again."""
        await self._http.call(_SWITCH_ON, f"/v2/webhook_subscriptions/{subscription}", Payload(json={"enabled": True}))

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()
