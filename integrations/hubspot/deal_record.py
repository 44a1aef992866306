"""A deal's record in HubSpot: where it is, what an update writes into it, and what it is known to hold since."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dealwright.effects import UpdateCrm
from integrations.hubspot import values
from integrations.hubspot.client import HubSpotClient, HubSpotObject, changed_at
from integrations.hubspot.own_key import KEY
from integrations.hubspot.own_objects import as_told, object_named, own_writes_to
from integrations.hubspot.owners import Owners
from integrations.hubspot.settings import SOURCE, HubSpotConnection
from integrations.kit.crossing import MOST_ROUNDS, Decided, crossed
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.own_writes import OwnWrites
from store import links, mirror
from store.database import Store
from store.errors import StoreAway

_WRITTEN = "~written:"
"""Before the name of a property, in what is mirrored: what the update wrote that was decided last, as of the
deal's time."""
_ENDS = {"won": "closed_won", "lost": "closed_lost"}
_CLOSED = {"closed_won": "closedwon", "closed_lost": "closedlost"}
"""HubSpot's stages for the ends, in a pipeline that nobody made anew."""


@dataclass(frozen=True)
class DealRecords:
    """The deals of one HubSpot account."""

    client: HubSpotClient
    store: Store
    connection: HubSpotConnection
    owners: Owners

    @property
    def own(self) -> OwnWrites:
        """What is written there."""
        return own_writes_to(self.store)

    async def linked(self, deal_id: str) -> str | None:
        """The HubSpot deal that a deal is linked to.

        Raises:
            NotHandedOver: the database does not answer.
        """
        try:
            found = await links.objects_of(self.store, deal_id, SOURCE, "deal")
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error
        return found[0] if found else None

    async def ensure(self, deal_id: str) -> str:
        """The HubSpot deal of a deal; one that has none gets one, with its id as its name until an update says more.

        Raises:
            NotHandedOver, Refused, Unanswered: HubSpot did not take it. It may be asked again.
        """
        if (there := await self.linked(deal_id)) is not None:
            return there
        first = next((stage for stage in self.connection.stages.values() if stage), "")
        if not first:
            raise Refused("No stage is mapped: write stages: under hubspot in the connections file")
        properties = {"dealname": deal_id, "pipeline": self.connection.pipeline, "dealstage": first}
        return (await self._made(deal_id, properties, lambda: self.client.create("deals", deal_id, properties))).id

    async def _wanted(self, effect: UpdateCrm, there: str | None) -> dict[str, str]:
        wanted: dict[str, str] = {}
        if effect.writes("outcome") and effect.outcome in _ENDS:
            wanted["dealstage"] = self._stage(_ENDS[effect.outcome])
            wanted |= {"closed_lost_reason": effect.reason} if effect.outcome == "lost" and effect.reason else {}
        elif effect.writes("stage") or there is None:
            wanted["dealstage"] = self._stage(effect.stage)
        if effect.writes("amount"):
            wanted["amount"] = values.amount(effect.amount)
            wanted |= self._currency(effect)
        if effect.writes("title") or there is None:
            wanted["dealname"] = effect.title or ""
        if effect.writes("close_on"):
            wanted["closedate"] = values.day(effect.close_on)
        if effect.writes("owner"):
            owner = await self.owners.id_of(effect.owner)
            wanted |= {"hubspot_owner_id": owner} if owner else {}
        return {name: value for name, value in wanted.items() if value or name in {"amount", "closedate"}}

    async def write(self, deal_id: str, effect: UpdateCrm) -> str:
        """Write an update into the deal's record; returns HubSpot's id of it. Where there is none, one is opened.

        What was decided later stands there in the end, also where two updates cross (``integrations.kit.crossing``).

        Raises:
            Refused: a stage has no counterpart in HubSpot, or HubSpot does not take it.
            NotHandedOver, Unanswered: HubSpot or the database did not answer. It may be asked again.
        """
        there = await self.linked(deal_id)
        wanted = await self._wanted(effect, there)
        if there is None:
            named = {"dealname": deal_id, KEY: deal_id, "pipeline": self.connection.pipeline, **wanted}
            made = await self._made(deal_id, named, lambda: self.client.upsert("deals", deal_id, named))
            await self._decided(made.id, wanted, effect.at)
            return made.id
        if not wanted:
            return there
        fresh = await self._not_overtaken(wanted, there, effect.at)
        await self._decided(there, fresh, effect.at)
        for _ in range(MOST_ROUNDS):
            written = await self._put(there, fresh, wanted)
            fresh = await self._crossed(written, wanted, effect.at)
            if not fresh:
                return there
        raise NotHandedOver("several updates of the deal were written at the same time")

    async def _put(self, there: str, fresh: Mapping[str, str], wanted: Mapping[str, str]) -> HubSpotObject:
        """Write what is fresh, if anything is, and read what the deal holds then."""
        if fresh:
            return await self.own.write(
                f"deal:{there}", as_told(fresh), lambda: self.client.update("deals", there, fresh), changed_at
            )
        if (read := await self.client.read("deals", there, properties=wanted)) is None:
            raise Refused(f"HubSpot has no deal {there} any more")
        return read

    async def _made(
        self, deal_id: str, properties: Mapping[str, str], make: Callable[[], Awaitable[HubSpotObject]]
    ) -> HubSpotObject:
        """Make a deal, and say whose it is. Until then it is known by its key."""
        told = as_told(properties)
        made = await self.own.write(object_named("deal", deal_id), told, make, changed_at)
        await self.own.wrote(f"deal:{made.id}", told, made.updated_at)
        await self.link(made.id, deal_id)
        return made

    async def _decided(self, hubspot_id: str, properties: Mapping[str, str], at: datetime) -> None:
        """Note what is about to be written, and when it was decided."""
        decided = {f"{_WRITTEN}{name}": value for name, value in properties.items()}
        await mirror.note(self.store, SOURCE, f"deal:{hubspot_id}", decided, at)

    async def _crossed(self, written: HubSpotObject, wanted: Mapping[str, str], at: datetime) -> dict[str, str]:
        """What has to be written after all, since an older update was written over a later one."""
        held = await mirror.known(self.store, SOURCE, f"deal:{written.id}")
        decided = {
            name: Decided(str(one.value), one.at)
            for name in wanted
            if (one := held.get(f"{_WRITTEN}{name}")) is not None
        }
        shown = {name: written.properties.get(name) or "" for name in wanted}
        return {name: value or "" for name, value in crossed(wanted, at, shown, decided).items()}

    async def link(self, hubspot_id: str, deal_id: str) -> None:
        """Say whose a HubSpot deal is.

        Raises:
            NotHandedOver: the database does not answer.
        """
        try:
            await links.link(self.store, SOURCE, f"deal:{hubspot_id}", deal_id)
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error

    def _stage(self, ours: str) -> str:
        theirs = self.connection.stages.get(ours, _CLOSED.get(ours))
        if theirs is None:
            raise Refused(
                f"The stage {ours!r} has no counterpart in HubSpot: add it to stages: under hubspot in the connections "
                'file, or write "" for one that HubSpot need not show'
            )
        return theirs

    def _currency(self, effect: UpdateCrm) -> dict[str, str]:
        usual = self.connection.settings.get("currency", "")
        other = effect.amount is not None and usual and effect.amount.currency != usual
        return {"deal_currency_code": effect.amount.currency} if other and effect.amount else {}

    async def _not_overtaken(self, wanted: dict[str, str], there: str, at: datetime) -> dict[str, str]:
        try:
            held = await mirror.known(self.store, SOURCE, f"deal:{there}")
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error
        times = {name: held[f"{_WRITTEN}{name}"].at for name in wanted if f"{_WRITTEN}{name}" in held}
        return {name: value for name, value in wanted.items() if times.get(name, at) <= at}
