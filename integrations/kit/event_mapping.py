"""A source's request, read by its mapping: the events that it brings, as the intake keeps them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import JsonValue, TypeAdapter
from pydantic_core import from_json

from dealwright.client.checked_fact import CheckedFact
from dealwright.facts import FACTS
from dealwright.validation.errors import BadDeal
from dealwright.validation.opening import admit
from dealwright.validation.reading import read_fields
from dealwright.values.recorded import AwareDatetime
from dealwright.values.size_limits import values_in
from integrations.kit.mapping import Occurred, Opening, Rule, SourceMapping
from integrations.kit.mapping_paths import Sight, as_text, filled, look, paths_in
from integrations.kit.signatures import WebhookRequest
from store.intake import Event, IntakeState

OPENS_DEAL = "open_deal"
"""What stands in the place of a fact's name when an event opens a deal."""
LONGEST_EVENT_ID = 200
"""Longer ids are replaced by their hash, so that with the source's name they fit into a fact's id."""
LONGEST_REASON = 500
MOST_EVENTS, MOST_VALUES = 1000, 20_000
"""Events in one request, and values in all of them."""

_MOMENT: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)


class Unreadable(ValueError):
    """A request that is proven, and is not what its source sends."""


class _Kept(Exception):
    """An event is kept, and not passed on."""

    def __init__(self, state: IntakeState, reason: str) -> None:
        super().__init__(reason)
        self.state, self.reason = state, reason[:LONGEST_REASON]


def events_in(
    mapping: SourceMapping, settings: Mapping[str, JsonValue], request: WebhookRequest, received_at: datetime
) -> list[Event]:
    """The request's events, in the order in which they happened. Those with nothing to pass on say why.

    Raises:
        Unreadable: the body is no JSON, or its events are not where the mapping says.
    """
    headers: dict[str, JsonValue] = dict(request.headers)
    sights: list[Sight] = [
        {"event": event, "header": headers, "setting": dict(settings)} for event in _split(mapping, request.body)
    ]
    one_id_for_all = len(sights) > 1 and not any(path.startswith("event.") for path in mapping.event_id)
    said: dict[str, dict[str, int]] = {}
    read = []
    for place, sight in enumerate(sights):
        id_ = _event_id(mapping, sight)
        happened_at, event = _read(mapping, sight, id_, received_at)
        known = said.setdefault(id_, {})
        # One id for different events: they get a number each. For the same event twice, it counts once.
        number = place if one_id_for_all else known.setdefault(event.model_dump_json(), len(known))
        read.append((happened_at, _numbered(event, number) if number else event))
    return [event for _, event in sorted(read, key=lambda pair: pair[0])]


def _split(mapping: SourceMapping, body: bytes) -> list[JsonValue]:
    try:
        document: JsonValue = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise Unreadable("the body is no JSON") from None
    found = look(mapping.split, {"event": document}) if mapping.split else document
    events: list[JsonValue] = found if isinstance(found, list) else [found]
    if len(events) > MOST_EVENTS:
        raise Unreadable(f"there are {len(events)} events in the body: at most {MOST_EVENTS}")
    if values_in(events, MOST_VALUES) > MOST_VALUES:
        raise Unreadable(f"there are more than {MOST_VALUES} values in the body: send fewer events at once")
    if not all(isinstance(event, dict) for event in events):
        raise Unreadable(f"there are no events in the body: {mapping.split or 'it'} has to lead to objects")
    return events


def _read(mapping: SourceMapping, sight: Sight, event_id: str, received_at: datetime) -> tuple[datetime, Event]:
    event = Event(
        source=mapping.source,
        event_id=event_id,
        deal_ref=_deal_ref(mapping, sight),
        fact="",
        payload={"event": sight["event"]},
        received_at=received_at,
    )
    happened_at: datetime | None = None
    try:
        happened_at = _moment(mapping.occurred_at, look(mapping.occurred_at.path, sight))
        rule = _rule_for(mapping, sight)
        read = _opening(mapping, event, rule.open, sight) if rule.open else _told(event, rule, sight, happened_at)
        _require_deal(mapping, read)
        event = read
    except _Kept as kept:
        event = event.model_copy(update={"state": kept.state, "last_error": kept.reason})
    return happened_at or received_at, event


def _numbered(event: Event, number: int) -> Event:
    """The event under an id of its own, where one id came for several."""
    id_ = f"{event.event_id}-{number}"
    same = event.payload.get("id") == fact_id(event.source, event.event_id)
    payload = {**event.payload, "id": fact_id(event.source, id_)} if same else event.payload
    return event.model_copy(update={"event_id": id_, "payload": payload})


def _require_deal(mapping: SourceMapping, event: Event) -> None:
    if event.deal_ref is None:
        paths = " and ".join((mapping.deal.id,) if mapping.deal.id else mapping.deal.object)
        raise _Kept(IntakeState.REFUSED, f"the event names no deal: {paths} would say which")


def _require_parts_of_id(template: JsonValue, sight: Sight) -> None:
    """Make no id of what is missing: it would be that of many."""
    for path in paths_in(template.get("id")) if isinstance(template, dict) else ():
        if not _part_of_id(look(path, sight)):
            raise _Kept(IntakeState.REFUSED, f"an id needs {path}, which the event does not have")


def _rule_for(mapping: SourceMapping, sight: Sight) -> Rule:
    for rule in mapping.rules:
        if all(_holds(look(path, sight), wanted) for path, wanted in rule.when.items()):
            if rule.skip is not None:
                raise _Kept(IntakeState.SKIPPED, rule.skip)
            return rule
    raise _Kept(IntakeState.SKIPPED, f"no rule of {mapping.source} says what this means")


def _holds(value: JsonValue, wanted: str | float | list[str | int]) -> bool:
    choices = wanted if isinstance(wanted, list) else [wanted]
    return as_text(value) in [as_text(choice) for choice in choices]


def _opening(mapping: SourceMapping, event: Event, opening: Opening, sight: Sight) -> Event:
    _require_parts_of_id(opening.deal, sight)
    deal, playbook = filled(opening.deal, sight), filled(opening.playbook, sight)
    if not isinstance(deal, dict):
        raise _Kept(IntakeState.REFUSED, "the event opens a deal and does not say which")
    try:
        admitted = admit(deal)
    except BadDeal as error:
        raise _Kept(IntakeState.REFUSED, str(error)) from error
    payload: dict[str, JsonValue] = {"deal": admitted.model_dump(mode="json", exclude_none=True)}
    if playbook is not None:
        payload["playbook"] = as_text(playbook)
    own = None if mapping.deal.object else admitted.id
    changes = {"fact": OPENS_DEAL, "payload": payload, "deal_ref": event.deal_ref or own}
    return event.model_copy(update=changes)


def _told(event: Event, rule: Rule, sight: Sight, happened_at: datetime | None) -> Event:
    _require_parts_of_id(rule.fields, sight)
    name, fields = as_text(filled(rule.fact, sight)), filled(rule.fields, sight)
    if name not in FACTS:
        raise _Kept(IntakeState.REFUSED, f"{name[:80]!r} is no fact")
    if not isinstance(fields, dict):
        raise _Kept(IntakeState.REFUSED, "the fact's fields are no object")
    given: dict[str, object] = {key: value for key, value in fields.items() if key not in rule.without}
    given = {"source": event.source, **given}
    if given.get("id") is None:
        given["id"] = fact_id(event.source, event.event_id)
    if happened_at is not None:
        given["at"] = happened_at
    try:
        fact = CheckedFact.of(read_fields(FACTS[name], given))
    except BadDeal as error:
        raise _Kept(IntakeState.REFUSED, str(error)) from error
    return event.model_copy(update={"fact": name, "payload": dict(fact.payload)})


def fact_id(source: str, event_id: str) -> str:
    """The id of the fact that an event is, unless the event names one: the same for every delivery."""
    return f"{source}:{event_id}"


def _event_id(mapping: SourceMapping, sight: Sight) -> str:
    joined = "-".join(as_text(look(path, sight)) for path in mapping.event_id)
    if len(joined) <= LONGEST_EVENT_ID and joined.strip("-"):
        return joined
    # Too long to keep, or nothing at all: then the same event is one with the same content.
    content = joined if joined.strip("-") else json.dumps(sight["event"], sort_keys=True)
    return "sha256-" + hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def _deal_ref(mapping: SourceMapping, sight: Sight) -> str | None:
    paths = (mapping.deal.id,) if mapping.deal.id else mapping.deal.object
    parts = [_part_of_id(look(path, sight)) for path in paths]
    return "-".join(parts)[:LONGEST_EVENT_ID] if all(parts) else None


def _part_of_id(value: JsonValue) -> str:
    """A value as part of an id; nothing for what can be none, so that no id is made of what is missing."""
    can_be = isinstance(value, str | int) and not isinstance(value, bool)
    return as_text(value).strip() if can_be else ""


def _moment(where: Occurred, value: JsonValue) -> datetime | None:
    if value is None:
        return None
    text = as_text(value)
    try:
        if where.unit == "iso":
            return _MOMENT.validate_python(text)
        return datetime.fromtimestamp(float(text) / (1000 if where.unit == "ms" else 1), UTC)
    except (ValueError, OverflowError, OSError) as error:
        wanted = "a time with its offset" if where.unit == "iso" else f"a time in {where.unit}"
        raise _Kept(IntakeState.REFUSED, f"{where.path} is {text[:60]!r}, and not {wanted}") from error
