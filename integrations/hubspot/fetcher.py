"""Looks up what an event of HubSpot only hints at: the deal behind its id, the owner, the contact, the task."""

from __future__ import annotations

from pydantic import JsonValue

from dealwright.values.iso_codes import wrong_currency
from integrations.hubspot.authors import Authors
from integrations.hubspot.changes import CONTACT_PROPERTIES, JsonObject
from integrations.hubspot.client import HubSpotClient, HubSpotObject
from integrations.hubspot.companies import Companies
from integrations.hubspot.crm import OUR_ID
from integrations.hubspot.echoes import is_of_our_making
from integrations.hubspot.own_key import KEY
from integrations.hubspot.own_objects import object_named
from integrations.hubspot.owners import Owners
from integrations.hubspot.settings import SOURCE, HubSpotConnection
from integrations.kit.errors import NotHandedOver
from integrations.kit.task_outcomes import OutcomeWords
from integrations.kit.tool import Connected
from store import links, mirror
from store.database import Store
from store.errors import StoreAway

_DEAL = ("dealname", "dealstage", "amount", "closedate", "hubspot_owner_id", "deal_currency_code", KEY)
_MOST_CONTACTS = 20


def hubspot_fetcher(connected: Connected) -> HubSpotFetcher:
    """The fetcher of an installation that is connected to HubSpot."""
    return HubSpotFetcher(connected.block(HubSpotConnection), connected.store)


class HubSpotFetcher:
    """Reads in one HubSpot account."""

    def __init__(self, connection: HubSpotConnection, store: Store) -> None:
        self._connection, self._store = connection, store
        self._client = HubSpotClient(connection, store)
        self._owners = Owners(self._client, connection.owners)
        self._companies = Companies(self._client, store)
        self._authors = Authors(self._client)

    async def fetch(self, what: JsonValue) -> JsonValue | None:
        """What ``fetch`` of a change names; None when it is not there any more.

        Raises:
            NotHandedOver, Unanswered: HubSpot, or the database, cannot be asked now.
            Refused: it can never be had.
        """
        if isinstance(what, dict) and isinstance(written := what.get("written"), dict):
            if await is_of_our_making(self._store, self._client, written):
                return {"ours": True}
            if what.keys() == {"written"}:
                return {}
        return await self._looked_up(what)

    async def _looked_up(self, what: JsonValue) -> JsonValue | None:
        match what:
            case {"contact": id_, **rest}:
                return await self._contact(str(id_), str(rest["deal"]) if "deal" in rest else None)
            case {"company": id_, **rest}:
                return await self._companies.told_to(str(id_), str(rest["deal"]) if "deal" in rest else None)
            case {"deal": id_}:
                return await self._deal(str(id_))
            case {"owner": id_}:
                owner = await self._owners.person(str(id_))
                return {"owner": owner.model_dump(mode="json", exclude_none=True) if owner else None}
            case {"said": dict(said)}:
                return {"by": await self._authors.of(said)}
            case {"task": id_, **more}:
                return await self._task(str(id_), more.get("user"))
            case _:
                return None

    async def _task(self, id_: str, user: object) -> JsonObject:
        """Which task of ours it is, how it ended, and who completed it."""
        named = self._connection.outcome_property
        there = await self._client.read("tasks", id_, properties=(KEY, *((named,) if named else ())))
        key = (there.properties.get(KEY) or "") if there else ""
        if not key:
            return {"task": None}
        said = there.properties.get(named) if there and named else None
        outcome = OutcomeWords(self._connection.outcomes).ours(said)
        return {
            "task": key.removeprefix("task:"),
            "outcome": outcome,
            "by": await self._authors.of({"user": str(user) if user else None}),
        }

    async def _deal(self, id_: str) -> JsonObject | None:
        there = await self._client.read("deals", id_, properties=_DEAL, with_=("contacts", "companies"))
        if there is None:
            return None
        read = [await self._read_contact(contact) for contact in there.associated("contacts")[:_MOST_CONTACTS]]
        contacts: list[JsonValue] = [await self._as_contact(one) for one in read if one is not None]
        return {
            "key": there.properties.get(KEY),
            "title": there.properties.get("dealname") or f"HubSpot deal {id_}",
            "amount": self._amount(there),
            "contacts": contacts or None,
            "account": await self._companies.account_on(there),
            "owners": await self._owner_of(there),
        }

    async def _owner_of(self, deal: HubSpotObject) -> JsonObject | None:
        """Whom a deal belongs to, in the role that has a new deal here."""
        id_, role = deal.properties.get("hubspot_owner_id"), self._connection.settings.get("owner_role", "sdr")
        person = await self._owners.person(id_) if id_ and role else None
        return {role: person.model_dump(mode="json", exclude_none=True)} if person else None

    def _amount(self, deal: HubSpotObject) -> JsonValue:
        amount = deal.properties.get("amount")
        currency = deal.properties.get("deal_currency_code") or self._connection.settings.get("currency", "")
        if not amount or not currency or wrong_currency(currency) is not None:
            return None
        return {"amount": amount, "currency": currency}

    async def _contact(self, id_: str, deal: str | None) -> JsonObject | None:
        there = await self._read_contact(id_)
        if there is None:
            return None
        object_id = f"deal:{deal}" if deal else f"contact:{id_}"
        if deal is None and await self._linked(object_id) is None and (deals := there.associated("deals")):
            object_id = f"deal:{deals[0]}"
        return {"contact": await self._as_contact(there), "object": object_id}

    async def _read_contact(self, id_: str) -> HubSpotObject | None:
        return await self._client.read("contacts", id_, properties=(KEY, *CONTACT_PROPERTIES), with_=("deals",))

    async def _as_contact(self, there: HubSpotObject) -> JsonObject:
        known = there.properties
        name = " ".join(filter(None, (known.get("firstname"), known.get("lastname")))) or known.get("email")
        told: JsonObject = {
            "id": await self._our_id(there), "name": name or f"HubSpot contact {there.id}",
            "email": known.get("email"), "phone": known.get("phone"), "role": known.get("jobtitle"),
        }  # fmt: skip
        return {key: value for key, value in told.items() if value}

    async def _our_id(self, contact: HubSpotObject) -> str:
        """What the deal calls a contact, also of one that we have just made and were not told the id of."""
        keys = filter(None, (contact.properties.get(KEY), contact.properties.get("email")))
        for name in (f"contact:{contact.id}", *(object_named("contact", key) for key in keys)):
            try:
                held = await mirror.known(self._store, SOURCE, name)
            except StoreAway as error:
                raise NotHandedOver(str(error)) from error
            if OUR_ID in held:
                return str(held[OUR_ID].value)
        return f"hubspot-{contact.id}"

    async def _linked(self, object_id: str) -> str | None:
        try:
            return await links.deal_of(self._store, SOURCE, object_id)
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error
