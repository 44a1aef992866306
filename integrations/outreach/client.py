"""Outreach's API, v2, as far as Dealwright uses it: prospects, sequence states, mailings, tasks, webhooks.

JSON:API (https://developers.outreach.io/api/making-requests): every request says ``application/vnd.api+json``, or is
answered 415. Each method raises ``NotHandedOver``, ``Refused`` or ``Unanswered`` (``integrations.kit.errors``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import BaseModel, JsonValue

from integrations.kit.answers import Operation
from integrations.kit.http import Payload, ToolClient
from integrations.kit.request_budget import SharedBudget, budget_name
from integrations.outreach.answers import LIMIT, classify, remaining
from integrations.outreach.login import tokens_of
from integrations.outreach.records import (
    CallValues,
    DispositionValues,
    Mailing,
    MailingValues,
    One,
    Page,
    Prospect,
    ProspectValues,
    Record,
    SequenceState,
    StateValues,
    Task,
    TaskValues,
    Webhook,
    WebhookValues,
)
from integrations.outreach.settings import SOURCE, OutreachConnection
from store.database import Store

V2 = "/api/v2"
PAGE = 100
_NOT_THERE = frozenset({404})
_LIST = Operation(name="list records")
_READ = Operation(name="read a record", empty=_NOT_THERE)
_CREATE_PROSPECT = Operation(name="make a prospect", method="POST")
_ENROL = Operation(name="enrol a prospect", method="POST")
_FINISH = Operation(name="finish a sequence state", method="POST", empty=_NOT_THERE)
_CREATE_TASK = Operation(name="make a task", method="POST")
_COMPLETE_TASK = Operation(name="complete a task", method="POST", empty=_NOT_THERE)
_DELETE_TASK = Operation(name="delete a task", method="DELETE", empty=_NOT_THERE)
_SUBSCRIBE = Operation(name="subscribe to events", method="POST")
_SWITCH_ON = Operation(name="switch a webhook on", method="PATCH")
_HEADERS = {"Content-Type": "application/vnd.api+json", "Accept": "application/vnd.api+json"}
_A = TypeVar("_A", bound=BaseModel)
Query = Mapping[str, str | int]


class OutreachClient:
    """One organization, as one of its users. Close it at the end."""

    def __init__(self, connection: OutreachConnection, store: Store) -> None:
        name = budget_name(SOURCE, connection.refresh_token.get_secret_value())
        budget = SharedBudget(store, name, LIMIT, remaining)
        self._http = ToolClient("Outreach", connection.base_url, tokens_of(connection, store), budget, classify)

    async def prospect(self, address: str) -> Prospect | None:
        """The prospect with an address; of several, the one that was made first."""
        query: Query = {"filter[emails]": address, "sort": "id", "count": "false", "page[size]": 2}
        return next(iter((await self._list(ProspectValues, "prospects", query)).data), None)

    async def create_prospect(self, attributes: Mapping[str, JsonValue], owner: int | None) -> Prospect:
        """A new prospect."""
        related = {} if owner is None else {"owner": _named("user", owner)}
        body = _data("prospect", attributes=dict(attributes), **({"relationships": related} if related else {}))
        return await self._write(ProspectValues, _CREATE_PROSPECT, "prospects", body)

    async def states(self, prospect: str, sequence: str) -> list[SequenceState]:
        """The sequence states of a prospect in a sequence, those made first first."""
        query: Query = {
            "filter[prospect][id]": prospect, "filter[sequence][id]": sequence, "sort": "createdAt", "count": "false",
            "page[size]": PAGE,
        }  # fmt: skip
        return (await self._list(StateValues, "sequenceStates", query)).data

    async def state(self, id_: str) -> SequenceState | None:
        """A sequence state; None when it is not there."""
        return await self._read(StateValues, f"sequenceStates/{id_}")

    async def mailing(self, id_: str) -> Mailing | None:
        """A mailing; None when it is not there."""
        return await self._read(MailingValues, f"mailings/{id_}")

    async def enrol(self, prospect: str, sequence: str, mailbox: int) -> SequenceState:
        """Put a prospect into a sequence."""
        related = {
            "prospect": _named("prospect", int(prospect)), "sequence": _named("sequence", int(sequence)),
            "mailbox": _named("mailbox", mailbox),
        }  # fmt: skip
        body = _data("sequenceState", relationships=related)
        return await self._write(StateValues, _ENROL, "sequenceStates", body)

    async def finish(self, state: str) -> None:
        """Take a prospect out of a sequence."""
        await self._http.call(_FINISH, f"{V2}/sequenceStates/{state}/actions/finish", Payload(headers=_HEADERS))

    async def states_since(self, since: datetime, page: str | None) -> Page[StateValues]:
        """A page of the sequence states that changed since a time, the longest ago first."""
        return await self._since(StateValues, "sequenceStates", "updatedAt", since, page)

    async def replies_since(self, since: datetime, page: str | None) -> Page[MailingValues]:
        """A page of the mailings that were replied to since a time, the longest ago first."""
        return await self._since(MailingValues, "mailings", "repliedAt", since, page)

    async def create_task(self, attributes: Mapping[str, JsonValue], owner: int, prospect: str | None) -> Task:
        """A new task on a user's list, about a prospect."""
        about = {} if prospect is None else {"prospect": _named("prospect", int(prospect))}
        body = _data("task", attributes=dict(attributes), relationships={"owner": _named("user", owner), **about})
        return await self._write(TaskValues, _CREATE_TASK, "tasks", body)

    async def task(self, id_: str) -> Task | None:
        """A task; None when it is not there."""
        return await self._read(TaskValues, f"tasks/{id_}")

    async def task_saying(self, mark: str, whose: Query, since: datetime) -> Task | None:
        """Of the tasks that changed since a time, the one whose note has a mark in it; ``whose`` is a filter."""
        page = await self._since(TaskValues, "tasks", "updatedAt", since, None, whose)
        while True:
            if (found := next((one for one in page.data if mark in (one.attributes.note or "")), None)) is not None:
                return found
            if page.next is None:
                return None
            page = await self._since(TaskValues, "tasks", "updatedAt", since, page.next)

    async def complete_task(self, id_: str) -> None:
        """Complete a task."""
        await self._http.call(_COMPLETE_TASK, f"{V2}/tasks/{id_}/actions/markComplete", Payload(headers=_HEADERS))

    async def delete_task(self, id_: str) -> None:
        """Take a task away."""
        await self._http.call(_DELETE_TASK, f"{V2}/tasks/{id_}", Payload(headers=_HEADERS))

    async def tasks_since(self, since: datetime, page: str | None) -> Page[TaskValues]:
        """A page of the tasks that changed since a time, the longest ago first."""
        return await self._since(TaskValues, "tasks", "updatedAt", since, page)

    async def disposition_of(self, call: str) -> str | None:
        """What the organization calls the outcome of a call; None where nobody has said one."""
        there = await self._read(CallValues, f"calls/{call}")
        id_ = there.related("callDisposition") if there is not None else None
        found = await self._read(DispositionValues, f"callDispositions/{id_}") if id_ is not None else None
        return found.attributes.name if found is not None else None

    async def webhooks(self) -> list[Webhook]:
        """The subscriptions."""
        return (await self._list(WebhookValues, "webhooks", {"count": "false", "page[size]": PAGE})).data

    async def subscribe(self, url: str, resource: str, action: str, secret: str) -> None:
        """Have events of one kind sent."""
        attributes: JsonValue = {
            "url": url, "resource": resource, "action": action, "secret": secret, "payloadVersion": 1, "active": True,
        }  # fmt: skip
        payload = Payload(json=_data("webhook", attributes=attributes), headers=_HEADERS, secrets=(secret,))
        await self._http.call(_SUBSCRIBE, f"{V2}/webhooks", payload)

    async def switch_on(self, webhook: Webhook) -> None:
        """Have a subscription send again."""
        body = _data("webhook", id=int(webhook.key), attributes={"active": True})
        await self._http.call(_SWITCH_ON, f"{V2}/webhooks/{webhook.key}", Payload(json=body, headers=_HEADERS))

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()

    async def _since(
        self, values: type[_A], kind: str, field: str, since: datetime, page: str | None, whose: Query | None = None
    ) -> Page[_A]:  # fmt: skip
        if page is not None:
            return (await self._http.call(_LIST, page, Payload(headers=_HEADERS))).read_as(Page[values])  # type: ignore[valid-type]
        query: Query = {
            f"filter[{field}]": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}..inf", "sort": field, "count": "false",
            "page[size]": PAGE, **(whose or {}),
        }  # fmt: skip
        return await self._list(values, kind, query)

    async def _list(self, values: type[_A], kind: str, query: Query) -> Page[_A]:
        answer = await self._http.call(_LIST, f"{V2}/{kind}", Payload(query=query, headers=_HEADERS))
        return answer.read_as(Page[values])  # type: ignore[valid-type]

    async def _read(self, values: type[_A], path: str) -> Record[_A] | None:
        answer = await self._http.call(_READ, f"{V2}/{path}", Payload(headers=_HEADERS))
        return None if answer.empty else answer.read_as(One[values]).data  # type: ignore[valid-type]

    async def _write(self, values: type[_A], operation: Operation, path: str, body: JsonValue) -> Record[_A]:
        answer = await self._http.call(operation, f"{V2}/{path}", Payload(json=body, headers=_HEADERS))
        return answer.read_as(One[values]).data  # type: ignore[valid-type]


def _named(kind: str, id_: int) -> JsonValue:
    return {"data": {"type": kind, "id": id_}}


def _data(kind: str, **parts: JsonValue) -> JsonValue:
    return {"data": {"type": kind, **parts}}
