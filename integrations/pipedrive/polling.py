"""Pipedrive read beside its webhooks, which it loses and deletes; and how the company is set up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from pydantic import JsonValue

from integrations.kit.findings import Finding
from integrations.kit.mapping.events import events_from
from integrations.kit.mapping.files import shipped_mapping
from integrations.kit.polling import Polled, Seen
from integrations.kit.tool import Connected
from integrations.pipedrive.changes import (
    JsonObject,
    changed_fields,
    changed_organization,
    changed_person,
    created,
    deleted,
    done,
    followed,
    own_values,
    person_values,
)
from integrations.pipedrive.client import PipedriveClient
from integrations.pipedrive.echoes import compared
from integrations.pipedrive.records import ActivityRecord, DealRecord, OrganizationRecord, PersonRecord
from integrations.pipedrive.settings import SOURCE, PipedriveConnection
from integrations.pipedrive.setup import check, mend
from store import links, mirror
from store.database import Store

OVERLAP = timedelta(minutes=2)
"""How far a poll looks back behind the newest change that it saw. What was long in the making may show late."""
_Record: TypeAlias = DealRecord | PersonRecord | OrganizationRecord | ActivityRecord
_ALL = {"status": "open,won,lost,deleted"}


def pipedrive_polling(connected: Connected) -> PipedrivePolling:
    """What of a connected Pipedrive company can be read."""
    return PipedrivePolling(connected.block(PipedriveConnection), connected.store)


class PipedrivePolling:
    """One Pipedrive company. The cursor is the time of the newest change that was seen, by Pipedrive's clock."""

    def __init__(self, connection: PipedriveConnection, store: Store) -> None:
        self._connection, self._store = connection, store
        self._client = PipedriveClient(connection, store)
        mapping = shipped_mapping("pipedrive")
        self._source = mapping.with_settings(connection.settings, {"stages": connection.stages})

    async def poll(self, cursor: str | None) -> Polled:
        """What changed since a cursor. Records that are known as they are make no event.

        Raises:
            NotHandedOver, Refused, Unanswered: Pipedrive cannot be asked now, or not this.
            StoreAway: the database does not answer.
        """
        since = datetime.fromisoformat(cursor) if cursor else datetime.now(UTC)
        behind = since - OVERLAP
        deals = await self._client.changed(DealRecord, "deals", behind, _ALL)
        persons = await self._client.changed(PersonRecord, "persons", behind)
        organizations = await self._client.changed(OrganizationRecord, "organizations", behind)
        activities = await self._client.changed(ActivityRecord, "activities", behind, {"done": "true"})
        changes, baseline = list[JsonObject](), list[Seen]()
        for deal in deals:
            changes += await self._changes_of(deal, behind, baseline)
        website = self._connection.website_field
        changes += [changed_organization(_told("organization", one), one, website) for one in organizations]
        changes += [changed_person(_told("person", one), one) for one in persons if one.update_time > one.add_time]
        for one in activities:
            changes += done(_told("activity", one), one, self._connection.outcome_words)
        known = await compared(self._store, changes)
        news: list[JsonValue] = [one for one in known.changes if "held" not in one]
        events = events_from(self._source, news, datetime.now(UTC)) if news else []
        read: list[_Record] = [*deals, *persons, *organizations, *activities]
        newest = max([since, *(one.update_time for one in read)])
        seen = (*baseline, *known.seen, *(_as_made(one) for one in persons if one.update_time <= one.add_time))
        return Polled(events=tuple(events), cursor=newest.isoformat(), seen=seen)

    async def health(self) -> list[Finding]:
        """How the token, the fields, the stages and the webhooks are."""
        return await check(self._client, self._connection)

    async def repair(self) -> list[Finding]:
        """Make the fields, and subscribe to events, where that is missing; what was done."""
        return await mend(self._client, self._connection)

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def _changes_of(self, deal: DealRecord, since: datetime, baseline: list[Seen]) -> Sequence[JsonObject]:
        """What is new of a deal; what is seen of it for the first time is only noted."""
        object_id = f"deal:{deal.id}"
        if await links.deal_of(self._store, SOURCE, object_id) is None:
            return [created(deal, self._connection.fields)] if deal.add_time >= since and not deal.is_deleted else []
        if deal.is_deleted:
            return [deleted(deal.id, deal.update_time)]
        own = self._connection.fields
        held = await mirror.known(self._store, SOURCE, object_id)
        values = {**followed(deal), **own_values(deal, own)}
        first = {name: value for name, value in values.items() if name not in held}
        if first:
            baseline.append(Seen(object_id=object_id, values=first, at=deal.update_time))
        other = {name: value for name, value in values.items() if name in held and held[name].value != value}
        return list(changed_fields(_told("deal", deal), deal, other, own))


def _told(kind: str, record: _Record) -> JsonObject:
    at = record.update_time.isoformat()
    return {"object": record.id, "uid": f"poll.{kind}.{record.id}.{at}", "at": at, "polled": True}


def _as_made(person: PersonRecord) -> Seen:
    return Seen(object_id=f"person:{person.id}", values=person_values(person), at=person.update_time)
