"""What a simulated Clari organization holds, and how Clari shows it."""

from __future__ import annotations

from pydantic import BaseModel, JsonValue

JsonObject = dict[str, JsonValue]


class Step(BaseModel):
    """That a field got another value."""

    old: JsonValue
    new: JsonValue
    date: int
    """Milliseconds, of the beginning of a day."""


class Field(BaseModel):
    """A field of an opportunity."""

    value: JsonValue = None
    history: list[Step] = []

    def shown(self, id_: str) -> JsonObject:
        """As Clari shows it."""
        trend: list[JsonValue] = [{"oldValue": one.old, "newValue": one.new, "date": one.date} for one in self.history]
        return {"id": id_, "alias": id_, "value": self.value, "originalValue": self.value, "trendHistory": trend}


class Opportunity(BaseModel):
    """An opportunity, under the CRM's id of it."""

    id: str
    fields: dict[str, Field] = {}

    def shown(self) -> JsonObject:
        """As Clari shows it."""
        return {
            "id": self.id, "crmScore": {"message": "On track", "score": 70},
            "fields": [field.shown(id_) for id_, field in self.fields.items()],
        }  # fmt: skip


class Organization(BaseModel):
    """An organization."""

    opportunities: dict[str, Opportunity] = {}
