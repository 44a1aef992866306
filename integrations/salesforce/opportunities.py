"""Which opportunity is a deal's, and how it is made and written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue

from integrations.kit.delivery import Delivery, Idempotency, Part
from integrations.kit.errors import NotHandedOver, Refused
from integrations.salesforce.changes import decided, intended, overtaken
from integrations.salesforce.client import Row
from integrations.salesforce.external_keys import external_key
from integrations.salesforce.memory import OPPORTUNITY, to_be_made
from integrations.salesforce.opportunity_values import needed_to_open
from integrations.salesforce.org import Org
from integrations.salesforce.records import followed

Values = Mapping[str, JsonValue]


class Opportunities:
    """The opportunities of deals."""

    def __init__(self, org: Org) -> None:
        self._client, self._connection, self._memory, self._clock = org.client, org.connection, org.memory, org.clock
        self._followed = followed(org.connection)["Opportunity"]

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
        self, deal_id: str, values: Mapping[str, JsonValue], at: datetime, before: tuple[Part, ...]
    ) -> Delivery:
        """The values written into the deal's opportunity, but for those that somebody changed there after ``at``."""
        shown: list[tuple[Values, Row]] = []

        async def send() -> str:
            id_ = await self.require(deal_id)
            object_id = f"{OPPORTUNITY}:{id_}"
            fresh = await self._not_overtaken(object_id, values, at)
            await self._announce(object_id, fresh, at)
            own: Values = {**fresh, self._connection.deal_field: external_key(deal_id)}
            try:
                row = await self._client.update("Opportunity", id_, own, self._followed.fields)
            except Refused:
                await self._forget(object_id, fresh)
                raise
            shown.append((fresh, row))
            return object_id

        async def arrived(reference: str | None) -> None:
            for fresh, row in shown if reference else ():
                record = self._followed.read(row)
                meant = self._as_mirrored(fresh)
                taken = {name: value for name, value in meant.items() if record.properties.get(name) == value}
                await self._memory.hold(record.object_id, taken, record.at)
                await self._forget(record.object_id, fresh)

        return Delivery(send=send, idempotency=Idempotency.VENDOR, arrived=arrived, before=before)

    async def _not_overtaken(self, object_id: str, values: Values, at: datetime) -> dict[str, JsonValue]:
        held = await self._memory.held(object_id)
        fields = {field: name for name, (field, _) in self._followed.properties.items()}
        return {
            field: value
            for field, value in values.items()
            if (name := fields.get(field)) is None or not overtaken(name, at, held)
        }

    async def _announce(self, object_id: str, values: Values, at: datetime) -> None:
        """Say what is about to be written: it may come back before it is answered."""
        meant = self._as_mirrored(values)
        await self._memory.hold(object_id, {decided(name): value for name, value in meant.items()}, at)
        await self._memory.hold(object_id, {intended(name): value for name, value in meant.items()}, self._clock())

    async def _forget(self, object_id: str, values: Values) -> None:
        nothing = {intended(name): None for name in self._as_mirrored(values)}
        await self._memory.hold(object_id, nothing, self._clock())

    def _as_mirrored(self, values: Values) -> dict[str, str | None]:
        """The values as they are read when they come back."""
        read = self._followed.properties.items()
        return {name: write(values[field]) for name, (field, write) in read if field in values}
