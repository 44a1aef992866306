"""A fake deal client, which records facts without a Temporal server."""

from __future__ import annotations

from collections.abc import Collection
from typing import Self

from temporalio.client import Client
from typing_extensions import override

from dealwright.client.checked_fact import CheckedFact
from dealwright.client.deal_client import DealClient
from dealwright.client.errors import NoSuchDeal, TemporalAway
from dealwright.facts import Fact


class FakeDealClient(DealClient):
    """Deals that take every fact, but for some that are out of reach, or all of them while Temporal is away."""

    told: list[tuple[str, str | None]]
    """The deal's and the fact's id of each fact, in order."""
    out_of_reach: Collection[str]
    away: bool
    there: Collection[str]
    """The deals that are known to run."""
    unknown: Collection[str]
    """Ids of which no deal was ever told."""

    @classmethod
    async def make(cls) -> Self:
        """Deals that are all in reach."""
        deals = cls(await Client.connect("127.0.0.1:1", lazy=True))
        deals.told, deals.out_of_reach, deals.away, deals.there = [], (), False, ()
        deals.unknown = ()
        return deals

    @override
    async def record(self, deal_id: str, fact: Fact | CheckedFact) -> str:
        if self.away or deal_id in self.out_of_reach:
            raise TemporalAway("no answer")
        if deal_id in self.unknown:
            raise NoSuchDeal(deal_id)
        self.told.append((deal_id, fact.id))
        return fact.id or ""

    @override
    async def is_open(self, deal_id: str) -> bool:
        if self.away:
            raise TemporalAway("no answer")
        if deal_id not in self.there:
            raise NoSuchDeal(deal_id)
        return True

    @override
    async def check(self) -> None:
        if self.away:
            raise TemporalAway("no answer")

    def told_to(self, deal_id: str) -> list[str | None]:
        """The ids of the facts that a deal was told, in order."""
        return [fact for told, fact in self.told if told == deal_id]
