"""Commands that came in by the intake: given to their deals once, with the verdict told to whoever gave them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dealwright.client.deal_client import DealClient
from dealwright.client.errors import (
    CommandIdReused,
    CommandRefused,
    DealFinished,
    NoSuchDeal,
    TemporalRefused,
)
from dealwright.decision import Verdict
from dealwright.identity import BadDealId
from dealwright.validation.errors import BadDeal
from gateway import deal_service
from integrations.kit.commands import CommandSource, GivenCommand, GivenFact
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.mapping.meaning import LONGEST_REASON
from store.database import Store
from store.intake import IntakeRow, IntakeState

_FOR_GOOD = (BadDeal, BadDealId, CommandIdReused, CommandRefused, DealFinished, NoSuchDeal, TemporalRefused)
"""What will be wrong with a command however often it is given."""


@dataclass(frozen=True)
class IntakeCommands:
    """Gives commands to deals. Everything here may happen twice: the event's id makes a deal take a command once."""

    deals: DealClient
    store: Store
    sources: Mapping[str, CommandSource] = field(default_factory=dict)

    async def give(self, row: IntakeRow) -> tuple[IntakeState, str | None]:
        """Give the command of an event. Says what became of it, and why if the deal did not take it.

        Raises:
            TemporalAway: the deal cannot be reached now.
            StoreAway: the database does not answer.
        """
        if row.source not in self.sources:
            return IntakeState.WAITING, f"{row.source} gives commands, and no connection to it is configured"
        source, what = self.sources[row.source], row.payload.get("what")
        try:
            given = await source.read(what)
        except (NotHandedOver, Unanswered) as away:
            return IntakeState.WAITING, away.reason[:LONGEST_REASON]
        except Refused as refused:
            return await _told(source, row, Verdict(accepted=False, text=refused.reason))
        command_id = f"{row.source}:{row.event_id}"
        try:
            verdict = await self._verdict(given, command_id)
        except _FOR_GOOD as error:
            verdict = Verdict(accepted=False, text=str(error))
        if not verdict.decided:
            return IntakeState.WAITING, "the deal has it, and has not decided yet"
        return await _told(source, row, verdict)

    async def _verdict(self, given: GivenCommand | GivenFact, id_: str) -> Verdict:
        if isinstance(given, GivenCommand):
            return await deal_service.command(self.deals, self.store, given.deal_id, given.command, id_)
        fact = given.fact.model_copy(update={"id": id_})
        await deal_service.tell(self.deals, self.store, given.deal_id, fact)
        return Verdict(accepted=True, text=f"Told the deal: {fact.name.replace('_', ' ')} ({fact.variant}).")


async def _told(source: CommandSource, row: IntakeRow, verdict: Verdict) -> tuple[IntakeState, str | None]:
    """What becomes of an event whose verdict is there; it waits only to tell whoever gave the command."""
    untold = ""
    try:
        await source.tell(row.payload.get("what"), verdict)
    except NotHandedOver as away:
        return IntakeState.WAITING, f"{verdict.text} This is still to be told: {away.reason}"[:LONGEST_REASON]
    except (Refused, Unanswered) as error:
        untold = f"this may not have been told: {error.reason}"
    if verdict.accepted:
        return IntakeState.DISPATCHED, untold[:LONGEST_REASON] or None
    return IntakeState.REFUSED, f"{verdict.text} {untold}".strip()[:LONGEST_REASON]
