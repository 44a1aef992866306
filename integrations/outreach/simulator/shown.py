"""How Outreach writes records (JSON:API) and times."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import JsonValue

JsonObject = dict[str, JsonValue]


def resource(kind: str, id_: int, attributes: JsonObject, related: Mapping[str, tuple[str, int | None]]) -> JsonObject:
    """A resource object."""
    relationships: JsonObject = {
        name: {"data": None if to is None else {"type": what, "id": to}} for name, (what, to) in related.items()
    }
    return {"type": kind, "id": id_, "attributes": attributes, "relationships": relationships}


def moment(at: datetime | None) -> str | None:
    """A time as Outreach writes it."""
    return None if at is None else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
