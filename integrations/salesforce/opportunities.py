"""Which opportunity is a deal's, and how it is made and written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime

from pydantic import JsonValue

from integrations.kit.crossing import MOST_ROUNDS, Decided, crossed
from integrations.kit.delivery import Delivery, Idempotency, Part
from integrations.kit.errors import NotHandedOver
from integrations.salesforce.changes import decided, intended, overtaken, unheard
from integrations.salesforce.client import Row
from integrations.salesforce.external_keys import external_key
from integrations.salesforce.memory import OPPORTUNITY, to_be_made
from integrations.salesforce.opportunity_values import as_field, needed_to_open
from integrations.salesforce.org import Org
from integrations.salesforce.records import FORECAST, followed

Values = Mapping[str, JsonValue]
_NAMES = {
    "title": "Name", "stage": "StageName", "amount": "Amount", "currency": "CurrencyIsoCode", "close_on": "CloseDate",
    "owner": "OwnerId", "account": "AccountId",
}  # fmt: skip
"""The fields that updates write, by the names under which they are mirrored."""


class Opportunities:
    """The opportunities of deals."""

    def __init__(self, org: Org) -> None:
        self._client, self._connection, self._memory, self._clock = org.client, org.connection, org.memory, org.clock
        self._followed = followed(org.connection)["Opportunity"]
        self._currency = [("currency", self._followed.around["currency"])]

    async def require(self, deal_id: str) -> str:
        """The id of the deal's opportunity, which was made before.

        Raises:
            NotHandedOver: it is not there yet.
        """
        if (found := await self._memory.opportunity_of(deal_id)) is None:
            raise NotHandedOver("the deal has no opportunity in Salesforce yet")
        return found

    async def opened(
        self, deal_id: str, at: datetime, values: Mapping[str, JsonValue] | None = None
    ) -> tuple[Part, ...]:
        """What makes the deal's opportunity, with these values; nothing where there is one."""
        if await self._memory.opportunity_of(deal_id) is not None:
            return ()
        key_field, key = self._connection.deal_field, external_key(deal_id)
        first = {**needed_to_open(self._connection, deal_id, at), **(values or {}), key_field: key}

        async def send() -> str:
            meant = {intended(name): value for name, value in self._as_mirrored(first).items()}
            await self._memory.hold(to_be_made(key), meant, self._clock())
            return f"{OPPORTUNITY}:{await self._client.create('Opportunity', first, key_field)}"

        async def arrived(reference: str | None) -> None:
            if reference is not None:
                await self._memory.link(reference.partition(":")[2], deal_id)

        delivery = Delivery(send=send, idempotency=Idempotency.VENDOR, arrived=arrived)
        return (Part(name=OPPORTUNITY, delivery=delivery),)

    def written(
        self, deal_id: str, wanted: Callable[[], Awaitable[Values]], at: datetime, before: tuple[Part, ...]
    ) -> Delivery:
        """The values written into the deal's opportunity, but for what somebody changed there.

        That holds for changes after ``at``, and for those that no message told yet: what is written over before it
        is told never will be, since messages show a record as it is when they leave. What was decided later stands
        there in the end, also where two updates cross (``integrations.kit.crossing``).
        """
        shown: list[tuple[Values, Row]] = []

        async def send() -> str:
            id_ = await self.require(deal_id)
            object_id, values = f"{OPPORTUNITY}:{id_}", await wanted()
            there = await self._client.read("Opportunity", id_, self._followed.fields)
            fresh = _without(await self._not_overtaken(object_id, values, at), await self._unheard(there))
            await self._decided(object_id, fresh, at)
            for _ in range(MOST_ROUNDS):
                written, row = await self._put(deal_id, id_, fresh)
                shown.append((written, row))
                if not (fresh := await self._crossed(object_id, values, at, row)):
                    return object_id
            raise NotHandedOver("several updates of the opportunity were written at the same time")

        async def arrived(reference: str | None) -> None:
            for fresh, row in shown if reference else ():
                record = self._followed.read(row)
                meant = self._as_mirrored(fresh)
                taken = {name: value for name, value in meant.items() if record.properties.get(name) == value}
                if "stage" in taken and FORECAST in record.properties:  # Salesforce sets it with the stage
                    taken[FORECAST] = record.properties[FORECAST]
                await self._memory.hold(record.object_id, taken, record.at)
                await self._memory.own.answered(record.object_id, meant, record.at)

        return Delivery(send=send, idempotency=Idempotency.VENDOR, arrived=arrived, before=before)

    async def _put(self, deal_id: str, id_: str, values: Values) -> tuple[Values, Row]:
        """Write; returns what stands there now of it, and the record."""
        own: Values = {**values, self._connection.deal_field: external_key(deal_id)}
        changed = await self._memory.own.announced(
            f"{OPPORTUNITY}:{id_}", self._as_mirrored(values),
            lambda: self._client.update("Opportunity", id_, own, self._followed.fields),
        )  # fmt: skip
        theirs = {field: changed.before.get(field) for field in await self._unheard(changed.before) if field in values}
        if not theirs or self._followed.read(changed.before).by == self._followed.read(changed.after).by:
            return values, changed.after
        # Somebody changed it in the moment before our write: it is theirs again.
        given_back = await self._client.update("Opportunity", id_, theirs, self._followed.fields)
        return _without(values, theirs), given_back.after

    async def _unheard(self, row: Row) -> Collection[str]:
        """The fields that somebody changed, and no message told."""
        record = self._followed.read(row)
        changed = unheard(record, await self._memory.held(record.object_id))
        return {field for name, (field, _) in self._followed.properties.items() if name in changed}

    async def _crossed(self, object_id: str, values: Values, at: datetime, row: Row) -> dict[str, JsonValue]:
        """What has to be written after all, since an older update was written over a later one."""
        record, held = self._followed.read(row), await self._memory.held(object_id)
        later = {name: Decided(one.value, one.at) for name in _NAMES if (one := held.get(decided(name))) is not None}
        found = crossed(self._as_mirrored(values), at, {**record.properties, **record.around}, later)
        return {_NAMES[name]: as_field(name, value) for name, value in found.items()}

    async def _not_overtaken(self, object_id: str, values: Values, at: datetime) -> dict[str, JsonValue]:
        held = await self._memory.held(object_id)
        fields = {field: name for name, (field, _) in self._followed.properties.items()}
        return {
            field: value
            for field, value in values.items()
            if (name := fields.get(field)) is None or not overtaken(name, at, held)
        }

    async def _decided(self, object_id: str, values: Values, at: datetime) -> None:
        """Note what is about to be written, and when it was decided."""
        meant = self._as_mirrored(values)
        await self._memory.hold(object_id, {decided(name): value for name, value in meant.items()}, at)

    def _as_mirrored(self, values: Values) -> dict[str, str | None]:
        """The values as they are read when they come back."""
        read = [*self._followed.properties.items(), *self._currency]
        return {name: write(values[field]) for name, (field, write) in read if field in values}


def _without(values: Values, fields: Collection[str]) -> dict[str, JsonValue]:
    return {field: value for field, value in values.items() if field not in fields}
