"""A source's request, read by its mapping: the events that it brings, as the intake keeps them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import JsonValue

from integrations.kit.mapping.answers import Reply
from integrations.kit.mapping.bodies import document_of, events_of, without_own_fields
from integrations.kit.mapping.conditions import holds
from integrations.kit.mapping.expressions import Sight, look, uses_of
from integrations.kit.mapping.meaning import Meaning, fact_id, meaning_of
from integrations.kit.mapping.rules import Lookup
from integrations.kit.mapping.source_mapping import Source, Tables
from integrations.kit.mapping.templates import as_text
from integrations.kit.proof.request import WebhookRequest
from store.intake import Event

LONGEST_EVENT_ID = 200
"""Longer ids are replaced by their hash, so that with the source's name they fit into a fact's id."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What belongs to a request and not to one of its events."""

    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)

    def sight(self, source: Source, event: JsonValue) -> dict[str, JsonValue]:
        """What the expressions of a mapping see of an event."""
        sight: dict[str, JsonValue] = {
            "event": event,
            "header": {name.lower().replace("-", "_"): value for name, value in self.headers.items()},
            "query": dict(self.query),
            "setting": dict(source.settings),
        }
        found: dict[str, JsonValue] = {
            name: _looked_up(one, source.tables, sight) for name, one in source.mapping.lookup.items()
        }
        return {**sight, "lookup": found}


def challenge_in(source: Source, request: WebhookRequest) -> Reply | None:
    """The answer to a request that only asks whether we are there; None for one that brings events.

    Raises:
        Unreadable: the body is not what the mapping says it is.
    """
    if (challenge := source.mapping.challenge) is None:
        return None
    sight = _circumstances(request).sight(source, _document(source, request))
    return challenge.answer.reply(sight) if holds(challenge.when, sight) else None


def reply_to(source: Source, request: WebhookRequest) -> Reply | None:
    """What the source wants to hear now that its events are kept; None where our receipt will do."""
    if (answer := source.mapping.answer) is None:
        return None
    return answer.reply(_circumstances(request).sight(source, _document(source, request)))


def events_in(source: Source, request: WebhookRequest, received_at: datetime) -> list[Event]:
    """The request's events, in the order in which they happened. Those with nothing to pass on say why.

    Raises:
        Unreadable: the body is not what the mapping says it is, or its events are not where it says.
    """
    return events_from(source, _document(source, request), received_at, _circumstances(request))


def events_from(
    source: Source, document: JsonValue, received_at: datetime, circumstances: Circumstances | None = None
) -> list[Event]:
    """The events in a document of the source's, however it was got: by a request or by asking for it.

    Raises:
        Unreadable: the events are not where the mapping says.
    """
    around, mapping = circumstances or Circumstances(), source.mapping
    found = [without_own_fields(mapping, event) for event in events_of(mapping, document)]
    return _read_all(source, [around.sight(source, event) for event in found], received_at)


def events_after_fetch(source: Source, hint: Event, fetched: JsonValue) -> list[Event]:
    """The events of a hint, now that what it pointed at is there: one, or one for each item of a list."""
    around = Circumstances(_texts(hint.payload.get("header")), _texts(hint.payload.get("query")))
    event = hint.payload.get("event")
    said = event if isinstance(event, dict) else {}
    items = fetched if isinstance(fetched, list) else [fetched]
    return _read_all(source, [around.sight(source, {**said, "fetched": one}) for one in items], hint.received_at)


def _read_all(source: Source, sights: Sequence[Sight], received_at: datetime) -> list[Event]:
    one_id_for_all = len(sights) > 1 and not any(_is_of_event(path) for path in source.mapping.event_id)
    said: dict[str, dict[str, int]] = {}
    read: list[tuple[datetime, Event]] = []
    for place, sight in enumerate(sights):
        meaning = meaning_of(source.mapping, sight, _event_id(source, sight), received_at)
        known = said.setdefault(meaning.event_id, {})
        # One id for different events: they get a number each. For the same event twice, it counts once.
        content = "".join(event.model_dump_json() for event in meaning.events)
        number = place if one_id_for_all else known.setdefault(content, len(known))
        read += [(meaning.happened_at or received_at, event) for event in _numbered(meaning, number)]
    return [event for _, event in sorted(read, key=lambda pair: pair[0])]


def _numbered(meaning: Meaning, number: int) -> Iterable[Event]:
    """The events under ids of their own, where one id came for several."""
    for event in meaning.events:
        if not number:
            yield event
            continue
        id_ = f"{event.event_id}-{number}"
        same = event.payload.get("id") == fact_id(event.source, event.event_id)
        payload = {**event.payload, "id": fact_id(event.source, id_)} if same else event.payload
        yield event.model_copy(update={"event_id": id_, "payload": payload})


def _event_id(source: Source, sight: Sight) -> str:
    joined = "-".join(as_text(look(path, sight)) for path in source.mapping.event_id)
    if len(joined) <= LONGEST_EVENT_ID and joined.strip("-"):
        return joined
    # Too long to keep, or nothing at all: then the same event is one with the same content.
    content = joined if joined.strip("-") else json.dumps(sight["event"], sort_keys=True)
    return "sha256-" + hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def _is_of_event(path: str) -> bool:
    return any(root == "event" for root, _ in uses_of(path))


def _looked_up(one: Lookup, tables: Tables, sight: Sight) -> JsonValue:
    table = tables.get(one.table, {})
    if one.key is not None:
        return table.get(as_text(look(one.key, sight)))
    wanted = as_text(look(one.value or "", sight))
    return next((ours for ours, theirs in table.items() if theirs == wanted), None)


def _circumstances(request: WebhookRequest) -> Circumstances:
    return Circumstances(request.headers, request.query)


def _document(source: Source, request: WebhookRequest) -> JsonValue:
    return document_of(source.mapping, request.body, request.headers.get("content-type", ""))


def _texts(value: JsonValue) -> dict[str, str]:
    return {name: text for name, text in value.items() if isinstance(text, str)} if isinstance(value, dict) else {}


__all__ = ["Circumstances", "challenge_in", "events_after_fetch", "events_from", "events_in", "reply_to"]
