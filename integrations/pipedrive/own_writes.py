"""What we write in Pipedrive, in the values that its changes tell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from integrations.kit.errors import NotHandedOver
from integrations.kit.own_writes import OwnWrites
from integrations.pipedrive.changes import JsonObject, followed
from integrations.pipedrive.records import ActivityRecord, DealRecord, OrganizationRecord, PersonRecord
from integrations.pipedrive.settings import SOURCE
from store import mirror
from store.database import Store
from store.errors import StoreAway

_OPEN_FOR = timedelta(days=1)
"""A poll shows when a record was changed last, and not when each field was. A write that got no answer is tried again
long before."""
_PARTS = {"value": ("value", "currency"), "status": ("status", "lost_reason")}
_EVER = datetime(2000, 1, 1, tzinfo=UTC)


def own_writes_to(store: Store) -> OwnWrites:
    """What is written into Pipedrive."""
    return OwnWrites(store, SOURCE, _OPEN_FOR)


async def first_seen(store: Store, object_id: str, values: Mapping[str, JsonValue], at: datetime) -> None:
    """Note what a record holds of which nothing is known yet. What somebody has changed since is told by itself.

    Raises:
        NotHandedOver: the database does not answer.
    """
    try:
        known = await mirror.known(store, SOURCE, object_id)
        new = {name: value for name, value in values.items() if name not in known}
        await mirror.note(store, SOURCE, object_id, new, at)
    except StoreAway as error:
        raise NotHandedOver(str(error)) from error


def updated_at(record: DealRecord | PersonRecord | OrganizationRecord | ActivityRecord) -> datetime:
    """When a record was changed last, by Pipedrive's clock: whole seconds."""
    return record.update_time


def parts_of(fields: Mapping[str, JsonValue]) -> set[str]:
    """The values of a deal that are followed and that fields are part of."""
    known = followed(DealRecord(id=0, add_time=_EVER, update_time=_EVER))
    return {whole for whole in known if fields.keys() & {*_PARTS.get(whole, (whole,))}}


def as_told(fields: Mapping[str, JsonValue]) -> JsonObject:
    """Fields of a deal as they are told when they come back."""
    given = {"id": 0, "add_time": _EVER, "update_time": _EVER, **fields}
    told, names = followed(DealRecord.model_validate(given)), parts_of(fields)
    return {name: value for name, value in told.items() if name in names}
