"""The steps of a play in one row: each with its number, and what stands under its ``else`` right behind it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple, TypeAlias

from dealwright.playbook.language.steps.step import Step

Within: TypeAlias = tuple[str | int, ...]


class Numbered(NamedTuple):
    """A step of a play."""

    step: Step
    within: Within
    """Where it stands in its list: ``(2,)``, or under an else ``(2, "else", 0)``."""
    instead_of: int | None
    """The number of the step under whose ``else`` it stands; None where it comes anyway."""


class Branches(tuple[Numbered, ...]):
    """All steps of a play. A step's index in here is its number in everything that is recorded."""

    __slots__ = ()

    @classmethod
    def of(cls, steps: Collection[Step]) -> Branches:
        """The steps in a row, as they are read: a step, what comes instead of it, the next step."""
        found: list[Numbered] = []
        _number(steps, (), None, found)
        return cls(found)

    def is_taken(self, index: int, otherwise: Collection[int]) -> bool:
        """Whether a step is among those that come, in a run in which these steps gave way to their ``else``."""
        owner = self[index].instead_of
        return owner is None or owner in otherwise

    def instead(self, index: int) -> Iterator[int]:
        """The steps that come instead of one, when its ``if`` does not hold."""
        return (place for place, one in enumerate(self) if one.instead_of == index)

    def before(self, index: int) -> tuple[int, ...]:
        """The steps that gave way before a step could come, the outermost first."""
        owner = self[index].instead_of
        return () if owner is None else (*self.before(owner), owner)

    def past(self, index: int) -> int:
        """The first number behind a step and all that stands under its ``else``."""
        return next((at for at in range(index + 1, len(self)) if index not in self.before(at)), len(self))


def _number(steps: Collection[Step], under: Within, instead_of: int | None, found: list[Numbered]) -> None:
    for place, step in enumerate(steps):
        number = len(found)
        found.append(Numbered(step, (*under, place), instead_of))
        _number(step.otherwise, (*under, place, "else"), number, found)
