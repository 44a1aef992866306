"""What comes too late, is taken back or is told better: handoffs that fell back, signatures, replies."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from dealwright.decision import Received
from simulation.moves import commands, facts
from simulation.moves.situation import Payload, Situation

_EVERY = 3
"""One life of so many has somebody with second thoughts."""
_SIGNED = ("contract_signed", "contract_renewed", "proposal_accepted", "contract_cancelled")
_SENTIMENTS = ("other", "other", "interested", "not_interested", "not_now")


@dataclass
class SecondThoughts:
    """Somebody who thinks again, with a chance of their own: else a life stays as its seed has it."""

    random: Random

    def says_next(self, situation: Situation, serial: int) -> Received | None:
        """What they say next; mostly nothing."""
        if self.random.random() > 0.08:
            return None
        own = Situation(self.random, situation.now, situation.state)
        match self.random.choice(("late", "late", "none", "reply", "reply", "better")):
            case "late":
                return self._accepts_late(own, serial)
            case "none":
                return self._takes_back(own, serial)
            case "reply":
                return self._replies(own, serial, f"<m{serial}@buyer.example>")
            case _:
                return self._tells_better(own, serial)

    def _accepts_late(self, own: Situation, serial: int) -> Received | None:
        if not own.state.fallen:
            return None
        fallen = self.random.choice(list(own.state.fallen.values()))
        return commands.command(own, "accept_handoff", serial, {"by": fallen.to_role, "handoff": fallen.name})

    def _takes_back(self, own: Situation, serial: int) -> Received | None:
        told = [name for name in _SIGNED if name in own.state.happened]
        if not told:
            return None
        return facts.fact(own, "fact_retracted", serial, retracts=self.random.choice(told), about=None)

    def _replies(self, own: Situation, serial: int, message_id: str) -> Received:
        sentiment = self.random.choice(_SENTIMENTS)
        return facts.fact(own, "reply_received", serial, message_id=message_id, sentiment=sentiment)

    def _tells_better(self, own: Situation, serial: int) -> Received | None:
        """Whoever read a reply tells what it says."""
        if not own.state.to_read:
            return None
        reply = self.random.choice(list(own.state.to_read.values()))
        payload: Payload = {
            "id": f"f{serial}", "at": reply.at, "message_id": reply.message_id, "contact": reply.contact,
            "sentiment": self.random.choice(("interested", "not_interested", "other")),
        }  # fmt: skip
        return facts.received(own, "reply_received", payload)


def thinks_again_in(seed: int) -> SecondThoughts | None:
    """Whoever thinks again in the life of that seed."""
    return SecondThoughts(Random(f"second thoughts, {seed}")) if seed % _EVERY == 2 else None
