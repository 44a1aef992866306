"""Accounts of deals as HubSpot's companies: written, put on deals, and read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from dealwright.deal import Account
from integrations.hubspot.changes import COMPANY_PROPERTIES
from integrations.hubspot.client import HubSpotClient, HubSpotObject, changed_at
from integrations.hubspot.own_key import KEY
from integrations.hubspot.own_objects import as_told, object_named, own_writes_to
from integrations.hubspot.settings import SOURCE
from integrations.kit.errors import NotHandedOver
from store import links
from store.database import Store
from store.errors import StoreAway

_MOST_DEALS = 20


@dataclass(frozen=True)
class Companies:
    """The companies of one HubSpot account."""

    client: HubSpotClient
    store: Store

    async def write(self, deal: str, account: Account) -> None:
        """Write a deal's account, and put the company on the HubSpot deal ``deal``.

        It is the company with our key, else one with the account's domain, else a new one. Made again, it changes
        nothing: the key is unique.

        Raises:
            NotHandedOver, Refused, Unanswered: HubSpot did not take it. It may be asked again.
            StoreAway: the database does not answer.
        """
        given = {"name": account.name, "domain": account.domain}
        wanted = {name: value for name, value in given.items() if value}
        there = await self.client.find("companies", account.id, properties=COMPANY_PROPERTIES)
        if there is None and account.domain:
            there = await self._adopted(account.id, account.domain)
        if there is None:
            first = {"name": account.domain or account.id, **wanted}
            there = await self._written(account, first, lambda: self.client.upsert("companies", account.id, first))
        elif any(there.properties.get(name) != value for name, value in wanted.items()):
            id_ = there.id
            there = await self._written(account, wanted, lambda: self.client.update("companies", id_, wanted))
        await self.client.associate("deals", deal, "companies", there.id)

    async def account_on(self, deal: HubSpotObject) -> dict[str, JsonValue] | None:
        """The account of a deal that was read with its companies; None where there is none."""
        ids = deal.associated("companies")
        there = await self._read(ids[0]) if ids else None
        return _as_account(there) if there else None

    async def told_to(self, company: str, deal: str | None) -> JsonValue:
        """What to tell of a company, one item for each deal whose account it is; None where there is none.

        ``deal`` is the HubSpot deal that it was put on, where that is what happened.

        Raises:
            NotHandedOver, Refused, Unanswered: HubSpot, or the database, cannot be asked now.
        """
        if (there := await self._read(company)) is None:
            return None
        account = _as_account(there)
        wanted = [deal] if deal else [one async for one in self._linked(there)]
        told: list[JsonValue] = [
            {"account": account, "object": f"deal:{each}"}
            for each in wanted
            if await self._is_account_of(company, each)
        ]
        return told or None

    async def _adopted(self, key: str, domain: str) -> HubSpotObject | None:
        """The oldest company with a domain, with our key from now on; None where all of them have another key."""
        for found in await self.client.search("companies", "domain", domain, (KEY, *COMPANY_PROPERTIES)):
            if not found.properties.get(KEY):
                return await self.client.update("companies", found.id, {KEY: key})
        return None

    async def _written(
        self, account: Account, wanted: Mapping[str, str], send: Callable[[], Awaitable[HubSpotObject]]
    ) -> HubSpotObject:
        """Write a company, which is known by its key until its id is."""
        own, told = own_writes_to(self.store), as_told(wanted)
        written = await own.write(object_named("company", account.id), told, send, changed_at)
        await own.wrote(f"company:{written.id}", told, written.updated_at)
        return written

    async def _read(self, company: str) -> HubSpotObject | None:
        return await self.client.read("companies", company, properties=(KEY, *COMPANY_PROPERTIES), with_=("deals",))

    async def _linked(self, company: HubSpotObject) -> AsyncIterator[str]:
        for deal in sorted(company.associated("deals"))[:_MOST_DEALS]:
            try:
                if await links.deal_of(self.store, SOURCE, f"deal:{deal}") is not None:
                    yield deal
            except StoreAway as error:
                raise NotHandedOver(str(error)) from error

    async def _is_account_of(self, company: str, deal: str) -> bool:
        """Whether it is the first company of a HubSpot deal: that one is its account."""
        there = await self.client.read("deals", deal, with_=("companies",))
        return there is not None and there.associated("companies")[:1] == [company]


def _as_account(company: HubSpotObject) -> dict[str, JsonValue]:
    known = company.properties
    account: dict[str, JsonValue] = {"id": known.get(KEY) or f"hubspot-{company.id}"}
    return {**account, **{name: value for name in COMPANY_PROPERTIES if (value := known.get(name))}}
