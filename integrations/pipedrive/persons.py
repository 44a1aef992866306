"""Contacts of a deal as persons in Pipedrive: found by address, else by our key; written once, and put on the deal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import JsonValue

from dealwright.deal import Contact
from integrations.kit.delivery import Absent, Delivery, Found, Idempotency, Lookup, Part
from integrations.kit.errors import NotHandedOver, Refused
from integrations.pipedrive import values
from integrations.pipedrive.changes import person_values
from integrations.pipedrive.client import PipedriveClient
from integrations.pipedrive.deal_record import SEARCH_LAG, kept
from integrations.pipedrive.own_writes import first_seen, own_writes_to, updated_at
from integrations.pipedrive.records import PersonRecord
from integrations.pipedrive.settings import KEY_NAME, SOURCE
from store import links, mirror
from store.database import Store
from store.errors import StoreAway

OUR_ID = "~contact"
"""What is mirrored of a person besides its fields: what the deal calls it."""
_THEIRS = re.compile(r"pipedrive-(\d+)")
"""What a deal calls a person that it knows from Pipedrive."""
_PERSON = "person"
_TOLD_AS = {"name": "name", "emails": "email", "phones": "phone"}
"""What a change of a person tells of each field."""
_EVER = datetime(2000, 1, 1, tzinfo=UTC)
"""The time of what never changes."""


@dataclass(frozen=True)
class Persons:
    """The persons of one Pipedrive company."""

    client: PipedriveClient
    store: Store

    async def written(self, deal_id: str, contact: Contact, place: int) -> Part:
        """The person that a contact is; one that is not there is made.

        Raises:
            NotHandedOver: Pipedrive cannot be asked now.
            Refused: our field is missing.
        """
        if (key := await self.client.key_field("person")) is None:
            raise Refused(f"Pipedrive has no field {KEY_NAME!r}: run dealwright integration check pipedrive --repair")
        ours = f"{deal_id}/{contact.id}"

        async def find() -> Lookup:
            if theirs := _THEIRS.fullmatch(contact.id):  # Pipedrive told us of them
                return Found(f"person:{theirs[1]}")
            by_email = await self.client.persons_with_email(contact.email) if contact.email else []
            found = by_email or await self.client.with_key("person", ours)
            return Found(f"person:{found[0]}") if found else Absent()

        async def send() -> str:
            if isinstance(there := await find(), Found):
                return str(there.reference)
            fields: dict[str, JsonValue] = {**values.person(contact), "custom_fields": {key: ours}}
            return f"person:{(await self.client.create(PersonRecord, 'persons', fields)).id}"

        async def arrived(reference: str | None) -> None:
            if reference is not None:
                await links.link(self.store, SOURCE, reference, deal_id)
                id_ = reference.partition(":")[2]
                await mirror.note(self.store, SOURCE, f"contact:{ours}", {_PERSON: int(id_)}, _EVER)
                await mirror.note(self.store, SOURCE, reference, {OUR_ID: contact.id}, _EVER)

        delivery = Delivery(
            send=send, idempotency=Idempotency.SEARCHABLE, find=find, visible_after=SEARCH_LAG, arrived=arrived
        )
        return Part(name=f"person-{place}", delivery=delivery)

    async def put_on(self, deal: str, deal_id: str, contacts: Sequence[Contact]) -> dict[str, JsonValue]:
        """Bring the contacts of a deal up to date, and put them on it: the first is the deal's own, which is returned.

        Raises:
            NotHandedOver, Refused, Unanswered: Pipedrive did not take it. It may be asked again.
        """
        ids = [await self._person_of(deal_id, contact) for contact in contacts]
        for id_, contact in zip(ids, contacts, strict=True):
            await self._update(id_, contact)
        there = await self.client.participants(deal) if len(ids) > 1 else set(ids[:1])
        for id_ in ids[1:]:
            if id_ not in there:
                await self.client.add_participant(deal, id_)
        return {"person_id": ids[0]}

    async def _person_of(self, deal_id: str, contact: Contact) -> int:
        try:
            held = await mirror.known(self.store, SOURCE, f"contact:{deal_id}/{contact.id}")
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error
        return int(str(held[_PERSON].value))

    async def _update(self, id_: int, contact: Contact) -> None:
        """Write the name, and an address or number where there is none: a person there may have several."""
        there = await self.client.person(id_)
        if there is None:
            return
        wanted = values.person(contact)
        if there.name == contact.name:
            del wanted["name"]
        for name, has in (("emails", there.emails), ("phones", there.phones)):
            if any(one.value for one in has):
                wanted.pop(name, None)
        await first_seen(self.store, f"person:{id_}", person_values(there), there.update_time)
        if not wanted:
            return
        ours = {"name": contact.name, "emails": contact.email, "phones": contact.phone}
        told = {_TOLD_AS[name]: value or "" for name, value in ours.items() if name in wanted}
        written = await own_writes_to(self.store).write(
            f"person:{id_}", told, lambda: self.client.update(PersonRecord, "persons", id_, wanted), updated_at
        )
        held = {name: value for name, value in person_values(written).items() if name in told}
        await kept(mirror.note(self.store, SOURCE, f"person:{id_}", held, written.update_time))
