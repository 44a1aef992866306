"""What tools that record conversations tell and suggest, and what people say to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random

from dealwright.decision import Received
from simulation.moves import commands, facts
from simulation.moves.situation import Payload, Situation

_STEPS = (
    "Send the price list", "send the price list!", "Ask legal about clause 4", "Book a room", "Invite Kim",
    "Share the deck", "share  the deck", "Write up the use case", "Call the reference", "Find a date in May",
    "Draw up a plan", "Ask for the budget", "größere Lizenz prüfen", "GRÖSSERE LIZENZ PRÜFEN",
)  # fmt: skip
"""Some of them are the same words, written otherwise."""
_ONE_LIFE_OF = 10


@dataclass
class Recorder:
    """A tool that records a deal's conversations, and whoever answers what it suggests.

    It has a chance of its own: so all else in a life stays as its seed has it, as far as nothing follows from this.
    """

    random: Random

    def says_next(self, situation: Situation, serial: int) -> Received | None:
        """A conversation, a suggestion or an answer to one; mostly nothing."""
        own = Situation(self.random, situation.now, situation.state)
        chance = self.random.random()
        if chance < 0.1:
            return facts.fact(own, "conversation_recorded", serial, **_conversation(own))
        if chance < 0.5:
            return facts.fact(own, "next_step_suggested", serial, **_suggestion(own))
        return _answer(own, serial) if chance < 0.7 else None


def recorder_of(seed: int) -> Recorder | None:
    """The recorder of the life of that seed: one life of ten has one."""
    return Recorder(Random(f"conversations, {seed}")) if seed % _ONE_LIFE_OF == _ONE_LIFE_OF - 1 else None


def _conversation(situation: Situation) -> Payload:
    """Somebody talked: with contacts, with strangers, or among ourselves."""
    random = situation.random
    others: list[Payload] = [{"contact": "c0"}, {"address": "Team <TEAM@buyer.example>"}, {"name": "Somebody"}]
    parties = [*random.sample(others, random.randint(0, 2)), {"address": "rep@seller.example", "ours": True}]
    lasted = timedelta(minutes=random.choice((0, 5, 30, 90)))
    return {"conversation": _which(random), "parties": parties, "lasted": lasted.total_seconds()}


def _suggestion(situation: Situation) -> Payload:
    said: Payload = {"text": situation.random.choice(_STEPS), "conversation": _which(situation.random)}
    return said | ({"due": situation.day(-3, 20)} if situation.random.random() < 0.3 else {})


def _answer(situation: Situation, serial: int) -> Received | None:
    """Whoever has the deal accepts or dismisses; sometimes what cannot be."""
    random = situation.random
    if not situation.state.suggestions:
        return None
    one = random.choice(list(situation.state.suggestions.values()))
    meant = random.choices((one.id, one.digest or one.id, "nobody/knows/1"), (8, 3, 1))[0]
    said: Payload = {"by": one.role, "suggestion": meant, "answer": random.choice(("accept", "accept", "dismiss"))}
    if said["answer"] == "accept" and random.random() < 0.4:
        said |= {"text": "As agreed, and in writing", "due_at": situation.moment(-5, 200)}
    return commands.command(situation, "answer_suggestion", serial, said)


def _which(random: Random) -> str:
    return f"talk-{random.randint(1, 40)}"
