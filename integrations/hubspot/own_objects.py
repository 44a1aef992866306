"""What we write in HubSpot: known as ours before it is written, also of objects that have no id yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from pydantic import JsonValue

from dealwright.values.addresses import normal
from integrations.hubspot.changes import day_of
from integrations.hubspot.settings import SOURCE
from integrations.kit.own_writes import OwnWrites
from store.database import Store

_OPEN_FOR = timedelta(minutes=5)
"""HubSpot tells when each property was changed: a write without an answer is at most so much later than it began."""


def own_writes_to(store: Store) -> OwnWrites:
    """What is written into HubSpot."""
    return OwnWrites(store, SOURCE, _OPEN_FOR)


def object_named(kind: str, key: str) -> str:
    """What an object (``deal``, ``contact``, ``company``) is called by its key: it may have no id yet."""
    return f"{kind}@{normal(key) if kind == 'contact' else key}"


def as_told(properties: Mapping[str, str]) -> dict[str, JsonValue]:
    """Properties as changes are compared: HubSpot tells some in another form than they are written in."""
    return {name: comparable(name, value) for name, value in properties.items()}


def comparable(name: str, value: JsonValue) -> str:
    """A value of a property, the same however it is written."""
    text = "" if value is None else str(value)
    return (day_of(text) or text) if name == "closedate" else text
