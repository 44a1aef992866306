"""A life told again from its entries, with checks that listen."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar, NamedTuple

from dealwright import entries as e
from dealwright.decision import Received
from dealwright.effects import Effect, SendDocument
from dealwright.fold import fold
from dealwright.playbook.language.model import Playbook
from dealwright.state import DealState
from simulation.laws.memory import Memory
from simulation.playbook_library import PlaybookLibrary
from simulation.simulated_deal import DecisionMade, SimulatedDeal


class Violation(NamedTuple):
    """Something that must not be."""

    check: str
    at: datetime
    text: str
    number: int
    """The number of the last entry before."""


class Check:
    """Something that must be true of every life. One instance listens to one life."""

    listens_to: ClassVar[tuple[str, ...]] = ()
    """The kinds of entries it wants to hear of."""

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        """What is wrong about an entry; the story's state is still the one before it."""
        yield from ()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        """What is wrong after a decision; the story's state is the one after it."""
        yield from ()


class Replay:
    """The life, as far as it is told."""

    def __init__(self, simulation: SimulatedDeal, checks: list[Check]) -> None:
        self.library: PlaybookLibrary = simulation.library
        self.state = DealState()
        self.playbook: Playbook = simulation.library.playbook(_bundle(simulation))
        self.decided = True
        """Whether the entry that is told is part of a decision, and not an outcome as planned."""
        self.memory = Memory()
        """What the entries said before the one that is told."""
        self.effects: dict[str, Effect] = {}
        """What leaves with the decision that is told, by id."""
        self.payload: dict[str, object] = {}
        """The payload of the fact or command that is told, as it came in."""
        self.found: list[Violation] = []
        self._sent: dict[str, SendDocument] = {}
        self._simulation = simulation
        self._facts: Iterator[Received] = iter(())
        self._commands: dict[str, Received] = {}
        self._after_decisions = [check for check in checks if type(check).on_decision is not Check.on_decision]
        self._by_kind: dict[str, list[Check]] = defaultdict(list)
        for check in checks:
            for kind in check.listens_to:
                self._by_kind[kind].append(check)

    def run(self) -> list[Violation]:
        """Tell it to the end, and return what was found."""
        entries, told = self._simulation.entries, 0
        for made in self._simulation.decisions:
            through = made.before + len(made.decision.entries)
            self.effects = {effect.id: effect for effect in made.decision.effects}
            self._sent |= {id_: one for id_, one in self.effects.items() if isinstance(one, SendDocument)}
            self._commands = {item.id or "": item for item in made.batch if item.kind == "command"}
            self._facts = iter([item for item in made.batch if item.kind == "fact"])
            for number, entry in enumerate(entries[told:through], told):
                self.decided = number >= made.before
                self._hear(entry)
            told = through
            for check in self._after_decisions:
                for text in check.on_decision(self, made):
                    self._note(check, text, made.now)
        self.decided = False
        for entry in entries[told:]:
            self._hear(entry)
        return self.found

    def _hear(self, entry: e.Entry) -> None:
        if isinstance(entry, e.FactTaken | e.FactRefused) and is_told_to_itself(entry.id):
            self.payload = self._told_itself(entry)
        elif isinstance(entry, e.FactTaken) and entry.told_with is None:
            self.payload = json.loads(next(self._facts).payload)
        elif isinstance(entry, e.FactRefused):
            next(self._facts)
        elif isinstance(entry, e.CommandTaken):
            self.payload = json.loads(self._commands[entry.id].payload)
        for check in self._by_kind.get(entry.kind, ()):
            for text in check.on_entry(self, entry):
                self._note(check, text, entry.at)
        fold(self.state, entry)
        self.memory.note(entry)
        if isinstance(entry, e.PlaybookAdopted):
            self.playbook = self.library.playbook(entry.bundle)

    def _told_itself(self, entry: e.FactTaken | e.FactRefused) -> dict[str, object]:
        """What a fact says that the deal tells itself: of a document, what was to be sent."""
        sent = self._sent.get((entry.id or "").rpartition(":")[0])
        says: dict[str, object] = {entry.fact.partition("_")[0]: getattr(entry, "document", None)}
        if entry.fact == "proposal_sent" and sent is not None and sent.amount is not None:
            says["amount"] = sent.amount.model_dump(mode="json")
        return says

    def _note(self, check: Check, text: str, at: datetime) -> None:
        self.found.append(Violation(type(check).__name__, at, text, self.state.entries))


def is_told_to_itself(fact: str | None) -> bool:
    """Whether a fact is what the deal tells itself: that a document of its own went out, or was taken back."""
    return (fact or "").endswith((":sent", ":withdrawn"))


def _bundle(simulation: SimulatedDeal) -> str:
    return next(entry.bundle for entry in simulation.entries if isinstance(entry, e.DealOpened))
