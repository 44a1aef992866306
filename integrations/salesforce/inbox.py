"""Looks at what Salesforce shows of its records, however it came: what is new of each becomes events, once.

Whoever looks keeps the events first, and notes in the mirror then what was seen. Killed in between, the same events
are made again, under the same ids. So nothing is lost, and a deal hears of nothing twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from pydantic import JsonValue

from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.mapping.events import events_from
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.own_fields import told_of
from integrations.kit.polling import Seen
from integrations.kit.task_outcomes import OutcomeWords
from integrations.salesforce.accounts import Accounts
from integrations.salesforce.changes import OPENED, Difference, Held, difference, intended
from integrations.salesforce.contact_roles import ours_in
from integrations.salesforce.memory import OPPORTUNITY, closing, to_be_made
from integrations.salesforce.org import Org
from integrations.salesforce.people import People
from integrations.salesforce.records import FORECAST, OWN, ObservedRecord, followed
from store.intake import Event

LookUp: TypeAlias = Callable[[str], Awaitable[dict[str, JsonValue] | None]]
_ROLE, _OWNER, _ACCOUNT = "role", "owner", "account"
_CLOSED = "closed"
_SAID = (FORECAST, "close_on", _CLOSED)
"""What counts with who said so: when a deal closes, how sure that is, and that a task is done."""


@dataclass
class Noticed:
    """What was new, in the order in which it was seen."""

    events: list[Event] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    opportunities: set[str] = field(default_factory=set)
    """Opportunities that were seen for the first time."""


class Inbox:
    """What an org tells."""

    def __init__(self, org: Org, source: Source) -> None:
        self._org, self._source = org, source
        self._followed = followed(org.connection)
        self._people = People(org)
        self._who = {_OWNER: self._people.person, _ACCOUNT: Accounts(org).shown}
        """What the ids in some properties stand for."""

    async def look(self, sobject: str, rows: Iterable[Mapping[str, JsonValue]], noticed: Noticed) -> None:
        """Look at records of one object, and add what is new of them.

        Raises:
            UnreadableRecord: one does not say which it is, or when it changed.
            StoreAway: the database does not answer.
        """
        if (kind := self._followed.get(sobject)) is not None:
            for row in rows:
                await self._look_at(kind.read(row), noticed)

    async def _look_at(self, record: ObservedRecord, noticed: Noticed) -> None:
        deal = await self._deal_of(record)
        if deal is None and not await self._opens_or_belongs(record, noticed):
            return
        held = await self._held(record)
        told = difference(record, held, known=deal is not None)
        if not told.mirror:
            return
        for name, look_up in self._who.items():
            told = await _named(record, told, name, look_up)
        told = self._with_outcome(record, await self._with_authors(self._with_own_fields(told)))
        told = self._with_owner(told)
        told = await self._with_contact(record, told, held, deal)
        if told.events:
            noticed.events += events_from(self._source, [*told.events], self._org.clock())
        noticed.seen.append(Seen(object_id=record.object_id, values=told.mirror, at=record.at))
        if record.kind == OPPORTUNITY:
            noticed.opportunities.add(record.id)

    async def _held(self, record: ObservedRecord) -> dict[str, Held]:
        """What is known of a record; of one that we made, also what we made it with, until it is first seen."""
        held = await self._org.memory.held(record.object_id)
        if (effect := record.around.get("effect")) is not None:
            return {**await self._org.memory.held(closing(effect)), **held}
        if record.deal_key is None:
            return held
        made = await self._org.memory.held(to_be_made(record.deal_key))
        # Where we name nobody, Salesforce gives what we make to ourselves.
        made.setdefault(intended(_OWNER), Held(record.around.get("made_by"), record.at))
        unseen = [intended(name) for name in record.properties if name not in held]
        return {**{name: made[name] for name in unseen if name in made}, **held}

    async def _deal_of(self, record: ObservedRecord) -> str | None:
        if record.opportunity is None:
            return None
        deal = await self._org.memory.deal_of(record.opportunity)
        if deal is None and record.deal_key is not None:  # we made it, and were not told so
            await self._org.memory.link(record.opportunity, record.deal_key)
            return record.deal_key
        return deal

    async def _opens_or_belongs(self, record: ObservedRecord, noticed: Noticed) -> bool:
        """Whether a record without a deal is of interest: a new opportunity, or what belongs to one."""
        if record.opportunity is None:
            return False
        if record.kind == OPPORTUNITY:
            wanted, given = self._org.connection.record_type, record.around.get("record_type") or ""
            return wanted is None or given[:15] == wanted[:15]
        known = await self._org.memory.held(f"{OPPORTUNITY}:{record.opportunity}")
        return bool(known) or record.opportunity in noticed.opportunities

    async def _with_authors(self, told: Difference) -> Difference:
        """Say who said what of the forecast. Where that cannot be found out now, it is told later."""
        events, later = list[dict[str, JsonValue]](), set[JsonValue]()
        for event in told.events:
            if event["property"] not in _SAID:
                events.append(event)
                continue
            try:
                events.append(event | {"author": await self._name_of(event["by"])})
            except (NotHandedOver, Unanswered):
                later.add(event["property"])
        return Difference(tuple(events), {name: value for name, value in told.mirror.items() if name not in later})

    async def _name_of(self, user: JsonValue) -> JsonValue:
        try:
            found = await self._people.person(user) if isinstance(user, str) else None
        except Refused:  # we may not see users: what was said holds all the same
            return None
        return found["name"] if found else None

    def _with_own_fields(self, told: Difference) -> Difference:
        """Say what changes tell of fields that the playbook declares."""
        connection, currency = self._org.connection, self._org.connection.settings.get("currency", "")
        return replace(told, events=tuple(
            event | told_of(connection.fields, str(event["property"]).removeprefix(OWN), event["value"], currency)
            if str(event["property"]).startswith(OWN) else event
            for event in told.events
        ))  # fmt: skip

    def _with_outcome(self, record: ObservedRecord, told: Difference) -> Difference:
        """Say how a task ended: by the field for that, else by a status of its own among those that are closed."""
        words, around = OutcomeWords(self._org.connection.outcomes), record.around
        own_status = around.get("status") if around.get("status") != self._org.connection.closed_status else None
        outcome = words.ours(around.get("outcome") or own_status)
        events = tuple(
            {**event, "outcome": outcome} if event["property"] == _CLOSED else event for event in told.events
        )
        return replace(told, events=events)

    def _with_owner(self, told: Difference) -> Difference:
        """A deal that is opened has its owner from the first: their tasks are on their list."""
        role = self._org.connection.settings.get("owner_role", "sdr")
        owner = next((event[_OWNER] for event in told.events if _OWNER in event), None)
        if not role or owner is None:
            return told
        return replace(
            told,
            events=tuple(
                {**event, "owners": {role: owner}} if event["property"] == OPENED else event for event in told.events
            ),
        )

    async def _with_contact(
        self, record: ObservedRecord, told: Difference, held: Mapping[str, Held], deal: str | None
    ) -> Difference:
        """A contact of ours keeps our id. That we put them there is no news."""
        if record.kind != _ROLE or not told.events:
            return told
        contact = record.properties.get("contact") or record.id
        known = await self._org.memory.held(f"contact:{contact}")
        ours = known[ours_in(deal)].value if deal is not None and ours_in(deal) in known else None
        if ours is not None and not held:
            return replace(told, events=())
        id_: JsonValue = ours or f"salesforce-{contact}"
        return replace(told, events=tuple({**event, "contact_id": id_} for event in told.events))


async def _named(record: ObservedRecord, told: Difference, name: str, look_up: LookUp) -> Difference:
    """Say whom or what an id stands for. What cannot be found out now is not known yet, and is told later."""
    id_ = record.properties.get(name)
    if id_ is None or not any(event["property"] == name for event in told.events):
        return told
    try:
        found = await look_up(id_)
    except (NotHandedOver, Refused, Unanswered):
        found = None
    if found is None:
        events = tuple(event for event in told.events if event["property"] != name)
        return Difference(events, {each: value for each, value in told.mirror.items() if each != name})
    events = tuple({**event, name: found} if event["property"] == name else event for event in told.events)
    return replace(told, events=events)
