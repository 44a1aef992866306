"""Contacts as prospects in Outreach: found by their address, and made where an installation wants that."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from pydantic import JsonValue

from dealwright.deal import Contact
from integrations.kit.delivery import Absent, Delivery, Found, Idempotency, Lookup, Part
from integrations.kit.documents import names
from integrations.kit.errors import Refused
from integrations.outreach.client import OutreachClient

VISIBLE_AFTER = timedelta(seconds=30)
"""Outreach promises nothing of its lists."""


def prospect_part(client: OutreachClient, address: str, attributes: Mapping[str, JsonValue], owner: int | None) -> Part:
    """A contact as a prospect, made where Outreach does not know them."""

    async def send() -> str:
        if (there := await client.prospect(address)) is not None:
            return there.key
        try:
            return (await client.create_prospect(attributes, owner)).key
        except Refused:
            if (there := await client.prospect(address)) is None:  # else another deal was first
                raise
            return there.key

    async def find() -> Lookup:
        there = await client.prospect(address)
        return Absent() if there is None else Found(there.key)

    delivery = Delivery(send=send, idempotency=Idempotency.SEARCHABLE, find=find, visible_after=VISIBLE_AFTER)
    return Part(name="prospect", delivery=delivery)


def attributes_of(contact: Contact, address: str, company: str | None) -> dict[str, JsonValue]:
    """What a new prospect is made of."""
    first, last = names(contact.name)
    known = {"company": company} if company else {}
    return {"emails": [address], "firstName": first, "lastName": last, **known}
