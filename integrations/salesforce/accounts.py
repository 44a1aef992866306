"""Accounts of deals as Salesforce's: made where there is none, put on opportunities, and read."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import JsonValue

from dealwright.deal import Account
from integrations.kit.delivery import Delivery, Idempotency, Part
from integrations.kit.errors import NotHandedOver
from integrations.kit.websites import domain_of
from integrations.salesforce.client import Row, Values
from integrations.salesforce.external_keys import external_key
from integrations.salesforce.org import Org
from integrations.salesforce.soql import quoted, select

_LONGEST_NAME = 255
_KNOWN_FOR = timedelta(minutes=15)


class Accounts:
    """The accounts of one org. One that was read is remembered for a quarter of an hour."""

    def __init__(self, org: Org) -> None:
        self._client, self._field, self._clock = org.client, org.connection.account_field, org.clock
        self._read: dict[str, tuple[Row, datetime]] = {}

    def of(self, account: Account) -> Part:
        """The account, which is made where it is not there. One that we made gets the name and website of today."""
        key = external_key(account.id)

        async def send() -> str:
            made = await self._client.find("Account", self._field, key)
            found = made or await self._with_website(account)
            if found is None:
                name = {"Name": (account.name or account.domain or account.id)[:_LONGEST_NAME]}
                found = await self._client.create(
                    "Account", {**name, **_values(account), self._field: key}, self._field
                )
            elif made is not None and (values := _values(account)):
                await self._client.update("Account", found, values, ("Id",))
            return f"account:{found}"

        return Part(name=f"account-{account.id}", delivery=Delivery(send=send, idempotency=Idempotency.VENDOR))

    async def id_of(self, account: Account) -> str:
        """The id of an account, which was made before.

        Raises:
            NotHandedOver: it is not there yet.
        """
        found = await self._client.find("Account", self._field, external_key(account.id))
        if (found := found or await self._with_website(account)) is None:
            raise NotHandedOver("the account cannot be found in Salesforce yet")
        return found

    async def shown(self, id_: str) -> dict[str, JsonValue] | None:
        """An account as deals know it; None where nothing is known by this id."""
        known = self._read.get(id_)
        if known is None or self._clock() - known[1] > _KNOWN_FOR:
            query = select(["Name", "Website", self._field], "Account", f"Id = {quoted(id_)}", limit=1)
            rows = await self._client.query(query)
            if not rows:
                return None
            known = self._read[id_] = rows[0], self._clock()
        row = known[0]
        told = {"id": row.get(self._field) or f"salesforce-{id_}", "name": row.get("Name"), "domain": _domain_in(row)}
        return {name: value for name, value in told.items() if value}

    async def _with_website(self, account: Account) -> str | None:
        """The oldest account with the domain as its website, however people wrote it."""
        if not account.domain:
            return None
        hosts = (account.domain, f"www.{account.domain}")
        written = [
            f"{scheme}{host}{end}" for scheme in ("", "https://", "http://") for host in hosts for end in ("", "/")
        ]
        condition = f"Website IN ({', '.join(map(quoted, written))})"
        rows = await self._client.query(select(["Id"], "Account", condition, order="CreatedDate", limit=1))
        return str(rows[0]["Id"]) if rows else None


def _values(account: Account) -> Values:
    given = {"Name": account.name and account.name[:_LONGEST_NAME], "Website": account.domain}
    return {name: value for name, value in given.items() if value}


def _domain_in(row: Row) -> str | None:
    website = row.get("Website")
    return domain_of(website) if isinstance(website, str) else None
