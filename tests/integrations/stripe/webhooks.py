"""Events of one Stripe account, as Stripe sends them: the recorded ones, and others made from them."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from integrations.kit.mapping.events import events_from
from integrations.kit.mapping.source_mapping import Source
from integrations.registry import shipped_mappings
from integrations.stripe.changes import changes_of
from integrations.stripe.settings import StripeConnection
from store.intake import Event

SAMPLES = Path(__file__).parent / "samples"
RECEIVED = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
_MAPPING = shipped_mappings()["stripe"]
JsonObject = dict[str, Any]


def source(**settings: str) -> Source:
    connection = StripeConnection.model_validate({"key": SecretStr("rk"), "settings": settings})
    return _MAPPING.with_settings(connection.settings, connection.tables)


def recorded(name: str) -> JsonObject:
    read: JsonObject = json.loads((SAMPLES / f"{name}.json").read_text())
    return read


def read_all(event: JsonObject, of: Source | None = None) -> list[Event]:
    """What an event says, in order."""
    return events_from(of or source(), [*changes_of(event)], RECEIVED)


def read(event: JsonObject, of: Source | None = None) -> Event:
    """The one thing that an event says."""
    (said,) = read_all(event, of)
    return said


def told(event: Event) -> JsonObject:
    """The fields of the fact."""
    return {name: value for name, value in event.payload.items() if name not in {"id", "at", "source"}}


def updated(before: JsonObject, **now: Any) -> JsonObject:
    """An update of the recorded subscription: what it was before, and what it is now."""
    event = recorded("customer.subscription.created")
    event["data"]["object"] |= now
    event["data"]["previous_attributes"] = before
    return event | {"id": "evt_updated", "type": "customer.subscription.updated"}


def items(unit_amount: int | None = 2000, quantity: int = 1, interval: str = "month") -> JsonObject:
    """The items of the recorded subscription, at another price."""
    there: JsonObject = deepcopy(recorded("customer.subscription.created")["data"]["object"]["items"])
    (item,) = there["data"]
    item["quantity"] = quantity
    item["price"] |= {"unit_amount": unit_amount, "recurring": {"interval": interval, "interval_count": 1}}
    return there
