"""One event on its way from the intake to its deal: what becomes of it, and why if it does not arrive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from pydantic import JsonValue

from dealwright.client.checked_fact import CheckedFact
from dealwright.client.deal_client import DealClient
from dealwright.client.errors import DealExists, DealFinished, NoSuchDeal, TemporalRefused
from dealwright.facts import FACTS, CrmDealMerged
from dealwright.identity import DEFAULT_PLAYBOOK, BadDealId
from dealwright.validation.errors import BadDeal
from dealwright.validation.opening import admit
from gateway import deal_service
from gateway.webhooks import contact_match, merged_records
from gateway.webhooks.commands import IntakeCommands
from integrations.kit.commands import CommandSource
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.inbound import Fetcher
from integrations.kit.mapping.events import events_after_fetch
from integrations.kit.mapping.meaning import FETCHES, GIVES_COMMAND, LONGEST_REASON, OPENS_DEAL
from integrations.kit.mapping.source_mapping import Source
from store import intake, links
from store.database import Store
from store.errors import UnknownPlaybook
from store.intake import IntakeRow, IntakeState

Fetchers: TypeAlias = Mapping[str, tuple[Source, Fetcher]]
"""Sources that only hint, each with what gets what it hints at."""
_FOR_GOOD = (BadDeal, BadDealId, TemporalRefused)
"""What will be wrong with an event however often it is passed on."""


@dataclass(frozen=True)
class Delivery:
    """The way to the deals. Everything here may happen twice: a fact's id makes the deal take it once."""

    store: Store
    deals: DealClient
    named_by_id: frozenset[str]
    """Sources whose events may name the deal by its id; an object that is linked to a deal counts first."""
    fetchers: Fetchers = field(default_factory=dict)
    commands: Mapping[str, CommandSource] = field(default_factory=dict)
    """Sources in which people give commands."""
    _linked: dict[tuple[str, str], str | None] = field(default_factory=dict)
    """What is known of links since :meth:`look_up`."""

    async def look_up(self, rows: Iterable[IntakeRow]) -> None:
        """Look up the links of all these events at once. It holds until an event is passed on that may change links.

        Raises:
            StoreAway: the database does not answer.
        """
        objects = {(row.source, row.deal_ref) for row in rows if row.deal_ref is not None}
        found = await intake.linked_deals(self.store, objects)
        self._linked.clear()
        self._linked.update({one: found.get(one) for one in objects})

    async def deliver(self, row: IntakeRow) -> tuple[IntakeState, str | None]:
        """Reach the deal. Says what became of the event, and why if it did not arrive.

        Raises:
            TemporalAway: the deal cannot be reached now.
            StoreAway: the database does not answer.
        """
        try:
            way = {OPENS_DEAL: self._open, FETCHES: self._fetch, GIVES_COMMAND: self._command}.get(row.fact, self._tell)
            if way != self._tell or row.fact == CrmDealMerged.name:
                self._linked.clear()
            return await way(row)
        except DealFinished as error:
            return IntakeState.CLOSED_DEAL, str(error)
        except _FOR_GOOD as error:
            return IntakeState.REFUSED, str(error)[:LONGEST_REASON]
        except UnknownPlaybook as error:
            return IntakeState.WAITING, str(error)

    async def deal_of(self, row: IntakeRow) -> str | None:
        """The deal that an event is for, as far as it is known by now.

        Raises:
            StoreAway: the database does not answer.
        """
        if row.deal_ref is None:
            return None
        return await self._meant(row, await intake.linked_deal(self.store, row.source, row.deal_ref))

    async def _meant(self, row: IntakeRow, linked: str | None) -> str | None:
        if linked is None and row.contacts:
            self._linked.clear()
            return await contact_match.deal_of(self.store, row)
        return linked or (row.deal_ref if row.source in self.named_by_id else None)

    async def _open(self, row: IntakeRow) -> tuple[IntakeState, str | None]:
        deal, note = admit(_object(row.payload.get("deal"))), None
        object_id = row.deal_ref or deal.id
        linked = await intake.linked_deal(self.store, row.source, object_id)
        if linked not in {None, deal.id}:
            return IntakeState.SKIPPED, f"{object_id} of {row.source} belongs to the deal {linked} already"
        # Before the deal runs: it writes into its record at once, and would make one if it knew of none.
        await intake.link(self.store, row.source, object_id, deal.id)
        try:
            playbook = str(row.payload.get("playbook") or DEFAULT_PLAYBOOK)
            await deal_service.open_deal(self.deals, self.store, deal, playbook)
        except DealExists:
            note = "the deal ran already, with other content"
        except _FOR_GOOD:
            await links.unlink(self.store, row.source, object_id)
            raise
        # Events that came before this one, and found no deal, wait again from here on.
        await intake.link(self.store, row.source, object_id, deal.id)
        return IntakeState.DISPATCHED, note

    async def _fetch(self, row: IntakeRow) -> tuple[IntakeState, str | None]:
        """Get what a hint points at, and keep the events that it means."""
        if row.source not in self.fetchers:
            return IntakeState.WAITING, f"{row.source} only hints, and no connection to it is configured"
        source, fetcher = self.fetchers[row.source]
        try:
            fetched = await fetcher.fetch(row.payload.get("what"))
        except (NotHandedOver, Unanswered) as away:
            return IntakeState.WAITING, away.reason[:LONGEST_REASON]
        except Refused as refused:
            return IntakeState.REFUSED, refused.reason[:LONGEST_REASON]
        if fetched is None:
            return IntakeState.SKIPPED, "what the event points at is not there any more"
        await intake.add(self.store, events_after_fetch(source, row, fetched))
        return IntakeState.DISPATCHED, None

    async def _command(self, row: IntakeRow) -> tuple[IntakeState, str | None]:
        return await IntakeCommands(self.deals, self.store, self.commands).give(row)

    async def _tell(self, row: IntakeRow) -> tuple[IntakeState, str | None]:
        if row.fact not in FACTS:
            return IntakeState.REFUSED, f"{row.fact!r} is no fact" if row.fact else "the event says no fact"
        if row.deal_ref is None:
            return IntakeState.REFUSED, "the event names no deal"
        fact, key = CheckedFact.kept(row.fact, row.payload), (row.source, row.deal_ref)
        deal_id = await (self._meant(row, self._linked[key]) if key in self._linked else self.deal_of(row))
        if row.fact == CrmDealMerged.name:
            deal_id = await merged_records.tell(self.deals, self.store, row.source, row.deal_ref, deal_id, fact)
            if deal_id is not None:
                return IntakeState.DISPATCHED, None
        if deal_id is None:
            note = await deal_service.silence(self.store, f"{row.source}:{row.deal_ref}", fact.content())
            why = await contact_match.why_none(self.store, row)
            reason = f"no deal is linked to {row.deal_ref!r} of {row.source}.{why} {note}"
            return IntakeState.UNMATCHED, reason.rstrip(". ")
        try:
            await deal_service.tell(self.deals, self.store, deal_id, fact)
        except NoSuchDeal as error:
            return IntakeState.UNMATCHED, str(error)
        return IntakeState.DISPATCHED, None


def _object(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}
