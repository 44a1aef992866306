"""What one event means: a deal to open, facts to tell, something to fetch first, or nothing, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import JsonValue, TypeAdapter

from dealwright.client.checked_fact import CheckedFact
from dealwright.facts import FACTS
from dealwright.validation.errors import BadDeal
from dealwright.validation.opening import admit
from dealwright.validation.reading import read_fields
from dealwright.values.addresses import complaint_about_address, normal
from dealwright.values.phone_numbers import e164
from dealwright.values.recorded import AwareDatetime
from integrations.kit.mapping.conditions import holds
from integrations.kit.mapping.expressions import Sight, look
from integrations.kit.mapping.rules import DealRef, Occurred, OneOfSeveral, Opening, Rule
from integrations.kit.mapping.source_mapping import SourceMapping
from integrations.kit.mapping.templates import as_text, filled, id_of, part_of_id, paths_in
from store.intake import HINT, Event, IntakeState
from store.intake_rows import OPENING

OPENS_DEAL, FETCHES, GIVES_COMMAND = OPENING, HINT, "command"
"""What stands in the place of a fact's name when an event opens a deal, hints at what is to be fetched first, or is a
command that somebody gives (``integrations.kit.commands``)."""
LONGEST_REASON, LONGEST_DEAL_REF, MOST_CONTACTS = 500, 200, 50

_MOMENT: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)
_NOTHING: tuple[JsonValue, ...] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an event means."""

    event_id: str
    happened_at: datetime | None
    events: tuple[Event, ...]
    """As the intake keeps them; at least one."""


class _Kept(Exception):
    """An event is kept, and not passed on."""

    def __init__(self, state: IntakeState, reason: str) -> None:
        super().__init__(reason)
        self.state, self.reason = state, reason[:LONGEST_REASON]


def meaning_of(mapping: SourceMapping, sight: Sight, event_id: str, received_at: datetime) -> Meaning:
    """What an event means by the rules of its source's mapping."""
    raw = Event(
        source=mapping.source,
        event_id=event_id,
        deal_ref=_deal_ref(mapping.deal, sight),
        contacts=_contacts(mapping.deal, sight),
        fact="",
        payload={"event": sight["event"]},
        received_at=received_at,
    )
    happened_at: datetime | None = None
    try:
        _skip_echoes(mapping, sight)
        happened_at = moment(mapping.occurred_at, look(mapping.occurred_at.path, sight))
        if (hint := _hint(mapping, raw, sight)) is not None:
            return Meaning(event_id, happened_at, (hint,))
        rule = _rule_for(mapping, sight)
    except _Kept as kept:
        return Meaning(event_id, happened_at, (_kept(_before_fetch(mapping, raw, sight), kept),))
    return Meaning(event_id, happened_at, tuple(_by_rule(mapping, rule, raw, sight, happened_at)))


def fact_id(source: str, event_id: str) -> str:
    """The id of the fact that an event is, unless the event names one: the same for every delivery."""
    return f"{source}:{event_id}"


def moment(where: Occurred, value: JsonValue) -> datetime | None:
    """The time that a value is; None when there is none.

    Raises:
        _Kept: it is no time, or none of which it is known where on earth.
    """
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


def _skip_echoes(mapping: SourceMapping, sight: Sight) -> None:
    for echo in mapping.echo:
        mark, ours = as_text(look(echo.mark, sight)), as_text(look(echo.ours, sight))
        if ours and mark == ours and holds(echo.when, sight):
            raise _Kept(IntakeState.SKIPPED, f"our own write coming back: {echo.mark} is {mark[:80]!r}, as {echo.ours}")


def _hint(mapping: SourceMapping, raw: Event, sight: Sight) -> Event | None:
    """What is to be fetched before the event can be read."""
    event = sight["event"]
    if mapping.fetch is None or _is_fetched(event) or not holds(mapping.fetch.when, sight):
        return None
    if (what := filled(mapping.fetch.what, sight)) in _NOTHING:
        raise _Kept(IntakeState.REFUSED, f"the event does not say what to fetch: {mapping.fetch.what}")
    headers = sight["header"] if isinstance(sight["header"], dict) else {}
    # Of the headers only those that the rules read: others may be secrets.
    used = {name: value for name, value in headers.items() if ("header", name) in mapping.uses}
    payload: dict[str, JsonValue] = {"what": what, "event": event, "header": used, "query": sight["query"]}
    return _before_fetch(mapping, raw, sight).model_copy(update={"fact": FETCHES, "payload": payload})


def _before_fetch(mapping: SourceMapping, event: Event, sight: Sight) -> Event:
    """An event under the id that it has until something is fetched: the other one is for what it means by then.

    A second delivery may be skipped, since the first one is known by now. It does not take the place of what the first
    one will mean.
    """
    if mapping.fetch is None or _is_fetched(sight["event"]) or filled(mapping.fetch.what, sight) in _NOTHING:
        return event
    return event.model_copy(update={"event_id": f"{event.event_id}.hint"})


def _is_fetched(event: JsonValue) -> bool:
    return isinstance(event, dict) and "fetched" in event


def _rule_for(mapping: SourceMapping, sight: Sight) -> Rule:
    for rule in mapping.rules:
        if holds(rule.when, sight):
            if rule.skip is not None:
                raise _Kept(IntakeState.SKIPPED, rule.skip)
            return rule
    raise _Kept(IntakeState.SKIPPED, f"no rule of {mapping.source} says what this means")


def _by_rule(
    mapping: SourceMapping, rule: Rule, raw: Event, sight: Sight, happened_at: datetime | None
) -> Iterator[Event]:
    ref = rule.deal or mapping.deal
    about = raw.model_copy(update={"deal_ref": _deal_ref(ref, sight), "contacts": _contacts(ref, sight)})
    if rule.facts is not None:
        told = [one for one in rule.facts if holds(one.when, sight)]
        for one in told:
            part = about.model_copy(update={"event_id": f"{about.event_id}.{one.ends_with}"})
            yield _read(ref, part, one, sight, happened_at)
        if not told:
            yield _kept(about, _Kept(IntakeState.SKIPPED, "none of the rule's facts holds"))
    else:
        yield _read(ref, about, rule, sight, happened_at)


def _read(ref: DealRef, event: Event, said: Rule | OneOfSeveral, sight: Sight, happened_at: datetime | None) -> Event:
    try:
        if isinstance(said, Rule) and said.open is not None:
            read = _opening(ref, event, said.open, sight)
        else:
            read = _told(event, said, sight, happened_at)
        _require_deal(ref, read)
    except _Kept as kept:
        return _kept(event, kept)
    return read


def _require_deal(ref: DealRef, event: Event) -> None:
    if event.deal_ref is None:
        ways = (ref.id, " and ".join(paths_in(ref.object)))
        reason = f"the event names no deal: {' or '.join(way for way in ways if way)} would say which"
        raise _Kept(IntakeState.REFUSED, reason)


def _kept(event: Event, kept: _Kept) -> Event:
    return event.model_copy(update={"state": kept.state, "last_error": kept.reason})


def _opening(ref: DealRef, event: Event, opening: Opening, sight: Sight) -> Event:
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
    own = None if ref.object else admitted.id
    changes = {"fact": OPENS_DEAL, "payload": payload, "deal_ref": event.deal_ref or own}
    return event.model_copy(update=changes)


def _told(event: Event, said: Rule | OneOfSeveral, sight: Sight, happened_at: datetime | None) -> Event:
    _require_parts_of_id(said.fields, sight)
    name, fields = as_text(filled(said.fact, sight)), filled(said.fields, sight)
    if name not in FACTS:
        raise _Kept(IntakeState.REFUSED, f"{name[:80]!r} is no fact")
    if not isinstance(fields, dict):
        raise _Kept(IntakeState.REFUSED, "the fact's fields are no object")
    given: dict[str, object] = {key: value for key, value in fields.items() if key not in said.without}
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


def _require_parts_of_id(template: JsonValue, sight: Sight) -> None:
    """Make no id of what is missing: it would be that of many."""
    for path in paths_in(template.get("id")) if isinstance(template, dict) else ():
        if not part_of_id(look(path, sight)):
            raise _Kept(IntakeState.REFUSED, f"an id needs {path}, which the event does not have")


def _deal_ref(ref: DealRef, sight: Sight) -> str | None:
    found = _named(ref, sight) or (id_of(ref.object, sight) if ref.object else None)
    return found[:LONGEST_DEAL_REF] if found else None


def _contacts(ref: DealRef, sight: Sight) -> tuple[str, ...]:
    """The addresses by which an event may find its deal; none where it names the deal itself."""
    if ref.contact is None or _named(ref, sight):
        return ()
    found = look(ref.contact, sight)
    texts = [one.strip() for one in (found if isinstance(found, list) else [found]) if isinstance(one, str)]
    return tuple({normal(one): None for one in texts if e164(one) or complaint_about_address(one) is None})[
        :MOST_CONTACTS
    ]


def _named(ref: DealRef, sight: Sight) -> str:
    return part_of_id(look(ref.id, sight)) if ref.id else ""
