"""A deal's record in HubSpot: where it is, what an update writes into it, and what it is known to hold since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dealwright.effects import UpdateCrm
from integrations.hubspot import values
from integrations.hubspot.client import HubSpotClient, HubSpotObject
from integrations.hubspot.owners import Owners
from integrations.hubspot.settings import KEY, SOURCE, HubSpotConnection
from integrations.kit.errors import NotHandedOver, Refused
from store import links, mirror
from store.database import Store
from store.errors import StoreAway

_WRITTEN = "~written:"
"""Before the name of a property, in what is mirrored: the deal's time of the update that wrote it last."""
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
        made = await self.client.create("deals", deal_id, properties)
        await self.link(made.id, deal_id)
        return made.id

    async def properties(self, effect: UpdateCrm, there: str | None) -> dict[str, str]:
        """What an update writes. A part that a later update has written already is left out.

        Raises:
            Refused: a stage has no counterpart in HubSpot.
            NotHandedOver: HubSpot or the database cannot be asked now.
        """
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
        wanted = {name: value for name, value in wanted.items() if value or name in {"amount", "closedate"}}
        return await self._not_overtaken(wanted, there, effect.at)

    async def wrote(self, written: HubSpotObject, properties: Mapping[str, str], effect_at: datetime) -> None:
        """Remember what a deal holds now, so that the echo of it is known as one.

        Raises:
            StoreAway: the database does not answer.
        """
        object_id = f"deal:{written.id}"
        held = {name: written.properties.get(name) or "" for name in properties}
        await mirror.note(self.store, SOURCE, object_id, held, written.updated_at)
        times = {f"{_WRITTEN}{name}": effect_at.isoformat() for name in properties}
        await mirror.note(self.store, SOURCE, object_id, times, effect_at)

    async def link(self, hubspot_id: str, deal_id: str) -> None:
        """Say whose a HubSpot deal is.

        Raises:
            NotHandedOver: the database does not answer.
        """
        try:
            await links.link(self.store, SOURCE, f"deal:{hubspot_id}", deal_id)
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error

    def key_of(self, deal_id: str) -> dict[str, str]:
        """What marks a HubSpot deal as ours."""
        return {KEY: deal_id, "pipeline": self.connection.pipeline}

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

    async def _not_overtaken(self, wanted: dict[str, str], there: str | None, at: datetime) -> dict[str, str]:
        if there is None or not wanted:
            return wanted
        try:
            held = await mirror.known(self.store, SOURCE, f"deal:{there}")
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error
        times = {name: held[f"{_WRITTEN}{name}"].at for name in wanted if f"{_WRITTEN}{name}" in held}
        return {name: value for name, value in wanted.items() if times.get(name, at) <= at}
