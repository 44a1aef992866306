"""Pipedrive's API, as far as Dealwright uses it: v2, and v1 for what v2 does not have (notes, calls, users, webhooks).

Each method raises ``NotHandedOver``, ``Refused`` or ``Unanswered`` (``integrations.kit.errors``). Costs are in tokens.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel, JsonValue

from integrations.kit.answers import Operation
from integrations.kit.http import Payload, ToolClient
from integrations.pipedrive.answers import classify
from integrations.pipedrive.budget import PipedriveBudget
from integrations.pipedrive.login import ANY_COMPANY, credentials_of
from integrations.pipedrive.records import (
    ActivityRecord,
    ChangeRecord,
    DealRecord,
    Enveloped,
    FieldRecord,
    IdOnly,
    NoteRecord,
    OrganizationRecord,
    Page,
    PersonRecord,
    StageRecord,
    UserRecord,
    WebhookRecord,
)
from integrations.pipedrive.settings import KEY_NAME, PipedriveConnection
from store.database import Store

V2, V1 = "/api/v2", "/v1"
_NOT_THERE = frozenset({404})
_PAGE = 500
_READ = Operation(name="read a record", empty=_NOT_THERE, cost=1)
_LIST = Operation(name="list records", cost=10)
_SEARCH = Operation(name="search records", cost=20)
_CREATE = Operation(name="create a record", method="POST", cost=5)
_UPDATE = Operation(name="update a record", method="PATCH", cost=5)
_CREATE_V1 = Operation(name="create a note", method="POST", cost=10)
_LIST_V1 = Operation(name="list", cost=20)
_CHANGELOG = Operation(name="read the changes of a deal", empty=_NOT_THERE, cost=20)
_READ_V1 = Operation(name="read a user", empty=_NOT_THERE, cost=2)
_SUBSCRIBE = Operation(name="subscribe to events", method="POST", cost=10)
_M = TypeVar("_M", bound=BaseModel)
Values = Mapping[str, JsonValue]


class PipedriveClient:
    """One Pipedrive company, as one of its users. Close it at the end."""

    def __init__(self, connection: PipedriveConnection, store: Store) -> None:
        address, credentials = connection.base_url or ANY_COMPANY, credentials_of(connection, store)
        self._http = ToolClient("Pipedrive", address, credentials, PipedriveBudget(connection, store), classify)
        self._keys: dict[str, str] = {}

    async def deal(self, id_: str | int) -> DealRecord | None:
        """A deal; None when it is not there."""
        answer = await self._http.call(_READ, f"{V2}/deals/{id_}")
        return None if answer.empty else answer.read_as(Enveloped[DealRecord]).data

    async def who_changed(self, deal: int, field: str, value: str) -> int | None:
        """The user who gave a field of a deal its value, if that is its newest change; None where that is not known."""
        answer = await self._http.call(_CHANGELOG, f"{V1}/deals/{deal}/changelog", Payload(query={"limit": 100}))
        changes = (answer.read_as(Page[ChangeRecord]).data or []) if not answer.empty else []
        newest = next((one for one in changes if one.field_key == field), None)
        return newest.actor_user_id if newest and str(newest.new_value or "")[: len(value) or None] == value else None

    async def person(self, id_: str | int) -> PersonRecord | None:
        """A person; None when it is not there."""
        answer = await self._http.call(_READ, f"{V2}/persons/{id_}")
        return None if answer.empty else answer.read_as(Enveloped[PersonRecord]).data

    async def organization(self, id_: str | int) -> OrganizationRecord | None:
        """An organization; None when it is not there."""
        answer = await self._http.call(_READ, f"{V2}/organizations/{id_}")
        return None if answer.empty else answer.read_as(Enveloped[OrganizationRecord]).data

    async def deals_of_organization(self, organization: str | int) -> list[DealRecord]:
        """The deals of an organization."""
        return await self._first_page(DealRecord, "deals", {"org_id": organization})

    async def deals_of_person(self, person: str | int) -> list[DealRecord]:
        """The deals that a person is the first contact of."""
        return await self._first_page(DealRecord, "deals", {"person_id": person})

    async def changed(
        self, model: type[_M], kind: str, since: datetime, query: Mapping[str, str] | None = None
    ) -> list[_M]:
        """The records of a kind that changed since a time, the longest ago first."""
        order = {"updated_since": since.strftime("%Y-%m-%dT%H:%M:%SZ"), "sort_by": "update_time"}
        wanted = {**order, "sort_direction": "asc", **(query or {})}
        return [one async for one in self._all(model, f"{V2}/{kind}", wanted)]

    async def activities_of(self, deal: str) -> AsyncIterator[ActivityRecord]:
        """The activities of a deal, the newest first."""
        query: dict[str, str | int] = {"deal_id": deal, "sort_by": "add_time", "sort_direction": "desc"}
        async for found in self._all(ActivityRecord, f"{V2}/activities", query):
            yield found

    async def notes_of(self, deal: str) -> list[NoteRecord]:
        """The newest hundred notes of a deal."""
        query: dict[str, str | int] = {"deal_id": deal, "sort": "add_time DESC", "limit": 100}
        answer = await self._http.call(_LIST_V1, f"{V1}/notes", Payload(query=query))
        return answer.read_as(Page[NoteRecord]).data or []

    async def own_call_logs(self) -> list[NoteRecord]:
        """The newest hundred call logs of the user that we are."""
        answer = await self._http.call(_LIST_V1, f"{V1}/callLogs", Payload(query={"limit": 100}))
        return answer.read_as(Page[NoteRecord]).data or []

    async def create(self, model: type[_M], kind: str, values: Values) -> _M:
        """A new record."""
        answer = await self._http.call(_CREATE, f"{V2}/{kind}", Payload(json=dict(values)))
        return answer.read_as(Enveloped[model]).data  # type: ignore[valid-type]

    async def update(self, model: type[_M], kind: str, id_: str | int, values: Values) -> _M:
        """A record with other values; the same again changes nothing."""
        answer = await self._http.call(_UPDATE, f"{V2}/{kind}/{id_}", Payload(json=dict(values)))
        return answer.read_as(Enveloped[model]).data  # type: ignore[valid-type]

    async def create_v1(self, kind: str, values: Values) -> str:
        """A new note or call log; returns its id."""
        answer = await self._http.call(_CREATE_V1, f"{V1}/{kind}", Payload(json=dict(values)))
        return str(answer.read_as(Enveloped[IdOnly]).data.id)

    async def participants(self, deal: str) -> set[int]:
        """The persons on a deal."""
        answer = await self._http.call(_LIST_V1, f"{V1}/deals/{deal}/persons", Payload(query={"limit": _PAGE}))
        return {int(one.id) for one in answer.read_as(Page[IdOnly]).data or []}

    async def add_participant(self, deal: str, person: int) -> None:
        """Put a person on a deal."""
        await self._http.call(_CREATE_V1, f"{V1}/deals/{deal}/participants", Payload(json={"person_id": person}))

    async def key_field(self, kind: str) -> str | None:
        """The code of our custom field of ``deal``, ``person`` or ``organization``; None where it is missing."""
        if kind not in self._keys:
            async for field in self._all(FieldRecord, f"{V2}/{kind}Fields", {}):
                if field.field_name == KEY_NAME:
                    self._keys[kind] = field.field_code
        return self._keys.get(kind)

    async def create_key_field(self, kind: str) -> None:
        """Make our custom field."""
        body: JsonValue = {"field_name": KEY_NAME, "field_type": "varchar"}
        await self._http.call(_CREATE, f"{V2}/{kind}Fields", Payload(json=body))

    async def with_key(self, kind: str, key: str) -> list[int]:
        """The ids of the records that a search by our key finds. It shows late what was written."""
        field = await self.key_field(kind)
        return [id_ for id_, _ in await self.holding(kind, field, key, match="exact")] if field else []

    async def holding(self, kind: str, field: str, term: str, *, match: str = "middle") -> list[tuple[int, str]]:
        """The ids of the records whose custom field holds a term, with what else it holds; those made first first."""
        query: dict[str, str | int] = {"term": term, "entity_type": kind, "match": match, "field": field}
        answer = await self._http.call(_SEARCH, f"{V2}/itemSearch/field", Payload(query=query))
        found = answer.read_as(Page[dict[str, JsonValue]]).data or []
        return sorted((int(str(one["id"])), str(one.get(field) or "")) for one in found if "id" in one)

    async def persons_with_email(self, email: str) -> list[int]:
        """The ids of the persons that a search by an address finds."""
        return await self._found("persons", "email", email)

    async def organizations_named(self, name: str) -> list[int]:
        """The ids of the organizations that a search by a whole name finds, in large or small letters."""
        return await self._found("organizations", "name", name)

    async def users(self) -> list[UserRecord]:
        """The company's users."""
        return (await self._http.call(_LIST_V1, f"{V1}/users")).read_as(Page[UserRecord]).data or []

    async def me(self) -> UserRecord:
        """Whose token it is."""
        return (await self._http.call(_READ_V1, f"{V1}/users/me")).read_as(Enveloped[UserRecord]).data

    async def stages(self) -> list[StageRecord]:
        """The stages of all pipelines."""
        return [one async for one in self._all(StageRecord, f"{V2}/stages", {})]

    async def webhooks(self) -> list[WebhookRecord]:
        """The subscriptions."""
        return (await self._http.call(_LIST_V1, f"{V1}/webhooks")).read_as(Page[WebhookRecord]).data or []

    async def subscribe(self, values: Values, secrets: tuple[str, ...]) -> None:
        """Have events of one kind sent."""
        await self._http.call(_SUBSCRIBE, f"{V1}/webhooks", Payload(json=dict(values), secrets=secrets))

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()

    async def _found(self, kind: str, field: str, term: str) -> list[int]:
        query: dict[str, str | int] = {"term": term, "fields": field, "exact_match": "true"}
        answer = await self._http.call(_SEARCH, f"{V2}/{kind}/search", Payload(query=query))
        return sorted(int(one.item.id) for one in answer.read_as(Enveloped[_Found]).data.items)

    async def _first_page(self, model: type[_M], kind: str, query: Mapping[str, str | int]) -> list[_M]:
        answer = await self._http.call(_LIST, f"{V2}/{kind}", Payload(query={**query, "limit": _PAGE}))
        return answer.read_as(Page[model]).data or []  # type: ignore[valid-type]

    async def _all(self, model: type[_M], path: str, query: Mapping[str, str | int]) -> AsyncIterator[_M]:
        cursor: str | None = ""
        while cursor is not None:
            at = {"cursor": cursor} if cursor else {}
            page = (await self._http.call(_LIST, path, Payload(query={**query, "limit": _PAGE, **at}))).read_as(
                Page[model]  # type: ignore[valid-type]
            )
            for one in page.data or []:
                yield one
            cursor = page.next_cursor


class _FoundItem(BaseModel):
    item: IdOnly


class _Found(BaseModel):
    items: list[_FoundItem] = []
