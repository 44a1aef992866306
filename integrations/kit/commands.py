"""Commands that people give in another tool, by a button of a chat: who gives which, and who hears the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from dealwright.commands import Command
from dealwright.decision import Verdict
from dealwright.facts import Fact


@dataclass(frozen=True, slots=True)
class GivenCommand:
    """A command, and the deal that it is for. Its ``by`` is whoever the tool says gave it."""

    deal_id: str
    command: Command


@dataclass(frozen=True, slots=True)
class GivenFact:
    """A fact that somebody tells by a button, and the deal that it is for. Its ``by`` is whoever the tool says."""

    deal_id: str
    fact: Fact
    """Without an id: the event's is its id."""


class CommandSource(Protocol):
    """A tool in which people give commands.

    Its handler keeps each in the intake at once, as an event with ``GIVES_COMMAND`` for its fact: ``payload.what`` is
    what both methods get, ``event_id`` makes the command count once, and of events with one ``deal_ref`` each waits
    for the one before. Who it was and what it means is looked up afterwards, and may be looked up again.
    """

    async def read(self, what: JsonValue) -> GivenCommand | GivenFact:
        """Who gives which command, or tells which fact; the same each time: an event's id stands for one content.

        Raises:
            NotHandedOver, Unanswered: it cannot be found out now, and is tried again later.
            Refused: it is no command that counts; why, for whoever gave it.
        """

    async def tell(self, what: JsonValue, verdict: Verdict) -> None:
        """Tell whoever gave it what became of it. After a kill it is told once more.

        Raises:
            NotHandedOver: it could not be told now, and is told again later.
            Refused, Unanswered: it cannot be told, or may have been; the verdict holds all the same.
        """

    async def settle(self) -> None:
        """Show in the tool what became of questions that were answered elsewhere, or are no longer asked.

        It is called every few seconds, in each gateway; with nothing to show it asks the database alone.

        Raises:
            NotHandedOver, Refused, Unanswered: the rest is shown later.
            StoreAway: the database does not answer.
        """
