"""Records of Salesforce as they come: as fields of an outbound message, or as rows of a query. Both read alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from pydantic import JsonValue

from integrations.salesforce.settings import SalesforceConnection

Texts = dict[str, str | None]

_Fields = Mapping[str, tuple[str, Callable[[JsonValue], "str | None"]]]
FORECAST = "forecast"
"""The property that says how sure an opportunity is."""
OWN = "own:"
"""Before the name of a field of opportunities that holds one that the playbook declares, among the properties."""
_ALWAYS = ("Id", "SystemModstamp", "LastModifiedById", "IsDeleted")
_TRUE = frozenset({"true", "True"})


class UnreadableRecord(ValueError):
    """A record that lacks what says which it is and when it changed; the message says what."""


@dataclass(frozen=True, kw_only=True)
class ObservedRecord:
    """One record as it was at one moment."""

    kind: str
    """``opportunity``, ``task`` or ``role`` (of a contact in an opportunity)."""
    id: str
    at: datetime
    """When it last changed, by Salesforce's clock: whole seconds."""
    by: str | None
    """The user who changed it last."""
    opportunity: str | None
    deal_key: str | None
    """Our id for the deal, where the record has it."""
    deleted: bool
    properties: Texts
    """What is followed of it, as texts. One that was not told is not there."""
    around: Texts
    """What is told along with it, and not followed."""

    @property
    def object_id(self) -> str:
        """Its name in links and in what is mirrored."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, kw_only=True)
class FollowedObject:
    """An object whose records are followed: what is asked for, and how a record is read."""

    sobject: str
    kind: str
    fields: tuple[str, ...]
    """What a query selects."""
    opportunity: str
    """The field with the opportunity's id."""
    deal_key: str | None
    properties: _Fields
    """The properties that are followed: for each its field, and how its value is written."""
    around: _Fields = field(default_factory=dict)
    also_changed: str | None = None
    """The field with the time of change of another record that it shows."""

    def read(self, row: Mapping[str, JsonValue]) -> ObservedRecord:
        """Read a record.

        Raises:
            UnreadableRecord: it does not say which it is, or when it changed.
        """
        id_, changed = row.get("Id"), row.get("SystemModstamp")
        if not isinstance(id_, str) or not id_ or not isinstance(changed, str):
            raise UnreadableRecord(f"a record of {self.sobject} comes without Id or SystemModstamp: select both")
        also = _at(row, self.also_changed) if self.also_changed else None
        times = [_moment(changed), *([_moment(also[0])] if also and isinstance(also[0], str) else [])]
        return ObservedRecord(
            kind=self.kind,
            id=id_,
            at=max(times),
            by=_text(row.get("LastModifiedById")),
            opportunity=_text(row.get(self.opportunity)),
            deal_key=_text(row.get(self.deal_key)) if self.deal_key else None,
            deleted=_flag(row.get("IsDeleted")) == "true",
            properties=_told(row, self.properties),
            around=_told(row, self.around),
        )


def followed(connection: SalesforceConnection) -> dict[str, FollowedObject]:
    """The objects that are followed, by their name in Salesforce."""
    by_name = [_opportunities(connection), _tasks(connection), _roles()]
    return {one.sobject: one for one in by_name}


def _opportunities(connection: SalesforceConnection) -> FollowedObject:
    currency = ("CurrencyIsoCode",) if connection.multi_currency else ()
    forecast, own = connection.forecast_field, {one.field: one.type for one in connection.fields.values()}
    return FollowedObject(
        sobject="Opportunity",
        kind="opportunity",
        fields=(
            *_ALWAYS, "Name", "StageName", "Amount", "CloseDate", "OwnerId", "IsClosed", "IsWon", "RecordTypeId",
            "CreatedById", "AccountId", connection.deal_field, *currency, *((forecast,) if forecast else ()), *own,
        ),
        opportunity="Id",
        deal_key=connection.deal_field,
        properties={
            "title": ("Name", _text), "stage": ("StageName", _text), "amount": ("Amount", _number),
            "close_on": ("CloseDate", _day), "owner": ("OwnerId", _text),
            "account": ("AccountId", _text), **({FORECAST: (forecast, _text)} if forecast else {}),
            **{f"{OWN}{name}": (name, _WRITTEN.get(type_, _any)) for name, type_ in own.items()},
        },
        around={
            "made_by": ("CreatedById", _text), "closed": ("IsClosed", _flag), "won": ("IsWon", _flag),
            "currency": ("CurrencyIsoCode", _text), "record_type": ("RecordTypeId", _text),
        },
    )  # fmt: skip


def _tasks(connection: SalesforceConnection) -> FollowedObject:
    outcome = connection.outcome_field
    return FollowedObject(
        sobject="Task",
        kind="task",
        fields=(
            *_ALWAYS, "IsClosed", "Status", "WhatId", connection.effect_field, *((outcome,) if outcome else ()),
        ),
        opportunity="WhatId",
        deal_key=None,
        properties={"closed": ("IsClosed", _flag)},
        around={
            "effect": (connection.effect_field, _text), "status": ("Status", _text),
            **({"outcome": (outcome, _text)} if outcome else {}),
        },
    )  # fmt: skip


def _roles() -> FollowedObject:
    return FollowedObject(
        sobject="OpportunityContactRole",
        kind="role",
        fields=(
            *_ALWAYS, "OpportunityId", "ContactId", "Role", "IsPrimary", "Contact.Name", "Contact.Email",
            "Contact.Phone", "Contact.SystemModstamp",
        ),
        opportunity="OpportunityId",
        deal_key=None,
        properties={
            "contact": ("ContactId", _text), "role": ("Role", _text), "name": ("Contact.Name", _text),
            "email": ("Contact.Email", _text), "phone": ("Contact.Phone", _text),
        },
        also_changed="Contact.SystemModstamp",
    )  # fmt: skip


def _told(row: Mapping[str, JsonValue], fields: _Fields) -> Texts:
    return {name: write(found[0]) for name, (field, write) in fields.items() if (found := _at(row, field)) is not None}


def _at(row: Mapping[str, JsonValue], field: str) -> tuple[JsonValue] | None:
    """What stands in a field, in a tuple; None if it was not told. ``Contact.Email`` stands in another record."""
    parent, dot, name = field.partition(".")
    if not dot:
        return (row[field],) if field in row else None
    there = row.get(parent)
    return (there.get(name),) if isinstance(there, dict) else None


def _text(value: JsonValue) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _flag(value: JsonValue) -> str | None:
    if value is None:
        return None
    return "true" if value is True or value in _TRUE else "false"


def _number(value: JsonValue) -> str | None:
    """An amount, written alike whether it came as ``1200``, ``1200.0`` or ``"1200.00"``."""
    if value is None or value == "" or isinstance(value, bool | dict | list):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return format(number.normalize(), "f") if number.is_finite() else None


def _any(value: JsonValue) -> str | None:
    """A value of a field of any type, written alike whether it came as JSON or as the text of a message."""
    if isinstance(value, bool):
        return _flag(value)
    return _number(value) if isinstance(value, int | float) else _text(value)


def _any_number(value: JsonValue) -> str | None:
    return _number(value) or _any(value)


def _any_day(value: JsonValue) -> str | None:
    return _day(value) or _any(value)


def _day(value: JsonValue) -> str | None:
    try:
        return date.fromisoformat(value[:10]).isoformat() if isinstance(value, str) else None
    except ValueError:
        return None


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise UnreadableRecord("SystemModstamp is no time") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)


_WRITTEN = {"number": _any_number, "money": _any_number, "date": _any_day}
"""How values of fields of our own are written, by their type: what cannot be of that type, as it is."""
