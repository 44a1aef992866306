"""Reading a tool for what its webhooks should have brought: they get lost, and are switched off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from store.intake import Event


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What an object was seen to hold, to be noted in the mirror once its events are in the intake."""

    object_id: str
    values: Mapping[str, JsonValue]
    at: datetime
    """Since when, as the tool says."""


@dataclass(frozen=True, kw_only=True)
class Polled:
    """One page of what has changed since a cursor."""

    events: tuple[Event, ...]
    """As a webhook would have brought them: under the same ids where the tool has ids of events, and without what the
    mirror knows already where it only shows how its objects are now."""
    cursor: str
    """Where to go on from."""
    more: bool = False
    """Whether there is another page now."""
    seen: tuple[Seen, ...] = ()
