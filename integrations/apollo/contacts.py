"""Contacts of ours in Apollo: found by their address, and saved where an installation wants that."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import JsonValue

from dealwright.deal import Contact as OurContact
from integrations.apollo.client import ApolloClient
from integrations.apollo.records import Contact
from integrations.apollo.settings import SOURCE
from integrations.kit.delivery import Delivery, Idempotency, Part
from integrations.kit.documents import names
from store import mirror
from store.database import Store


class ApolloContacts:
    """Contacts of one team."""

    def __init__(self, client: ApolloClient, store: Store) -> None:
        self._client, self._store = client, store

    async def now(self, address: str) -> Contact | None:
        """The contact with an address as they stand now: a search shows late who was made, and what has changed.

        Raises:
            NotHandedOver, Refused, Unanswered: Apollo cannot be asked.
            StoreAway: the database does not answer.
        """
        made = (await mirror.known(self._store, SOURCE, _made(address))).get("id")
        if made is not None and (contact := await self._client.contact(str(made.value))) is not None:
            return contact
        found = await self._client.contact_with(address)
        return None if found is None else await self._client.contact(found.id)

    def part(self, address: str, values: Mapping[str, JsonValue]) -> Part:
        """The contact, made where Apollo does not know them; it knows them by their address (``run_dedupe``)."""

        async def send() -> str:
            if (there := await self.now(address)) is not None:
                return there.id
            return (await self._client.create(values)).id

        async def arrived(id_: str | None) -> None:
            await mirror.note(self._store, SOURCE, _made(address), {"id": id_}, datetime.now(UTC))

        return Part(name="contact", delivery=Delivery(send=send, idempotency=Idempotency.VENDOR, arrived=arrived))


def values_of(contact: OurContact, address: str, company: str | None) -> dict[str, JsonValue]:
    """What a new contact is made of."""
    first, last = names(contact.name)
    known = {"organization_name": company} if company else {}
    return {"email": address, "first_name": first, "last_name": last, **known}


def _made(address: str) -> str:
    return f"contact:{address}"
