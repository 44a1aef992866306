"""One event on its way from the intake to its deal: what becomes of it, and why if it does not arrive."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import JsonValue

from dealwright.client.checked_fact import CheckedFact
from dealwright.client.deal_client import DealClient
from dealwright.client.errors import DealExists, DealFinished, NoSuchDeal, TemporalRefused
from dealwright.facts import FACTS
from dealwright.identity import DEFAULT_PLAYBOOK, BadDealId
from dealwright.validation.errors import BadDeal
from dealwright.validation.opening import admit
from gateway import deal_service
from integrations.kit.event_mapping import LONGEST_REASON, OPENS_DEAL
from store import intake
from store.database import Store
from store.errors import UnknownPlaybook
from store.intake import IntakeRow, IntakeState

_FOR_GOOD = (BadDeal, BadDealId, TemporalRefused)
"""What will be wrong with an event however often it is passed on."""


@dataclass(frozen=True)
class Delivery:
    """The way to the deals. Everything here may happen twice: a fact's id makes the deal take it once."""

    store: Store
    deals: DealClient
    named_by_id: frozenset[str]
    """Sources whose events name the deal by its id; the others' objects are linked to deals."""

    async def deliver(self, row: IntakeRow) -> tuple[IntakeState, str | None]:
        """Reach the deal. Says what became of the event, and why if it did not arrive.

        Raises:
            TemporalAway: the deal cannot be reached now.
            StoreAway: the database does not answer.
        """
        try:
            return await (self._open(row) if row.fact == OPENS_DEAL else self._tell(row))
        except DealFinished as error:
            return IntakeState.CLOSED_DEAL, str(error)
        except _FOR_GOOD as error:
            return IntakeState.REFUSED, str(error)[:LONGEST_REASON]
        except UnknownPlaybook as error:
            return IntakeState.WAITING, str(error)

    async def deal_of(self, row: IntakeRow) -> str | None:
        """The deal that an event is for, as far as it is known.

        Raises:
            StoreAway: the database does not answer.
        """
        if row.deal_ref is None or row.source in self.named_by_id:
            return row.deal_ref
        return await intake.linked_deal(self.store, row.source, row.deal_ref)

    async def _open(self, row: IntakeRow) -> tuple[IntakeState, str | None]:
        deal, note = admit(_object(row.payload.get("deal"))), None
        try:
            playbook = str(row.payload.get("playbook") or DEFAULT_PLAYBOOK)
            await deal_service.open_deal(self.deals, self.store, deal, playbook)
        except DealExists:
            note = "the deal ran already, with other content"
        # Events that came before this one, and found no deal, wait again from here on.
        await intake.link(self.store, row.source, row.deal_ref or deal.id, deal.id)
        return IntakeState.DISPATCHED, note

    async def _tell(self, row: IntakeRow) -> tuple[IntakeState, str | None]:
        if row.fact not in FACTS:
            return IntakeState.REFUSED, f"{row.fact!r} is no fact" if row.fact else "the event says no fact"
        if row.deal_ref is None:
            return IntakeState.REFUSED, "the event names no deal"
        fact, deal_id = CheckedFact.kept(row.fact, row.payload), await self.deal_of(row)
        if deal_id is None:
            note = await deal_service.silence(self.store, f"{row.source}:{row.deal_ref}", fact.content())
            return IntakeState.UNMATCHED, f"no deal is linked to {row.deal_ref!r} of {row.source}. {note}".rstrip(". ")
        try:
            await deal_service.tell(self.deals, self.store, deal_id, fact)
        except NoSuchDeal as error:
            return IntakeState.UNMATCHED, str(error)
        return IntakeState.DISPATCHED, None


def _object(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}
