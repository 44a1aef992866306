"""HubSpot's API, as far as Dealwright uses it: CRM objects with a key of ours, associations, owners, properties.

Paths are the dated ones of https://developers.hubspot.com (2026-09). Each method raises ``NotHandedOver``, ``Refused``
or ``Unanswered`` (``integrations.kit.errors``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, Field, JsonValue

from integrations.hubspot.answers import classify
from integrations.hubspot.own_key import KEY
from integrations.hubspot.settings import HubSpotConnection
from integrations.kit.answers import Answer, Operation
from integrations.kit.credentials import FixedToken
from integrations.kit.errors import Refused
from integrations.kit.http import Payload, ToolClient
from integrations.kit.request_budget import Limit, Remaining, SharedBudget, budget_name
from store.database import Store

OBJECTS, VERSION = "/crm/objects/2026-09", "2026-09"
"""Of the 190 calls that HubSpot takes from a service key in ten seconds, for what else uses it."""
_NOT_THERE = frozenset({404})
_READ = Operation(name="read an object", empty=_NOT_THERE)
_READ_BY_KEY = Operation(name="read an object by its key", method="POST", reads=True)
_SEARCH = Operation(name="search objects", method="POST", reads=True)
_CREATE = Operation(name="create an object", method="POST")
_UPDATE = Operation(name="update an object", method="PATCH")
_UPSERT = Operation(name="write an object under its key", method="POST")
_ASSOCIATE = Operation(name="associate two objects", method="PUT")
_OWNERS = Operation(name="look up owners")
_OWNER = Operation(name="look up an owner", empty=_NOT_THERE)
_PIPELINES = Operation(name="read the pipelines")
_PROPERTY = Operation(name="look at a property", empty=_NOT_THERE)
_NEW_PROPERTY = Operation(name="create a property", method="POST", success=frozenset({200, 201, 409}))


class _Associated(BaseModel):
    id: str


class _Associations(BaseModel):
    results: list[_Associated] = []


class PropertyVersion(BaseModel):
    """A value that a property had, since when, and the user who gave it, where a user did."""

    value: str | None = None
    timestamp: AwareDatetime
    user: int | None = Field(alias="updatedByUserId", default=None)


class HubSpotObject(BaseModel):
    """A CRM object."""

    id: str
    properties: dict[str, str | None]
    updated_at: AwareDatetime = Field(alias="updatedAt")
    """By HubSpot's clock."""
    associations: dict[str, _Associations] = {}
    history: dict[str, list[PropertyVersion]] = Field(alias="propertiesWithHistory", default={})
    """Of the properties that were asked for with theirs, the newest value first."""

    def associated(self, kind: str) -> list[str]:
        """The ids of the objects of a kind that it is associated with, each once."""
        found = self.associations.get(kind, _Associations()).results
        return list(dict.fromkeys(one.id for one in found))


def changed_at(there: HubSpotObject) -> datetime:
    """When an object was changed last, by HubSpot's clock."""
    return there.updated_at


class _Batch(BaseModel):
    results: list[HubSpotObject]


class Owner(BaseModel):
    """A HubSpot user who may own objects."""

    id: str
    email: str | None = None
    first_name: str | None = Field(default=None, alias="firstName")
    last_name: str | None = Field(default=None, alias="lastName")

    @property
    def name(self) -> str:
        """As people write it."""
        return " ".join(part for part in (self.first_name, self.last_name) if part) or self.email or self.id


class _Owners(BaseModel):
    results: list[Owner]


class Stage(BaseModel):
    """A stage of a pipeline."""

    id: str
    label: str


class Pipeline(BaseModel):
    """A pipeline of deals."""

    id: str
    label: str
    stages: list[Stage]


class _Pipelines(BaseModel):
    results: list[Pipeline]


class HubSpotClient:
    """One HubSpot account. Close it at the end."""

    def __init__(self, connection: HubSpotConnection, store: Store) -> None:
        limit = Limit(most=connection.calls_in_ten_seconds, per=timedelta(seconds=10))
        budget = SharedBudget(store, budget_name("hubspot", connection.token.get_secret_value()), limit, _remaining)
        self._http = ToolClient("HubSpot", connection.base_url, FixedToken(connection.token), budget, classify)

    async def read(
        self,
        kind: str,
        id_: str,
        *,
        properties: Iterable[str] = (),
        with_: Iterable[str] = (),
        history: Iterable[str] = (),
    ) -> HubSpotObject | None:
        """An object by its id; None when it is not there. ``with_`` names kinds of associated objects.

        Of the properties under ``history`` it has their earlier values as well.
        """
        query: dict[str, str | int] = {"properties": ",".join(properties)}
        query |= {"propertiesWithHistory": ",".join(history)} if history else {}
        query |= {"associations": ",".join(with_)} if with_ else {}
        answer = await self._http.call(_READ, f"{OBJECTS}/{kind}/{id_}", Payload(query=query))
        return None if answer.empty else answer.read_as(HubSpotObject)

    async def find(self, kind: str, key: str, *, by: str = KEY, properties: Iterable[str] = ()) -> HubSpotObject | None:
        """An object by a unique property, of any text: a path would not carry the slashes of our keys."""
        body: JsonValue = {"idProperty": by, "inputs": [{"id": key}], "properties": [by, *properties]}
        answer = await self._http.call(_READ_BY_KEY, f"{OBJECTS}/{kind}/batch/read", Payload(json=body))
        return next(iter(answer.read_as(_Batch).results), None)

    async def search(self, kind: str, name: str, value: str, properties: Iterable[str]) -> list[HubSpotObject]:
        """The oldest objects with this value of a property. What was written in the last seconds may be missing."""
        filter_: JsonValue = {"propertyName": name, "operator": "EQ", "value": value}
        body: JsonValue = {
            "filterGroups": [{"filters": [filter_]}], "properties": [*properties], "limit": 10,
            "sorts": [{"propertyName": "createdate", "direction": "ASCENDING"}],
        }  # fmt: skip
        answer = await self._http.call(_SEARCH, f"{OBJECTS}/{kind}/search", Payload(json=body))
        return answer.read_as(_Batch).results

    async def create(self, kind: str, key: str, properties: Mapping[str, str]) -> HubSpotObject:
        """The object with our key: the one that is there, else a new one with these properties.

        Made again it changes nothing, since HubSpot keeps our key unique.
        """
        if (there := await self.find(kind, key)) is not None:
            return there
        body: JsonValue = {"properties": {KEY: key, **properties}}
        try:
            answer = await self._http.call(_CREATE, f"{OBJECTS}/{kind}", Payload(json=body))
        except Refused:
            if (there := await self.find(kind, key)) is not None:  # another worker made it meanwhile
                return there
            raise
        return answer.read_as(HubSpotObject)

    async def upsert(self, kind: str, key: str, properties: Mapping[str, str], *, by: str = KEY) -> HubSpotObject:
        """Write an object that a unique property names: the one that is there, or a new one."""
        one: JsonValue = {"id": key, "idProperty": by, "properties": {by: key, **properties}}
        answer = await self._http.call(_UPSERT, f"{OBJECTS}/{kind}/batch/upsert", Payload(json={"inputs": [one]}))
        return _only(answer)

    async def update(self, kind: str, id_: str, properties: Mapping[str, str]) -> HubSpotObject:
        """Change properties of an object; an empty text empties one."""
        body: JsonValue = {"properties": dict(properties)}
        answer = await self._http.call(_UPDATE, f"{OBJECTS}/{kind}/{id_}", Payload(json=body))
        return answer.read_as(HubSpotObject)

    async def associate(self, kind: str, id_: str, to: str, to_id: str) -> None:
        """Associate two objects; those that are already stay so."""
        await self._http.call(_ASSOCIATE, f"{OBJECTS}/{kind}/{id_}/associations/default/{to}/{to_id}")

    async def owner_of(self, email: str) -> Owner | None:
        """The user with an address."""
        answer = await self._http.call(_OWNERS, f"/crm/owners/{VERSION}", Payload(query={"email": email, "limit": 1}))
        return next(iter(answer.read_as(_Owners).results), None)

    async def owner(self, id_: str) -> Owner | None:
        """The user with an id."""
        answer = await self._http.call(_OWNER, f"/crm/owners/{VERSION}/{id_}")
        return None if answer.empty else answer.read_as(Owner)

    async def user(self, id_: str) -> Owner | None:
        """The user with an id of users, which is another one than theirs as an owner."""
        answer = await self._http.call(_OWNER, f"/crm/owners/{VERSION}/{id_}", Payload(query={"idProperty": "userId"}))
        return None if answer.empty else answer.read_as(Owner)

    async def pipelines(self) -> list[Pipeline]:
        """The pipelines of deals."""
        return (await self._http.call(_PIPELINES, f"/crm/pipelines/{VERSION}/deals")).read_as(_Pipelines).results

    async def has_unique_property(self, kind: str, name: str) -> bool:
        """Whether a property is there and names one object.

        Raises:
            Refused: it is there, and need not be unique: another one has to take its place.
        """
        answer = await self._http.call(_PROPERTY, f"/crm/properties/{VERSION}/{kind}/{name}")
        if answer.empty:
            return False
        read = answer.json()
        if isinstance(read, dict) and read.get("hasUniqueValue") is True:
            return True
        raise Refused(
            f"HubSpot's property {name} of {kind} is there and not unique, which cannot be changed: delete it"
        )

    async def has_property(self, kind: str, name: str) -> bool:
        """Whether a property is there."""
        return not (await self._http.call(_PROPERTY, f"/crm/properties/{VERSION}/{kind}/{name}")).empty

    async def create_unique_property(self, kind: str, name: str, label: str, group: str) -> None:
        """Make a property that names one object."""
        body: JsonValue = {
            "name": name, "label": label, "type": "string", "fieldType": "text", "groupName": group,
            "hasUniqueValue": True, "description": "Written by Dealwright; it knows its objects by it.",
        }  # fmt: skip
        await self._http.call(_NEW_PROPERTY, f"/crm/properties/{VERSION}/{kind}", Payload(json=body))

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()


def _only(answer: Answer) -> HubSpotObject:
    results = answer.read_as(_Batch).results
    if len(results) != 1:
        raise Refused(f"HubSpot answered a batch of one with {len(results)} objects")
    return results[0]


def _remaining(headers: Mapping[str, str]) -> Remaining | None:
    left = headers.get("x-hubspot-ratelimit-remaining", "")
    interval = headers.get("x-hubspot-ratelimit-interval-milliseconds", "")
    if not left.isdecimal() or not interval.isdecimal():
        return None
    return Remaining(int(left), timedelta(milliseconds=int(interval)))
