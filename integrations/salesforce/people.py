"""Finds people of a deal in Salesforce: our own among its users, the buyer's among its contacts."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import JsonValue

from dealwright.deal import Contact, Person
from dealwright.values.addresses import normal
from integrations.salesforce.client import Row, Values
from integrations.salesforce.external_keys import external_key
from integrations.salesforce.org import Org
from integrations.salesforce.soql import quoted, select

_KNOWN_FOR = timedelta(minutes=15)
_LONGEST_NAME, _LONGEST_FIRST_NAME, _LONGEST_PHONE, _LONGEST_TITLE = 80, 40, 40, 128


class People:
    """Who is who. A user that was found, or not, is remembered for a quarter of an hour."""

    def __init__(self, org: Org) -> None:
        self._client, self._connection, self._clock = org.client, org.connection, org.clock
        self._owners = {normal(address): id_ for address, id_ in org.connection.owners.items()}
        self._users: dict[str, tuple[str | None, datetime]] = {}
        self._people: dict[str, tuple[Row | None, datetime]] = {}

    async def user(self, person: Person | None) -> str | None:
        """The id of the active user with somebody's address; None where there is none, or several."""
        if person is None or not person.email:
            return None
        address = normal(person.email)
        if (given := self._owners.get(address)) is not None:
            return given
        known = self._users.get(address)
        if known is not None and self._clock() - known[1] < _KNOWN_FOR:
            return known[0]
        query = select(["Id"], "User", f"Email = {quoted(address)}", "IsActive = true", limit=2)
        rows = await self._client.query(query)
        found = str(rows[0]["Id"]) if len(rows) == 1 else None
        self._users[address] = (found, self._clock())
        return found

    async def person(self, user: str | None) -> dict[str, JsonValue] | None:
        """The name and address of a user; None where nobody with an address is known by this id."""
        if user is None:
            return None
        known = self._people.get(user)
        if known is None or self._clock() - known[1] > _KNOWN_FOR:
            rows = await self._client.query(select(["Name", "Email"], "User", f"Id = {quoted(user)}", limit=1))
            known = (rows[0] if rows and rows[0].get("Email") else None), self._clock()
            self._people[user] = known
        if known[0] is None:
            return None
        ours = next((address for address, id_ in self._owners.items() if id_[:15] == user[:15]), None)
        return {"name": known[0].get("Name"), "email": ours or known[0]["Email"]}

    async def contact(self, deal_id: str, contact: Contact) -> str | None:
        """The id of a contact who is there already: made by us, or the oldest with their address."""
        key = contact_key(deal_id, contact)
        made = await self._client.find("Contact", self._connection.contact_field, key)
        if made is not None:
            return made
        if not contact.email:
            return None
        query = select(["Id"], "Contact", f"Email = {quoted(normal(contact.email))}", order="CreatedDate", limit=1)
        rows = await self._client.query(query)
        return str(rows[0]["Id"]) if rows else None


def contact_key(deal_id: str, contact: Contact) -> str:
    """What a contact is called in Salesforce: by their address, so that two deals with one person make one contact."""
    return external_key(normal(contact.email) if contact.email else f"{deal_id}/{contact.id}")


def contact_values(contact: Contact) -> Values:
    """What a new contact holds. What people change there later is left as it is."""
    first, _, last = contact.name.strip().rpartition(" ")
    return {
        "FirstName": first[:_LONGEST_FIRST_NAME] or None,
        "LastName": last[:_LONGEST_NAME] or "Unknown",
        "Email": contact.email,
        "Phone": contact.phone[:_LONGEST_PHONE] if contact.phone else None,
        "Title": contact.role[:_LONGEST_TITLE] if contact.role else None,
    }
