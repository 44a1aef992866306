"""An event of the feed as a CloudEvent 1.0 (https://github.com/cloudevents/spec), its attributes and its data."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.diagnostics.text import quoted
from dealwright.entries import ENTRY_KINDS
from store.database import Store
from store.event_feed import SET_ASIDE, FeedEvent
from store.installation import InstallationRecord

PREFIX = "dealwright.deal."
KINDS = frozenset({*ENTRY_KINDS, SET_ASIDE} - {"deal_refused"})
"""What events there are: one for each kind of entry that deals have in their journal."""
_ELSEWHERE = {"at", "number", "kind"}
_INTERNAL = {"effect_settled": {"again"}}
"""Fields of entries by their kind that only the deal itself can use."""


class EventData(BaseModel):
    """One line of a deal's story."""

    model_config = ConfigDict(frozen=True)

    number: int = Field(description="The line's place in the deal's story, from 1.", examples=[7])
    kind: str = Field(description="The kind of entry (docs/journal.md).", examples=["stage_entered"])
    sentence: str = Field(description="The line in words.", examples=["Stage demo (a meeting was booked)"])
    entry: dict[str, JsonValue] = Field(description="The entry's own fields. Later releases add some.")
    sets_aside: str | None = Field(
        default=None, description="The id of the event whose line no longer holds: the deal was reset to before it."
    )


class CloudEvent(BaseModel):
    """What happened in a deal, as a CloudEvent 1.0. Tell one from another by `source` and `id`."""

    model_config = ConfigDict(frozen=True)

    specversion: Literal["1.0"] = "1.0"
    id: str = Field(
        description="The same whenever the event is told again.", examples=["evt_5d41402abc4b2a76b9719d911017c592"]
    )
    source: str = Field(description="This installation.", examples=["urn:dealwright:installation:4f1c…"])
    type: str = Field(examples=["dealwright.deal.stage_entered"])
    subject: str = Field(description="The deal's id.", examples=["acme-2026"])
    time: AwareDatetime = Field(description="When the deal wrote the line, in its own time.")
    datacontenttype: Literal["application/json"] = "application/json"
    sequence: str = Field(
        description="The event's place in the feed, as a text that sorts (CloudEvents' sequence extension).",
        examples=["00000000000000000042"],
    )
    data: EventData


async def source_of(store: Store) -> str:
    """What this installation's events name as their source.

    Raises:
        StoreAway: the database does not answer.
    """
    installation = await InstallationRecord(store).read()
    return f"urn:dealwright:installation:{installation.id if installation else 'new'}"


def event_id(event: FeedEvent) -> str:
    """What tells this event from all others of its installation: a text without a dot, as webhooks need."""
    return _id_of(event, "set aside" if event.set_aside else "")


def cloud_event(event: FeedEvent, source: str) -> CloudEvent:
    """The event as other services get it, always the same."""
    hidden = _ELSEWHERE | _INTERNAL.get(event.kind, set())
    return CloudEvent(
        id=event_id(event),
        source=source,
        type=PREFIX + (SET_ASIDE if event.set_aside else event.kind),
        subject=event.deal_id,
        time=event.at,
        sequence=f"{event.position:020d}",
        data=EventData(
            number=event.number,
            kind=event.kind,
            sentence=f"No longer holds: {event.sentence}" if event.set_aside else event.sentence,
            entry={name: value for name, value in event.entry.items() if name not in hidden},
            sets_aside=_id_of(event) if event.set_aside else None,
        ),
    )


def _id_of(event: FeedEvent, what: str = "") -> str:
    line = "\n".join((event.deal_id, str(event.number), event.run, what))
    return f"evt_{hashlib.sha256(line.encode()).hexdigest()[:32]}"


def _known(given: str) -> str:
    kind = given.removeprefix(PREFIX)
    if kind not in KINDS:
        raise BadValue(f"there is no event {quoted(given)}", did_you_mean(kind, KINDS))
    return kind


EventKind = Annotated[str, AfterValidator(_known), Field(max_length=100, examples=["dealwright.deal.stage_entered"])]
"""An event's type, with ``dealwright.deal.`` before it or without; read as the kind."""
