"""The policies of a playbook, watched in one life as it is told again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import ClassVar

from dealwright import entries as e
from dealwright.facts import FACTS, AboutThing, Fact, Thing
from dealwright.playbook.language.model import Playbook
from simulation.policies.policy import Policy
from simulation.policies.tracker import Heard, Tracker
from simulation.policies.trackers import tracker_of
from simulation.replay import Check, Replay
from simulation.simulated_deal import DecisionMade, SimulatedDeal
from simulation.timeline.happening import Happening
from simulation.timeline.pattern import Pattern
from simulation.timeline.patterns import TriggerPattern
from simulation.timeline.telling import Teller


class Watch(Check):
    """Hears a life, and lets every policy's tracker hear what happens in it."""

    listens_to: ClassVar[tuple[str, ...]] = tuple(e.ENTRY_KINDS)

    def __init__(self, policies: Iterable[Policy], playbook: Playbook) -> None:
        self.trackers: list[Tracker] = [tracker_of(policy, playbook) for policy in policies]
        self.happenings: list[Happening] = []
        self._teller = Teller(playbook)
        self._heard: list[Tracker] = []
        self._hear: dict[str, list[Tracker]] = defaultdict(list)
        """The trackers by what they want to hear of: a kind of happening, or the name of a fact or event."""
        for tracker in self.trackers:
            for word in dict.fromkeys(word for pattern in tracker.patterns() for word in _words(pattern)):
                self._hear[word].append(tracker)

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        self._let_learn(replay)
        happening = self._teller.tell(entry, replay.effects)
        if happening is not None:
            self.happenings.append(happening)
            heard = Heard(happening, entry, replay.state)
            self._heard = list(dict.fromkeys(self._hear[happening.kind] + self._hear[_name(happening, entry)]))
            for tracker in self._heard:
                tracker.hear(heard)
        yield from ()

    def _let_learn(self, replay: Replay) -> None:
        for tracker in self._heard:
            tracker.learned(replay.state)
        self._heard = []

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        self._let_learn(replay)
        for tracker in self.trackers:
            tracker.decided(replay.state, made.now)
        yield from ()


def _words(pattern: Pattern) -> Iterator[str]:
    if not isinstance(pattern, TriggerPattern):
        yield pattern.kind
        return
    for key in pattern.keys:
        name = key.partition(":")[0]
        yield f"{name} "
        fact = FACTS.get(name)
        if fact is not None and issubclass(fact, AboutThing):  # its thing may begin anew, and it may be taken back
            yield from (f"{other.name} " for other in FACTS.values() if _begins(other, fact.thing))
        yield "fact_retracted "


def _begins(fact: type[Fact], thing: Thing) -> bool:
    return issubclass(fact, AboutThing) and fact.thing == thing and fact.turn == "begins"


def _name(happening: Happening, entry: e.Entry) -> str:
    """The name of the fact or event that it is, told from kinds by the space behind it."""
    if isinstance(entry, e.FactTaken):
        return f"{entry.fact} "
    return f"{happening.keys[0]} " if happening.keys else ""


def watch(deal: SimulatedDeal, policies: Iterable[Policy]) -> Watch:
    """Tell a life again, with its policies watched."""
    watching = Watch(policies, deal.playbook)
    Replay(deal, [watching]).run()
    for tracker in watching.trackers:
        tracker.ended(deal.state, deal.now)
    return watching
