"""Looks up what an event of Pipedrive only hints at: the deal as it is by now, its owner, persons and organization."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import JsonValue

from dealwright.values.iso_codes import wrong_currency
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.tool import Connected
from integrations.pipedrive.changes import CLOSES, JsonObject, followed, own_values
from integrations.pipedrive.client import PipedriveClient
from integrations.pipedrive.organizations import Organizations
from integrations.pipedrive.persons import OUR_ID
from integrations.pipedrive.records import DealRecord, text_of
from integrations.pipedrive.settings import SOURCE, PipedriveConnection
from integrations.pipedrive.users import Users
from store import links, mirror
from store.database import Store
from store.errors import StoreAway
from store.own_writes import is_own

_EVER = datetime(2000, 1, 1, tzinfo=UTC)
"""Before anything was written."""


def pipedrive_fetcher(connected: Connected) -> PipedriveFetcher:
    """The fetcher of an installation that is connected to Pipedrive."""
    return PipedriveFetcher(connected.block(PipedriveConnection), connected.store)


class PipedriveFetcher:
    """Reads in one Pipedrive company."""

    def __init__(self, connection: PipedriveConnection, store: Store) -> None:
        self._connection, self._store = connection, store
        self._client = PipedriveClient(connection, store)
        self._users = Users(self._client, connection.owners)
        self._organizations = Organizations(self._client, store, connection.website_field)

    async def fetch(self, what: JsonValue) -> JsonValue | None:
        """What ``fetch`` of a change names; None when it is not there any more.

        Raises:
            NotHandedOver, Unanswered: Pipedrive, or the database, cannot be asked now.
            Refused: it can never be had.
        """
        match what:
            case {"deal": id_, "field": field, "value": value, **who}:
                there = await self._client.deal(str(id_))
                return None if there is None else await self._changed(there, str(field), value, who.get("by"))
            case {"deal": id_}:
                there = await self._client.deal(str(id_))
                return None if there is None or there.is_deleted else await self._deal(there)
            case {"user": id_}:
                return {"by": await self._name_of(id_)}
            case {"person": id_}:
                return await self._person(int(str(id_)))
            case {"organization": id_}:
                return await self._organizations.told_to(int(str(id_)))
            case _:
                return None

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def _changed(self, deal: DealRecord, field: str, value: JsonValue, by: object) -> JsonObject:
        """Whether a field still holds what an event told, and who that is.

        What we wrote over somebody's edit counts as if it were not there: the edit is told, and holds.
        """
        now = {**followed(deal), **own_values(deal, self._connection.fields)}.get(field)
        told: JsonObject = {"current": now == value or await self._was_written_here(deal, field, now)}
        if field == CLOSES:
            told |= {"by": await self._name_of(by or await self._who_changed(deal, field, str(value)))}
        if field == "owner_id":
            told |= {"owner": await self._owner(deal)}
        if field == "person_id" and deal.person_id:
            told |= {"contact": await self._contact(deal.person_id)}
        if field == "org_id" and deal.org_id:
            told |= {"account": await self._organizations.shown(deal.org_id)}
        return told

    async def _was_written_here(self, deal: DealRecord, field: str, value: JsonValue) -> bool:
        try:
            return is_own(await mirror.known(self._store, SOURCE, f"deal:{deal.id}"), field, value, _EVER)
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error

    async def _deal(self, deal: DealRecord) -> JsonObject:
        key, contact = await self._client.key_field("deal"), None
        if deal.person_id:
            contact = await self._contact(deal.person_id)
        role, owner = self._connection.settings.get("owner_role", "sdr"), await self._owner(deal)
        known = bool(deal.value) and deal.currency and wrong_currency(deal.currency) is None
        return {
            "key": text_of(deal.custom_fields, key) if key else None,
            "title": deal.title,
            "amount": {"amount": f"{deal.value:f}", "currency": deal.currency} if known else None,
            "close_on": deal.expected_close_date.isoformat() if deal.expected_close_date else None,
            "account": await self._organizations.shown(deal.org_id) if deal.org_id else None,
            "contacts": [contact] if contact else None,
            "owners": {role: owner} if role and owner else None,
        }

    async def _owner(self, deal: DealRecord) -> JsonObject | None:
        person = await self._users.person(deal.owner_id) if deal.owner_id else None
        return person.model_dump(mode="json", exclude_none=True) if person else None

    async def _who_changed(self, deal: DealRecord, field: str, value: str) -> int | None:
        """Who gave a field its value, which a poll found: a webhook says so itself."""
        try:
            return await self._client.who_changed(deal.id, field, value)
        except Refused:  # we may not see that: the change holds all the same
            return None

    async def _name_of(self, user: object) -> str | None:
        """The name of a user; None for nobody who is one."""
        person = await self._users.person(user) if isinstance(user, int) else None
        return person.name if person else None

    async def _person(self, id_: int) -> JsonObject | None:
        """A person, with the deal of theirs that is known here."""
        contact = await self._contact(id_)
        if contact is None:
            return None
        objects = [f"deal:{deal.id}" for deal in await self._client.deals_of_person(id_)]
        try:
            if (owned := f"person:{id_}") and await links.deal_of(self._store, SOURCE, owned):
                objects = [owned]
            known = [one for one in objects if await links.deal_of(self._store, SOURCE, one)]
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error
        return {"contact": contact, "object": known[0]} if known else {}

    async def _contact(self, id_: int) -> JsonObject | None:
        there = await self._client.person(id_)
        if there is None:
            return None
        told: JsonObject = {
            "id": await self._our_id(id_), "name": there.name or there.email or f"Pipedrive person {id_}",
            "email": there.email, "phone": there.phone, "role": there.job_title,
        }  # fmt: skip
        return {name: value for name, value in told.items() if value}

    async def _our_id(self, person: int) -> str:
        try:
            held = await mirror.known(self._store, SOURCE, f"person:{person}")
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error
        return str(held[OUR_ID].value) if OUR_ID in held else f"pipedrive-{person}"
