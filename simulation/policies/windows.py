"""When something must not happen: from what opens a window to what closes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dealwright import entries as e
from dealwright.facts import FACTS, AboutPerson, AboutThing
from dealwright.playbook.language.model import Playbook
from simulation.policies.policy import NeverWhen
from simulation.policies.spans import end_of
from simulation.timeline.happening import Happening


@dataclass(frozen=True)
class Window:
    """Open since something happened."""

    since: Happening
    until: datetime | None
    about: str | None
    """The meeting, demo, proposal or term that it is about."""
    contact: str | None
    """The contact that it is about alone."""
    addresses: tuple[str, ...] | None
    """The addresses that it is about alone; None where it is about everybody."""

    def concerns(self, happening: Happening, entry: e.Entry) -> bool:
        """Whether what happens is about whom the window is about."""
        if self.addresses is None or not isinstance(entry, e.EffectStarted):
            return True
        if entry.address is None:
            return entry.contact is None or self.contact is None or entry.contact == self.contact
        return entry.address in self.addresses or (self.contact is not None and entry.contact == self.contact)


class Windows:
    """The windows of one policy in one life."""

    def __init__(self, when: NeverWhen, playbook: Playbook) -> None:
        self._when, self._playbook = when, playbook
        self._open: list[Window] = []
        self.before_has_come = False
        self.opened = 0
        """How often a window was opened."""

    def hear(self, happening: Happening, entry: e.Entry) -> None:
        """Open and close windows by what happened."""
        if any(pattern.matches(happening) for pattern in self._when.before):
            self.before_has_come = True
            self._open.clear()
        if isinstance(entry, e.FactTaken):
            self._close_by_fact(entry)
        told = _as_heard(happening, entry)
        if any(pattern.matches(told) for pattern in self._when.after):
            self.opened += 1
            if (window := self._window(told, entry)) is not None:
                self._open.append(window)

    def open_for(self, happening: Happening, entry: e.Entry) -> Window | None:
        """The window in which this must not happen; None where there is none."""
        for window in self._open:
            if window.until is not None and happening.at > window.until:
                continue
            if self._is_of_a_thing and (window.about is None or happening.about != window.about):
                continue
            if window.concerns(happening, entry):
                return window
        return None

    @property
    def _is_of_a_thing(self) -> bool:
        return self._when.about not in {None, "contact"}

    def _window(self, happening: Happening, entry: e.Entry) -> Window | None:
        within = self._when.within
        until = end_of(within, happening.at, self._playbook) if within is not None else None
        contact, addresses = _person(entry, always=self._when.about == "contact")
        if self._when.about == "contact" and contact is None and not addresses:
            return None
        return Window(happening, until, happening.about if self._is_of_a_thing else None, contact, addresses)

    def _close_by_fact(self, entry: e.FactTaken) -> None:
        """What is begun anew is no longer over, and what is taken back has not happened."""
        fact = FACTS.get(entry.fact)
        begins = fact is not None and issubclass(fact, AboutThing) and fact.turn == "begins"
        if begins and entry.about is not None:
            self._open = [one for one in self._open if one.about != entry.about]
        if entry.retracts is not None:
            about = entry.about
            self._open = [one for one in self._open if one.since.name != entry.retracts or about != one.since.about]


def _as_heard(happening: Happening, entry: e.Entry) -> Happening:
    """A fact that ends a thing that the deal is not about counts for what is about that thing."""
    if not isinstance(entry, e.FactTaken) or not entry.beside or happening.keys:
        return happening
    keys = (entry.fact,) if entry.variant is None else (entry.fact, f"{entry.fact}:{entry.variant}")
    return Happening(happening.at, happening.number, "fact", entry.fact, keys, about=entry.about)


def _person(entry: e.Entry, *, always: bool) -> tuple[str | None, tuple[str, ...] | None]:
    """Whom alone a fact is about: an opt-out or a bounce of a colleague; with ``always`` whatever a person does."""
    fact = FACTS.get(entry.fact) if isinstance(entry, e.FactTaken) else None
    if fact is None or not isinstance(entry, e.FactTaken) or not issubclass(fact, AboutPerson):
        return None, None
    if not fact.ends_plays_to_them_only and not always:
        return None, None
    return (None if fact.about_an_address else entry.contact), entry.addresses
