"""A life told again from its entries, with checks that listen."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar, NamedTuple

from dealwright import entries as e
from dealwright.decision import Received
from dealwright.effects import Effect
from dealwright.fold import fold
from dealwright.playbook.language.model import Playbook
from dealwright.state import DealState
from simulation.laws.memory import Memory
from simulation.simulation import Look, Simulation
from simulation.world import World


class Violation(NamedTuple):
    """Something that must not be."""

    check: str
    at: datetime
    text: str
    number: int
    """The number of the last entry before."""


class Check:
    """Something that must be true of every life. One instance listens to one life."""

    hears: ClassVar[tuple[str, ...]] = ()
    """The kinds of entries it wants to hear of."""

    def entry(self, story: Story, entry: e.Entry) -> Iterator[str]:
        """What is wrong about an entry; the story's state is still the one before it."""
        yield from ()

    def look(self, story: Story, look: Look) -> Iterator[str]:
        """What is wrong after a decision; the story's state is the one after it."""
        yield from ()


class Story:
    """The life, as far as it is told."""

    def __init__(self, simulation: Simulation, checks: list[Check]) -> None:
        self.world: World = simulation.world
        self.state = DealState()
        self.playbook: Playbook = simulation.world.playbook(_bundle(simulation))
        self.decided = True
        """Whether the entry that is told is part of a decision, and not an outcome as planned."""
        self.memory = Memory()
        """What the entries said before the one that is told."""
        self.effects: dict[str, Effect] = {}
        """What leaves with the decision that is told, by id."""
        self.said: dict[str, object] = {}
        """The payload of the fact or command that is told, as it came in."""
        self.found: list[Violation] = []
        self._simulation = simulation
        self._facts: Iterator[Received] = iter(())
        self._commands: dict[str, Received] = {}
        self._lookers = [check for check in checks if type(check).look is not Check.look]
        self._listeners: dict[str, list[Check]] = defaultdict(list)
        for check in checks:
            for kind in check.hears:
                self._listeners[kind].append(check)

    def tell(self) -> list[Violation]:
        """Tell it to the end, and return what was found."""
        entries, told = self._simulation.entries, 0
        for look in self._simulation.looks:
            through = look.before + len(look.decision.entries)
            self.effects = {effect.id: effect for effect in look.decision.effects}
            self._commands = {item.id or "": item for item in look.batch if item.kind == "command"}
            self._facts = iter([item for item in look.batch if item.kind == "fact"])
            for number, entry in enumerate(entries[told:through], told):
                self.decided = number >= look.before
                self._hear(entry)
            told = through
            for check in self._lookers:
                for text in check.look(self, look):
                    self._note(check, text, look.now)
        self.decided = False
        for entry in entries[told:]:
            self._hear(entry)
        return self.found

    def _hear(self, entry: e.Entry) -> None:
        if isinstance(entry, e.FactTaken):
            self.said = json.loads(next(self._facts).payload)
        elif isinstance(entry, e.FactRefused):
            next(self._facts)
        elif isinstance(entry, e.CommandTaken):
            self.said = json.loads(self._commands[entry.id].payload)
        for check in self._listeners.get(entry.kind, ()):
            for text in check.entry(self, entry):
                self._note(check, text, entry.at)
        fold(self.state, entry)
        self.memory.note(entry)
        if isinstance(entry, e.PlaybookAdopted):
            self.playbook = self.world.playbook(entry.bundle)

    def _note(self, check: Check, text: str, at: datetime) -> None:
        self.found.append(Violation(type(check).__name__, at, text, self.state.entries))


def _bundle(simulation: Simulation) -> str:
    return next(entry.bundle for entry in simulation.entries if isinstance(entry, e.DealOpened))
