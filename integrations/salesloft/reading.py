"""Reads Salesloft's records beside what the store knows: whose they are, and what of them is news."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import BaseModel, JsonValue

from integrations.kit.mapping.events import events_from
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.own_tasks import OwnTasks
from integrations.kit.polling import Seen
from integrations.salesloft import changes
from integrations.salesloft.changes import Change
from integrations.salesloft.client import SalesloftClient
from integrations.salesloft.enrolled import enrolment_at, was_taken_out
from integrations.salesloft.records import Call, Email, Meeting, Membership, Person, Task
from integrations.salesloft.settings import SOURCE
from store import intake, mirror, suppression
from store.database import Store
from store.deal_contacts import deals_with
from store.intake import Event

_TEAM, _SINCE = "team", "connected_at"
_MOST_DEALS = 100
_BEFORE_THE_FIRST_READING = timedelta(days=1)
_LONGEST_AFTER = timedelta(days=60)
"""Later replies to a mail are not told: by then the ids of what was told may be forgotten."""


@dataclass
class Noticed:
    """What records told."""

    changes: list[Change] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    """What is to be noted once the changes are kept."""


async def note_connected(store: Store, now: datetime) -> None:
    """Note when reading began: what people did before is no news.

    Raises:
        StoreAway: the database does not answer.
    """
    if _SINCE not in await mirror.known(store, SOURCE, _TEAM):
        await mirror.note(store, SOURCE, _TEAM, {_SINCE: now.isoformat()}, now)


async def events_of(store: Store, source: Source, changes: list[Change], now: datetime) -> list[Event]:
    """The events of changes, but for those that are there already: a later look at a record words them otherwise.

    Raises:
        StoreAway: the database does not answer.
    """
    if not changes:
        return []
    told: list[JsonValue] = [one.model_dump(mode="json", exclude_none=True) for one in changes]
    found = events_from(source, told, now)
    there = await intake.known_ids(store, source.name, [one.event_id for one in found])
    return [one for one in found if one.event_id not in there]


class Reader:
    """One team's records. ``client`` looks up whom a call went to; None without a connection."""

    def __init__(self, store: Store, client: SalesloftClient | None, dispositions: Mapping[str, str]) -> None:
        self._store, self._client, self._dispositions = store, client, dispositions

    async def read(self, record: BaseModel, now: datetime) -> Noticed:
        """What a record says that was not known.

        Raises:
            NotHandedOver, Refused, Unanswered: whom it is about cannot be looked up.
            StoreAway: the database does not answer.
        """
        match record:
            case Membership():
                return await self._membership(record)
            case Email():
                return await self._email(record, now)
            case Call():
                return await self._call(record, now)
            case Meeting():
                return await self._meeting(record, now)
            case Person():
                return await self._person(record, now)
            case Task():
                return await self._task(record)
            case _:
                return Noticed()

    async def _membership(self, one: Membership) -> Noticed:
        ours = await enrolment_at(self._store, one.person, one.cadence)
        if ours is None or one.person is None or one.cadence is None:
            return Noticed()
        taken_out = await was_taken_out(self._store, one.person.id, one.cadence.id, ours.effect)
        return Noticed(list(changes.of_membership(one, ours, taken_out=taken_out)))

    async def _email(self, one: Email, now: datetime) -> Noticed:
        if one.sent_at is None:
            return Noticed()
        ours = await enrolment_at(self._store, one.recipient, one.cadence)
        if ours is not None and not ours.may_have_sent(one.sent_at):
            ours = None
        if ours is None and one.sent_at < await self._since(now):
            return Noticed()
        found: list[Change] = []
        for change in changes.of_email(one, ours):
            if change.kind == "bounced":
                found += await self._to_all(change, now)
            elif one.updated_at - one.sent_at < _LONGEST_AFTER:
                found.append(change)
        return Noticed(found)

    async def _call(self, one: Call, now: datetime) -> Noticed:
        if one.created_at < await self._since(now):
            return Noticed()
        ours, address = await enrolment_at(self._store, one.called_person, one.cadence), None
        if ours is None and one.called_person is not None and self._client is not None:
            person = await self._client.person(one.called_person.id)
            address = person.email_address if person else None
        return Noticed(list(changes.of_call(one, address, self._dispositions, ours.deal if ours else None)))

    async def _meeting(self, one: Meeting, now: datetime) -> Noticed:
        if one.status in {"pending", "failed", "retry"}:  # it stands in nobody's calendar yet
            return Noticed()
        object_id = f"meeting:{one.id}"
        known = await mirror.known(self._store, SOURCE, object_id)
        name = changes.name_of_meeting(one, known)
        new = await self._new(object_id, changes.values_of_meeting(one, name), one.updated_at)
        if not known and (one.start_time is None or one.start_time < await self._since(now)):
            return Noticed()
        ours = await enrolment_at(self._store, one.person, one.cadence)
        return Noticed(
            list(changes.of_meeting(one, name, new, ours.deal if ours else None)), _seen(object_id, new, one)
        )

    async def _person(self, one: Person, now: datetime) -> Noticed:
        values, object_id = changes.values_of_person(one), f"person:{one.id}"
        if not any(values.values()) and not await mirror.known(self._store, SOURCE, object_id):
            return Noticed()
        new = await self._new(object_id, values, one.updated_at)
        found: list[Change] = []
        for change in changes.of_person(one, new):
            if change.kind == "opted_out" and change.address is not None:
                await suppression.suppress(self._store, change.address, "opted out: Salesloft", change.at)
            found += await self._to_all(change, now)
        return Noticed(found, _seen(object_id, new, one))

    async def _task(self, one: Task) -> Noticed:
        own = await OwnTasks(self._store, SOURCE).of(str(one.id))
        return Noticed() if own is None else Noticed(list(changes.of_task(one, own)))

    async def _to_all(self, change: Change, now: datetime) -> list[Change]:
        """What holds for an address is told to each open deal that knows it."""
        deals = [change.deal] if change.deal else []
        deals += await deals_with(self._store, change.people, now, _MOST_DEALS)
        return [change.to_deal(deal) for deal in dict.fromkeys(deals)] or [change]

    async def _new(self, object_id: str, values: Mapping[str, JsonValue], at: datetime) -> Mapping[str, JsonValue]:
        return (await mirror.compare(self._store, SOURCE, object_id, values, at)).new

    async def _since(self, now: datetime) -> datetime:
        known = (await mirror.known(self._store, SOURCE, _TEAM)).get(_SINCE)
        return now - _BEFORE_THE_FIRST_READING if known is None else datetime.fromisoformat(str(known.value))


def _seen(object_id: str, values: Mapping[str, JsonValue], one: Meeting | Person) -> list[Seen]:
    return [Seen(object_id=object_id, values=values, at=one.updated_at)] if values else []
