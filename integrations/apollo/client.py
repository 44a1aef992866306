"""Apollo's API, v1, as far as Dealwright uses it: contacts, sequences and what became of contacts in them, tasks.

https://docs.apollo.io/reference. Each method raises ``NotHandedOver``, ``Refused`` or ``Unanswered``
(``integrations.kit.errors``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from pydantic import JsonValue

from dealwright.values.addresses import normal
from integrations.apollo.answers import classify, remaining
from integrations.apollo.records import Contact, Contacts, Feed, Happened, OneContact, OneTask, Task, Tasks
from integrations.apollo.settings import SOURCE, ApolloConnection
from integrations.kit.answers import Answer, Operation
from integrations.kit.credentials import FixedToken
from integrations.kit.http import Payload, ToolClient
from integrations.kit.request_budget import Limit, SharedBudget, budget_name
from store.database import Store

V1 = "/api/v1"
_NOT_THERE = frozenset({404})
_SEARCH = Operation(name="search contacts", method="POST", reads=True)
_READ = Operation(name="read a contact", empty=_NOT_THERE)
_CREATE = Operation(name="make a contact", method="POST")
_ADD = Operation(name="add a contact to a sequence", method="POST")
_FINISH = Operation(name="take a contact out of a sequence", method="POST")
_FEED = Operation(name="read what became of a contact", method="POST", reads=True, empty=_NOT_THERE)

_CREATE_TASK = Operation(name="make a task", method="POST")
_READ_TASK = Operation(name="read a task", empty=_NOT_THERE)
_LIST_TASKS = Operation(name="list tasks", method="POST", reads=True)
_RESOLVE_TASK = Operation(name="resolve a task", method="POST", empty=_NOT_THERE)
PAGE = 100
"""How many tasks a page of them has, at most."""


class ApolloClient:
    """One team. Close it at the end. Apollo counts the calls of each kind for themselves, and so do we."""

    def __init__(self, connection: ApolloConnection, store: Store) -> None:
        self._connection, self._store = connection, store
        self._http: dict[str, ToolClient] = {}

    async def contact_with(self, address: str) -> Contact | None:
        """The contact with an address. A search by words finds others as well."""
        body: JsonValue = {"q_keywords": address, "per_page": 25, "page": 1}
        answer = await self._call(_SEARCH, f"{V1}/contacts/search", Payload(json=body))
        found = [one for one in answer.read_as(Contacts).contacts if one.email and normal(one.email) == address]
        return min(found, key=lambda one: one.id, default=None)

    async def contact(self, id_: str) -> Contact | None:
        """A contact as they stand now; None when they are not there."""
        answer = await self._call(_READ, f"{V1}/contacts/{id_}")
        return None if answer.empty else answer.read_as(OneContact).contact

    async def create(self, values: Mapping[str, JsonValue]) -> Contact:
        """A contact; one whom Apollo knows by their address is not made twice."""
        answer = await self._call(_CREATE, f"{V1}/contacts", Payload(json={**values, "run_dedupe": True}))
        return answer.read_as(OneContact).contact

    async def add(self, contact: str, sequence: str, account: str, user: str | None) -> Contacts:
        """Put a contact into a sequence; it says whom it left out, and why."""
        query = {
            "emailer_campaign_id": sequence, "contact_ids[]": contact, "send_email_from_email_account_id": account,
            **({"user_id": user} if user else {}),
        }  # fmt: skip
        answer = await self._call(_ADD, f"{V1}/emailer_campaigns/{sequence}/add_contact_ids", Payload(query=query))
        return answer.read_as(Contacts)

    async def finish(self, contact: str, sequence: str) -> None:
        """Take a contact out of a sequence."""
        query = {"emailer_campaign_ids[]": sequence, "contact_ids[]": contact, "mode": "mark_as_finished"}
        await self._call(_FINISH, f"{V1}/emailer_campaigns/remove_or_stop_contact_ids", Payload(query=query))

    async def feed(self, contact: str, sequence: str) -> list[Happened]:
        """What became of a contact in a sequence, the newest first."""
        body: JsonValue = {"contact_id": contact, "sequence_id": sequence, "per_page": 50}
        answer = await self._call(_FEED, f"{V1}/emailer_campaigns/activity_feed", Payload(json=body))
        return [] if answer.empty else answer.read_as(Feed).events

    async def create_task(self, values: Mapping[str, JsonValue]) -> Task:
        """A new task on a user's list, about a contact."""
        answer = await self._call(_CREATE_TASK, f"{V1}/tasks", Payload(json=dict(values)))
        return answer.read_as(OneTask).task

    async def task(self, id_: str) -> Task | None:
        """A task; None when it is not there."""
        answer = await self._call(_READ_TASK, f"{V1}/tasks/{id_}")
        task = None if answer.empty else answer.read_as(OneTask).task
        return None if task is None or task.deleted else task

    async def tasks_due_last(self, page: int) -> list[Task]:
        """A page (from 1) of the team's tasks, those that are due last first."""
        query: dict[str, str | int] = {"sort_by_field": "task_due_at", "page": page, "per_page": PAGE}
        return (await self._call(_LIST_TASKS, f"{V1}/tasks/search", Payload(query=query))).read_as(Tasks).tasks

    async def complete_task(self, id_: str) -> None:
        """A task that was done."""
        await self._call(_RESOLVE_TASK, f"{V1}/tasks/{id_}/complete", Payload(json={}))

    async def skip_task(self, id_: str) -> None:
        """A task that nobody is to do any more."""
        await self._call(_RESOLVE_TASK, f"{V1}/tasks/{id_}/skip", Payload(json={}))

    async def close(self) -> None:
        """Give the connections back."""
        for one in self._http.values():
            await one.close()

    async def _call(self, operation: Operation, path: str, payload: Payload | None = None) -> Answer:
        if operation.name not in self._http:
            self._http[operation.name] = self._client_for(operation)
        return await self._http[operation.name].call(operation, path, payload)

    def _client_for(self, operation: Operation) -> ToolClient:
        key, limit = self._connection.key, Limit(most=self._connection.hourly_calls, per=timedelta(hours=1))
        name = budget_name(f"{SOURCE} ({operation.name})", key.get_secret_value())
        budget = SharedBudget(self._store, name, limit, remaining)
        credentials = FixedToken(key, header="x-api-key", form="{}")
        return ToolClient("Apollo", self._connection.base_url, credentials, budget, classify)
