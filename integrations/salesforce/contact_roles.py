"""The buyer's people on an opportunity: contacts, and the roles that tie them to it."""

from __future__ import annotations

from pydantic import JsonValue

from dealwright.deal import Contact
from integrations.kit.delivery import Absent, Delivery, Found, Idempotency, Lookup, Part
from integrations.kit.errors import NotHandedOver
from integrations.salesforce.opportunities import Opportunities
from integrations.salesforce.org import Org
from integrations.salesforce.people import People, contact_key, contact_values
from integrations.salesforce.soql import quoted, select

_ROLE = "OpportunityContactRole"
_LONGEST_ROLE = 40


class ContactRoles:
    """Puts contacts on opportunities. Nobody is taken off."""

    def __init__(self, org: Org, opportunities: Opportunities, people: People) -> None:
        self._client, self._connection = org.client, org.connection
        self._memory, self._clock = org.memory, org.clock
        self._opportunities, self._people = opportunities, people

    def of(self, deal_id: str, contact: Contact, *, primary: bool) -> tuple[Part, Part]:
        """The contact, who is made where they are not there, and their role."""
        key_field, key = self._connection.contact_field, contact_key(deal_id, contact)

        async def make() -> str:
            found = await self._people.contact(deal_id, contact)
            if found is None:
                found = await self._client.create("Contact", {**contact_values(contact), key_field: key}, key_field)
            return f"contact:{found}"

        async def join() -> str:
            opportunity, person = await self._ends(deal_id, contact)
            role: dict[str, JsonValue] = {
                "OpportunityId": opportunity, "ContactId": person, "IsPrimary": primary,
                "Role": contact.role[:_LONGEST_ROLE] if contact.role else None,
            }  # fmt: skip
            return f"role:{await self._client.create(_ROLE, role)}"

        async def find() -> Lookup:
            opportunity, person = await self._ends(deal_id, contact)
            conditions = [f"OpportunityId = {quoted(opportunity)}", f"ContactId = {quoted(person)}"]
            rows = await self._client.query(select(["Id"], _ROLE, *conditions, limit=1))
            return Found(f"role:{rows[0]['Id']}") if rows else Absent()

        async def remember(reference: str | None) -> None:
            if reference is not None:
                await self._memory.hold(reference, {ours_in(deal_id): contact.id}, self._clock())

        return (
            Part(
                name=f"contact-{contact.id}",
                delivery=Delivery(send=make, idempotency=Idempotency.VENDOR, arrived=remember),
            ),
            Part(
                name=f"role-{contact.id}",
                delivery=Delivery(send=join, idempotency=Idempotency.SEARCHABLE, find=find),
            ),
        )

    async def _ends(self, deal_id: str, contact: Contact) -> tuple[str, str]:
        """The opportunity and the contact, who were made before."""
        person = await self._people.contact(deal_id, contact)
        if person is None:
            raise NotHandedOver("the contact cannot be found in Salesforce yet")
        return await self._opportunities.require(deal_id), person


def ours_in(deal_id: str) -> str:
    """The property of a contact that holds our id for them in a deal: then what Salesforce tells of them is ours."""
    return f"ours:{deal_id}"
