"""Deals that go on after their end: somebody reopens them, or what ended them was none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random

from dealwright.decision import Received
from simulation.moves import commands, facts
from simulation.moves.situation import Payload, Situation

_EVERY = 4
"""One life of so many goes on after its end."""
_GIVES_UP = ("deal_lost", "contract_cancelled", "reply_received", "proposal_declined")


@dataclass
class GoesOn:
    """Whoever opens a finished deal again, with a chance of their own: all else in a life stays as its seed has it."""

    random: Random
    times: int = 1
    """How often, at the most."""

    def after(self) -> timedelta:
        """How long the deal is over before it goes on; some do at the same moment."""
        return timedelta() if self.random.random() < 0.1 else timedelta(hours=self.random.expovariate(1 / 200))

    def says(self, situation: Situation, serial: int) -> Received | None:
        """What opens the deal again, or is meant to; None once they have done so often enough."""
        if self.times <= 0:
            return None
        self.times -= 1
        own = Situation(self.random, situation.now, situation.state)
        if self.random.random() < 0.3:
            told = [name for name in _GIVES_UP if name in own.state.happened]
            name = self.random.choice(told) if told else _GIVES_UP[0]
            return facts.fact(own, "fact_retracted", serial, retracts=name, about=None)
        visited = [None, own.state.stage]
        payload: Payload = {"by": "boss", "why": "they called", "stage": self.random.choice(visited)}
        return commands.command(own, "reopen", serial, payload)


def goes_on_in(seed: int) -> GoesOn | None:
    """Whoever lets the deal go on in the life of that seed."""
    random = Random(f"goes on, {seed}")
    return GoesOn(random, random.choice((1, 1, 2))) if seed % _EVERY == 1 else None
