"""Stages as a playbook writes them: their owner, their plays, and what it takes to leave."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from dealwright.calendar.durations import Span
from dealwright.playbook.language.condition_syntax import Condition
from dealwright.playbook.language.conditions import that_turn
from dealwright.playbook.language.contact_conditions import SomeContacts
from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.plays import Play
from dealwright.playbook.language.relative_dates import RelativeDate
from dealwright.playbook.language.triggers import Triggers, wider_keys
from dealwright.values.recorded import Given, Name

DEFAULT_STALL = Span.parse("30d")


class Gate(Given):
    """What should be there before a stage is left. Missing pieces are counted; with ``hard``, they hold the deal."""

    require: Annotated[dict[Name, Condition], Field(min_length=1)]
    """Each condition by the words in which people are told that it is missing."""
    hard: bool = False
    """Hold the deal while something is missing, also one that a fact or a play would take ahead."""
    counted: Triggers = ("contract_signed",)
    """Facts that take the deal past a hard gate all the same: what is missing is counted then."""

    jumps: Literal["held", "counted"] = "held"
    """Whether a hard gate holds a deal that a fact or a play takes ahead, or counts what is missing then."""
    asks: bool = False
    """While the gate holds the deal, ask whoever has it for just what is missing."""

    def holds(self, key: str | None, *, jump: bool = True) -> bool:
        """Whether a deal is held while something is missing: one that a fact or event (None: no single one) would move.

        ``jump`` says that a fact or a play takes it ahead, and not that it is time to go on.
        """
        if jump and self.jumps == "counted":
            return False
        return self.hard and (key is None or set(wider_keys(key)).isdisjoint(self.counted))


class Stage(Given):
    """A part of the way, with its owner, its plays, and what it takes to leave."""

    name: Word
    """The stage's name."""
    owner: Word
    """The role that owns it."""
    leave_when: Condition | None = None
    """What it takes to go on."""
    to: Word | None = None
    """The stage that comes next; by default the one below."""
    enter_when: Triggers = ()
    """Facts that bring a deal here from any earlier stage."""
    gate: Gate | None = None
    """What should be there before the stage is left."""
    stalls_after: Span = DEFAULT_STALL
    """After how long somebody is told that nothing moves."""
    marks: Literal["won"] | None = None
    """Entering the stage means that the deal is won."""
    plays: tuple[Play, ...] = ()
    """What is done here."""

    @cached_property
    def turning(self) -> tuple[RelativeDate | SomeContacts, ...]:
        """What time alone makes true or false of all that the stage, with its hard gate, waits for."""
        asked = list(self.gate.require.values()) if self.gate is not None and self.gate.hard else []
        return that_turn(asked if self.leave_when is None else [self.leave_when, *asked])
