"""Decodes change events: Avro without its schema, and bitmaps that say which fields changed.

The bitmaps are described under "Event Deserialization Considerations" in the Pub/Sub API's documentation: ``0x`` and
hexadecimal digits for the fields of the record, ``<place>-0x…`` for those of a compound field.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import fastavro
from pydantic import JsonValue

_BITMAPS = ("changedFields", "nulledFields", "diffFields")
_HEADER = "ChangeEventHeader"


class Undecodable(ValueError):
    """A payload that is not of its schema; the message quotes nothing of it."""


@dataclass(frozen=True)
class EventSchema:
    """The schema of one version of an event."""

    parsed: Mapping[str, Any]  # as fastavro has it

    @classmethod
    def of(cls, text: str) -> EventSchema:
        """Read a schema.

        Raises:
            Undecodable: it is none.
        """
        try:
            return cls(cast("Mapping[str, Any]", fastavro.parse_schema(json.loads(text))))
        except (ValueError, KeyError, TypeError, fastavro.schema.SchemaParseException) as error:
            raise Undecodable(f"the schema cannot be read ({type(error).__name__})") from None

    def decode(self, payload: bytes) -> dict[str, JsonValue]:
        """An event as JSON, with names in the place of bitmaps.

        Raises:
            Undecodable: it is not of this schema.
        """
        try:
            event = fastavro.schemaless_reader(io.BytesIO(payload), dict(self.parsed), None)
        except (ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError) as error:
            raise Undecodable(f"an event is not of its schema ({type(error).__name__})") from None
        if not isinstance(event, dict) or not isinstance(header := event.get(_HEADER), dict):
            raise Undecodable("an event has no header")
        for name in _BITMAPS:
            header[name] = self._names([str(one) for one in header.get(name) or ()])
        return cast("dict[str, JsonValue]", event)

    def _names(self, bitmaps: Sequence[str]) -> list[str]:
        fields: Sequence[Mapping[str, Any]] = self.parsed["fields"]
        names: list[str] = []
        for bitmap in bitmaps:
            place, nested, bits = bitmap.rpartition("-")
            try:
                if nested:
                    parent = fields[int(place)]
                    names += [f"{parent['name']}.{name}" for name in _set(bits, _fields_of(parent["type"]))]
                elif bits.startswith("0x"):
                    names += _set(bits, fields)
                else:
                    names.append(bits)  # recorded events have names
            except (ValueError, IndexError) as error:
                raise Undecodable(f"a bitmap of changed fields is none ({type(error).__name__})") from None
        return names


def _set(bits: str, fields: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of the fields whose bit is set; the lowest bit is the first field."""
    number = int(bits, 16)
    if number >> len(fields):
        raise ValueError("more bits than fields")
    return [str(field["name"]) for place, field in enumerate(fields) if number >> place & 1]


def _fields_of(type_: object) -> Sequence[Mapping[str, Any]]:
    """The fields of a compound field, which is a record, or a union with one."""
    branches = type_ if isinstance(type_, list) else [type_]
    return next((one["fields"] for one in branches if isinstance(one, dict) and "fields" in one), ())
