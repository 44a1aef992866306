"""Accounts of deals as Pipedrive's organizations: found or made, put on deals, and read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from dealwright.deal import Account
from integrations.kit.delivery import Absent, Delivery, Found, Idempotency, Lookup, Part
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.websites import domain_of
from integrations.pipedrive.changes import organization_values
from integrations.pipedrive.client import PipedriveClient
from integrations.pipedrive.deal_record import SEARCH_LAG, kept
from integrations.pipedrive.own_writes import first_seen, own_writes_to, updated_at
from integrations.pipedrive.records import OrganizationRecord, text_of
from integrations.pipedrive.settings import KEY_NAME, SOURCE
from integrations.pipedrive.values import LONGEST_SUBJECT, JsonObject
from store import links, mirror
from store.database import Store

_THEIRS = re.compile(r"pipedrive-(\d+)")
"""What a deal calls an account that it knows from Pipedrive."""
_ORGANIZATION, _KIND = "organization", "organizations"
_EVER = datetime(2000, 1, 1, tzinfo=UTC)
"""The time of what never changes."""
_MADE_BY_ONE = timedelta(minutes=5)
"""How long after its last attempt one effect alone may make an account's organization."""
_SOON = timedelta(seconds=2)


@dataclass(frozen=True)
class Organizations:
    """The organizations of one Pipedrive company. ``website`` is the code of the field that holds theirs."""

    client: PipedriveClient
    store: Store
    website: str | None

    async def written(self, account: Account, effect_id: str) -> Part:
        """The organization that an account is; one that is not there is made, by one effect alone.

        It is the one with our key, else the one with the account's website or else with exactly its name, which nobody
        else has the key of; else a new one.

        Raises:
            NotHandedOver: Pipedrive cannot be asked now.
            Refused: our field is missing.
        """
        key = await self._key()

        async def find() -> Lookup:
            if (known := await self._known(account)) is not None:
                return Found(f"{_ORGANIZATION}:{known.id}")
            there = await self._found(account, key)
            return Found(f"{_ORGANIZATION}:{there}") if there else Absent()

        async def send() -> str:
            if isinstance(there := await find(), Found):
                return str(there.reference)
            await self._alone(account, effect_id)
            first: JsonObject = {"name": (account.name or account.domain or account.id)[:LONGEST_SUBJECT]}
            fields = {**first, "custom_fields": {key: account.id, **self._website(account)}}
            return f"{_ORGANIZATION}:{(await self.client.create(OrganizationRecord, _KIND, fields)).id}"

        async def arrived(reference: str | None) -> None:
            if reference is not None:
                held = {_ORGANIZATION: int(reference.partition(":")[2])}
                await mirror.note(self.store, SOURCE, f"account:{account.id}", held, _EVER)

        delivery = Delivery(
            send=send, idempotency=Idempotency.SEARCHABLE, find=find, visible_after=SEARCH_LAG, arrived=arrived
        )
        return Part(name=_ORGANIZATION, delivery=delivery)

    async def put_on(self, account: Account) -> JsonObject:
        """Bring the organization of an account up to date, and return what puts it on a deal.

        Raises:
            NotHandedOver, Refused, Unanswered: Pipedrive did not take it. It may be asked again.
        """
        if (there := await self._known(account)) is None:
            raise NotHandedOver("the account's organization is not known yet, or was just deleted in Pipedrive")
        object_id, shown = f"{_ORGANIZATION}:{there.id}", organization_values(there, self.website)
        await first_seen(self.store, object_id, shown, there.update_time)
        if wanted := await self._differences(there, account):
            await self._update(there.id, wanted)
        return {"org_id": there.id}

    async def _update(self, id_: int, wanted: JsonObject) -> None:
        custom = wanted.get("custom_fields")
        website = custom.get(self.website) if isinstance(custom, dict) and self.website else None
        told = {name: value for name, value in {"name": wanted.get("name"), "website": website}.items() if value}
        object_id = f"{_ORGANIZATION}:{id_}"
        written = await own_writes_to(self.store).write(
            object_id, told, lambda: self.client.update(OrganizationRecord, _KIND, id_, wanted), updated_at
        )
        held = {name: one for name, one in organization_values(written, self.website).items() if name in told}
        await kept(mirror.note(self.store, SOURCE, object_id, held, written.update_time))

    async def shown(self, id_: int) -> JsonObject | None:
        """An organization as deals know it; None where it is not there.

        Raises:
            NotHandedOver: Pipedrive cannot be asked now.
        """
        if (there := await self._living(id_)) is None:
            return None
        key = await self.client.key_field(_ORGANIZATION)
        told: JsonObject = {
            "id": (text_of(there.custom_fields, key) if key else "") or f"pipedrive-{id_}", "name": there.name,
            "domain": self._domain(there),
        }  # fmt: skip
        return {name: value for name, value in told.items() if value}

    async def told_to(self, id_: int) -> JsonValue:
        """What to tell of an organization, one item for each deal here whose account it is; None where there is none.

        Raises:
            NotHandedOver: Pipedrive, or the database, cannot be asked now.
        """
        if (account := await self.shown(id_)) is None:
            return None
        objects = [f"deal:{deal.id}" for deal in await self.client.deals_of_organization(id_)]
        told: list[JsonValue] = [
            {"account": account, "object": one}
            for one in objects
            if await kept(links.deal_of(self.store, SOURCE, one)) is not None
        ]
        return told or None

    async def _key(self) -> str:
        if (key := await self.client.key_field(_ORGANIZATION)) is None:
            raise Refused(f"Pipedrive has no field {KEY_NAME!r}: run dealwright integration check pipedrive --repair")
        return key

    async def _known(self, account: Account) -> OrganizationRecord | None:
        """The organization that an account was before, as long as it is there."""
        held = await kept(mirror.known(self.store, SOURCE, f"account:{account.id}"))
        theirs = _THEIRS.fullmatch(account.id)
        id_ = held[_ORGANIZATION].value if _ORGANIZATION in held else theirs and theirs[1]
        return await self._living(str(id_)) if id_ else None

    async def _living(self, id_: str | int) -> OrganizationRecord | None:
        there = await self.client.organization(id_)
        return there if there is not None and not there.is_deleted else None

    async def _found(self, account: Account, key: str) -> int | None:
        """The organization with our key, else one that fits and is nobody else's."""
        if by_key := await self.client.with_key(_ORGANIZATION, account.id):
            return by_key[0]
        by_domain = await self._with_domain(account.domain) if account.domain else []
        named = [] if by_domain or not account.name else await self.client.organizations_named(account.name)
        for id_ in by_domain or (named if len(named) == 1 else []):
            if (there := await self._living(id_)) is not None and not text_of(there.custom_fields, key):
                return id_
        return None

    async def _with_domain(self, domain: str) -> list[int]:
        if self.website is None:
            return []
        found = await self.client.holding(_ORGANIZATION, self.website, domain)
        return [id_ for id_, website in found if domain_of(website) == domain]

    def _website(self, account: Account) -> JsonObject:
        return {self.website: account.domain} if self.website and account.domain else {}

    def _domain(self, there: OrganizationRecord) -> str | None:
        return domain_of(text_of(there.custom_fields, self.website)) if self.website else None

    async def _differences(self, there: OrganizationRecord, account: Account) -> JsonObject:
        """What of an organization is other than the account: its name, its website and our key in it."""
        wanted: JsonObject = {}
        if account.name and there.name != account.name[:LONGEST_SUBJECT]:
            wanted["name"] = account.name[:LONGEST_SUBJECT]
        custom: JsonObject = {}
        if account.domain and self._domain(there) != account.domain:
            custom |= self._website(account)
        key = await self._key()
        if not _THEIRS.fullmatch(account.id) and not text_of(there.custom_fields, key):
            custom[key] = account.id
        return {**wanted, **({"custom_fields": custom} if custom else {})}

    async def _alone(self, account: Account, effect_id: str) -> None:
        now = datetime.now(UTC)
        claim = mirror.claim(
            self.store, SOURCE, f"making:{account.id}", effect_id, now, unless_held_since=now - _MADE_BY_ONE
        )
        if (makes := await kept(claim)) != effect_id:
            raise NotHandedOver(f"{makes} makes the organization in Pipedrive", retry_after=_SOON)
