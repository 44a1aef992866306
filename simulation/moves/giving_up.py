"""What becomes of deals that are given up without a reason: they are held, and the buyer or somebody else says more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random

from dealwright.decision import Received
from simulation.moves import commands, facts
from simulation.moves.situation import Situation

_EVERY = 2
"""One life of so many whose playbook asks first has somebody who gives up."""
_AGREED = ("contract_signed", "contract_renewed", "proposal_accepted")


@dataclass
class GivesUp:
    """Somebody who gives a deal up, and those who know better.

    They have a chance of their own: so all else in a life stays as its seed has it, until something follows.
    """

    random: Random

    def says_next(self, situation: Situation, serial: int) -> Received | None:
        """That the deal is lost, or what happens while it is held; mostly nothing."""
        own, pause = Situation(self.random, situation.now, situation.state), situation.state.pause
        if pause is not None and pause.ending is not None:
            return self._while_it_is_held(own, serial) if self.random.random() < 0.5 else None
        if self.random.random() > 0.08:
            return None
        return facts.fact(own, "deal_lost", serial, reason=None, reason_code=None, **self._of_before(own))

    def _of_before(self, situation: Situation) -> dict[str, object]:
        """When it was lost: now and then a little before the buyer agreed."""
        told = (situation.state.happened.get(name) for name in _AGREED)
        agreed = [it.at for it in told if it is not None]
        return {"at": max(agreed) - timedelta(minutes=30)} if agreed and self.random.random() < 0.4 else {}

    def _while_it_is_held(self, own: Situation, serial: int) -> Received | None:
        match self.random.choice(("resume", "agrees", "agrees", "stage", "stage", "none", "again", "why", "reply")):
            case "resume":
                return commands.command(own, "resume", serial, {"by": "boss"})
            case "agrees":
                name = self.random.choice(_AGREED)
                return facts.fact(own, name, serial) if self.random.random() < 0.7 else self._now(own, name, serial)
            case "stage":
                stage = own.state.stage if self.random.random() < 0.5 else None
                return facts.fact(own, "crm_stage_moved", serial, **({"stage": stage} if stage else {}))
            case "none":
                return facts.fact(own, "fact_retracted", serial, retracts="deal_lost", about=None)
            case "again":
                return facts.fact(own, "deal_lost", serial, reason=None, reason_code=None)
            case "why":
                return facts.fact(own, "deal_lost", serial, reason_code="price")
            case _:
                return facts.fact(own, "reply_received", serial, sentiment="interested")

    def _now(self, own: Situation, name: str, serial: int) -> Received:
        return facts.received(own, name, {**facts.payload_of(own, name), "id": f"f{serial}", "at": own.now})


def gives_up_in(seed: int) -> GivesUp | None:
    """Whoever gives up in the life of that seed."""
    return GivesUp(Random(f"given up, {seed}")) if seed % _EVERY == 0 else None
