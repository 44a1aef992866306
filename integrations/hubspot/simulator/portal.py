"""What a HubSpot account holds. All values of properties are strings, as in HubSpot."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, Field, JsonValue

from integrations.hubspot.simulator.errors import HubSpotError, not_found

OBJECT_TYPES = {
    "contacts": "0-1", "companies": "0-2", "deals": "0-3", "tasks": "0-27", "notes": "0-46", "meetings": "0-47",
    "calls": "0-48", "emails": "0-49",
}  # fmt: skip
"""Kinds of objects with HubSpot's ``objectTypeId``; paths take either."""


def singular(kind: str) -> str:
    """The name of one object of a kind."""
    return "company" if kind == "companies" else kind.removesuffix("s")


_PLURALS = {singular(kind): kind for kind in OBJECT_TYPES}
_BY_TYPE_ID = {id_: kind for kind, id_ in OBJECT_TYPES.items()}


class Version(BaseModel):
    """A value that a property was given."""

    name: str
    value: str
    at: AwareDatetime
    source: str
    source_id: str


class CrmObject(BaseModel):
    """One object."""

    id: str
    properties: dict[str, str]
    """Only those that have a value."""
    created_at: AwareDatetime
    updated_at: AwareDatetime
    history: list[Version] = []
    archived: bool = False
    merged_into: str | None = None


class Property(BaseModel):
    """A property of a kind of objects."""

    name: str
    type: str = "string"
    """``string``, ``number``, ``datetime``, ``date``, ``bool`` or ``enumeration``."""
    options: list[str] = []
    """What an enumeration takes; empty where something else says so (stages, owners)."""
    unique: bool = False
    read_only: bool = False
    label: str = ""
    group: str = ""


class Stage(BaseModel):
    """A stage of a pipeline."""

    id: str
    label: str
    probability: str
    """``0.0`` is lost, ``1.0`` is won."""


class Pipeline(BaseModel):
    """A pipeline of deals."""

    id: str
    label: str
    stages: list[Stage]


class Owner(BaseModel):
    """A user who may own objects."""

    id: str
    email: str
    first_name: str
    last_name: str
    user_id: int
    archived: bool = False


class JournalEntry(BaseModel):
    """One file of the webhooks journal."""

    offset: str
    published_at: AwareDatetime
    events: list[JsonValue]


class Portal(BaseModel):
    """A HubSpot account."""

    portal_id: int
    next_id: int = 51_000_000_001
    next_event: int = 1_000_001
    objects: dict[str, dict[str, CrmObject]] = Field(
        default_factory=lambda: {kind: dict[str, CrmObject]() for kind in OBJECT_TYPES}
    )
    properties: dict[str, dict[str, Property]] = {}
    associations: list[tuple[str, str, str, str]] = []
    """Kind and id, kind and id; each is there in both directions."""
    pipelines: list[Pipeline] = []
    owners: list[Owner] = []
    journal: list[JournalEntry] = []
    journal_subscriptions: list[dict[str, JsonValue]] = []

    def take_id(self) -> str:
        """A new id; no two objects of any kind have the same."""
        self.next_id += 1
        return str(self.next_id)

    def kind(self, written: str) -> str:
        """The kind of objects that a path names.

        Raises:
            HubSpotError: there is no such kind.
        """
        found = _BY_TYPE_ID.get(written) or _PLURALS.get(written) or written
        if found not in OBJECT_TYPES:
            raise HubSpotError(400, "VALIDATION_ERROR", f"Unable to infer object type from: {written}")
        return found

    def find(self, kind: str, id_: str, id_property: str | None = None, *, archived: bool = False) -> CrmObject:
        """The object of this id, or the one that has this value of a unique property.

        Raises:
            HubSpotError: there is none, or the property is not unique.
        """
        if id_property and id_property != "hs_object_id":
            self.require_unique(kind, id_property)
            found = self.with_value(kind, id_property, id_)
        else:
            found = self.objects[kind].get(id_)
        if found is None or found.archived is not archived:
            raise not_found(kind, id_)
        return found

    def with_value(self, kind: str, name: str, value: str) -> CrmObject | None:
        """The living object that has this value of a property."""
        same = (one for one in self.objects[kind].values() if not one.archived)
        return next((one for one in same if one.properties.get(name, "").lower() == value.lower()), None)

    def require_unique(self, kind: str, name: str) -> None:
        """Refuse a property that does not name one object.

        Raises:
            HubSpotError: its values need not be unique, or it does not exist.
        """
        known = self.properties[kind].get(name)
        if known is None or not known.unique:
            message = f"Property '{name}' does not exist or is not a unique identifier property"
            raise HubSpotError(400, "VALIDATION_ERROR", message)

    def associate(self, first: tuple[str, str], second: tuple[str, str]) -> bool:
        """Associate two objects; returns whether they were not yet."""
        pair = (*first, *second)
        if pair in self.associations:
            return False
        self.associations += [pair, (*second, *first)]
        return True

    def associated(self, kind: str, id_: str, to_kind: str) -> list[str]:
        """The ids of the objects of a kind that an object is associated with."""
        return [to_id for k, i, to, to_id in self.associations if (k, i, to) == (kind, id_, to_kind)]

    def stage_ids(self, pipeline: str | None = None) -> list[str]:
        """The ids of a pipeline's stages, or of all."""
        return [stage.id for one in self.pipelines if pipeline in {None, one.id} for stage in one.stages]


def iso(moment: datetime) -> str:
    """A time as HubSpot writes it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
