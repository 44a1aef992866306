"""The simulated org: its records, who changed them and when, and what follows from a change by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from integrations.salesforce.simulator.ids import full_id, record_id
from integrations.salesforce.simulator.schema import (
    CLOSED_STATUSES,
    FORECAST_OF_STAGE,
    OBJECTS,
    ApiError,
    SObject,
    not_found,
)
from integrations.salesforce.simulator.validation import Values, checked

ORGANIZATION_ID = record_id("00D", 1)
_FROM_UI = "com/salesforce/api/soap/68.0;client=SfdcInternalAPI/"
"""The origin that changes by people in the user interface carry (seen in recorded events)."""


class Author(BaseModel):
    """Who changes something, and through what."""

    model_config = ConfigDict(frozen=True)

    user: str
    origin: str = _FROM_UI

    @classmethod
    def by_rest(cls, user: str, client: str) -> Author:
        """A caller of the REST API, with the ``client`` of its ``Sforce-Call-Options``."""
        return cls(user=user, origin=f"com/salesforce/api/rest/68.0;client={client}")


class Change(BaseModel):
    """One change of one record."""

    model_config = ConfigDict(frozen=True)

    number: int
    sobject: str
    record: str
    kind: Literal["CREATE", "UPDATE", "DELETE", "UNDELETE"]
    changed: tuple[str, ...]
    author: Author
    at: AwareDatetime


def _empty() -> dict[str, dict[str, Values]]:
    return {name: {} for name in OBJECTS}


class OrgState(BaseModel):
    """All that an org holds: records by object and id, how many there were ever, and what changed."""

    tables: dict[str, dict[str, Values]] = Field(default_factory=_empty)
    made: int = 0
    changes: list[Change] = []


Check = Callable[[SObject, Values, "str | None"], None]
"""What a company adds: a validation or duplicate rule. It is given the record as it would be, and its id."""


class Org:
    """An org. Times have whole seconds, as Salesforce's have."""

    def __init__(self, state: OrgState, clock: Callable[[], datetime]) -> None:
        self.state, self.clock = state, clock
        self.listeners: list[Callable[[Change], None]] = []
        self.checks: list[Check] = []
        self._within, self._told = 0, len(state.changes)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is changed in the block, or nothing if it raises; who listens hears of it at the end."""
        before = self.state.model_copy(deep=True)
        self._within += 1
        try:
            yield
        except BaseException:
            self.state.tables, self.state.made, self.state.changes = before.tables, before.made, before.changes
            raise
        finally:
            self._within -= 1
        self._publish()

    def _publish(self) -> None:
        if not self._within:
            changes, self._told = self.state.changes[self._told :], len(self.state.changes)
            for change in changes:
                for listener in self.listeners:
                    listener(change)

    def live(self, name: str) -> Iterator[Values]:
        """An object's records that are not in the recycle bin."""
        return (record for record in self.state.tables[name].values() if not record["IsDeleted"])

    def get(self, name: str, id_: str) -> Values:
        """A record.

        Raises:
            ApiError: there is none, or it is in the recycle bin.
        """
        record = self.state.tables[sobject_named(name).name].get(full_id(id_) or "")
        if record is None:
            raise not_found()
        if record["IsDeleted"]:
            raise ApiError(404, "ENTITY_IS_DELETED", "entity is deleted")
        return record

    def with_key(self, name: str, key_field: str, key: str) -> list[Values]:
        """The records whose external id has this value.

        Raises:
            ApiError: the field is no external id.
        """
        known = sobject_named(name).fields.get(key_field)
        if known is None or not known.external_id:
            raise ApiError(
                404, "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {key_field}"
            )
        return [record for record in self.live(name) if record.get(key_field) == key]

    def create(self, name: str, given: Values, author: Author) -> str:
        """Make a record; returns its id.

        Raises:
            ApiError: it is refused.
        """
        sobject = sobject_named(name)
        defaults: Values = {key: known.default for key, known in sobject.fields.items()}
        record = {**defaults, **_with_forecast(name, {}, checked(sobject, given, creating=True))}
        if "OwnerId" in sobject.fields and record.get("OwnerId") is None:
            record["OwnerId"] = author.user
        self._check(sobject, record, None)
        self.state.made += 1
        id_ = record_id(sobject.prefix, self.state.made)
        made: Values = {"Id": id_, "CreatedById": author.user, "CreatedDate": stamp(self.clock())}
        self.state.tables[name][id_] = {**record, **made}
        self._changed(name, id_, "CREATE", tuple(given), author)
        return id_

    def update(self, name: str, id_: str, given: Values, author: Author) -> None:
        """Change a record's fields.

        Raises:
            ApiError: it is refused, or there is no such record.
        """
        sobject, record = sobject_named(name), self.get(name, id_)
        values = _with_forecast(name, record, checked(sobject, given, creating=False))
        self._check(sobject, {**record, **values}, str(record["Id"]))
        changed = tuple(key for key, value in values.items() if record.get(key) != value)
        record.update(values)
        self._changed(name, str(record["Id"]), "UPDATE", changed, author)

    def delete(self, name: str, id_: str, author: Author) -> None:
        """Put a record into the recycle bin.

        Raises:
            ApiError: there is no such record.
        """
        record = self.get(name, id_)
        record["IsDeleted"] = True
        self._changed(name, str(record["Id"]), "DELETE", (), author)

    def restore(self, name: str, id_: str, author: Author) -> None:
        """Take a record out of the recycle bin.

        Raises:
            ApiError: it is not in there.
        """
        record = self.state.tables[sobject_named(name).name].get(full_id(id_) or "")
        if record is None or not record["IsDeleted"]:
            raise not_found()
        record["IsDeleted"] = False
        self._changed(name, str(record["Id"]), "UNDELETE", (), author)

    def _check(self, sobject: SObject, record: Values, id_: str | None) -> None:
        for name, known in sobject.fields.items():
            value = record.get(name)
            if value is None:
                continue
            if known.unique:
                self._require_unique(sobject.name, name, value, id_)
            if known.to:
                self._require_target(name, str(value))
        for check in self.checks:
            check(sobject, record, id_)

    def _require_unique(self, sobject: str, name: str, value: JsonValue, id_: str | None) -> None:
        for other in self.live(sobject):
            if other.get(name) == value and other["Id"] != id_:
                message = f"duplicate value found: {name} duplicates value on record with id: {str(other['Id'])[:15]}"
                raise ApiError(400, "DUPLICATE_VALUE", message)

    def _require_target(self, name: str, target: str) -> None:
        found = next((table[target] for table in self.state.tables.values() if target in table), None)
        if found is None or found["IsDeleted"]:
            raise ApiError(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [name])
        if name == "OwnerId" and not found["IsActive"]:
            message = f"operation performed with inactive user [{target[:15]}] as owner of record"
            raise ApiError(400, "INACTIVE_OWNER_OR_USER", message, [name])

    def _changed(
        self,
        name: str,
        id_: str,
        kind: Literal["CREATE", "UPDATE", "DELETE", "UNDELETE"],
        changed: tuple[str, ...],
        author: Author,
    ) -> None:
        record, now = self.state.tables[name][id_], self.clock()
        record.update(SystemModstamp=stamp(now), LastModifiedDate=stamp(now), LastModifiedById=author.user)
        _derive(name, record)
        number = len(self.state.changes) + 1
        self.state.changes.append(
            Change(number=number, sobject=name, record=id_, kind=kind, changed=changed, author=author, at=now)
        )
        self._publish()


def _with_forecast(name: str, before: Values, values: Values) -> Values:
    """With the forecast category that comes with another stage, unless it is given as well."""
    stage = values.get("StageName")
    if name != "Opportunity" or stage in {None, before.get("StageName")} or values.get("ForecastCategoryName"):
        return values
    return {**values, "ForecastCategoryName": FORECAST_OF_STAGE.get(str(stage), "Pipeline")}


def _derive(name: str, record: Values) -> None:
    if name == "Contact":
        record["Name"] = " ".join(str(part) for part in (record.get("FirstName"), record.get("LastName")) if part)
    if name == "Opportunity":
        record["IsWon"] = record["StageName"] == "Closed Won"
        record["IsClosed"] = str(record["StageName"]).startswith("Closed")
    if name == "Task":
        closed = record["Status"] in CLOSED_STATUSES
        if closed and not record["IsClosed"]:
            record["CompletedDateTime"] = record["SystemModstamp"]
        record["IsClosed"] = closed


def sobject_named(name: str) -> SObject:
    """An object of the org.

    Raises:
        ApiError: there is none of that name.
    """
    if (found := OBJECTS.get(name)) is None:
        raise not_found()
    return found


def stamp(at: datetime) -> str:
    """A time as Salesforce writes it: whole seconds, and ``+0000``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
