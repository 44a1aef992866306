"""Faults planted on purpose, and whether a check notices them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import count, islice
from random import Random
from typing import TypeAlias

import pytest

from dealwright.rules.decision_context import DecisionContext
from simulation.examiner import CHECKS, TITLES, examine
from simulation.metamorphic import SHARE_CHECKED
from simulation.scenarios import Course, Scenario

LIVES = 300
"""In so many lives every planted fault must be noticed."""

Plant: TypeAlias = Callable[[pytest.MonkeyPatch], None]


def forget(patch: pytest.MonkeyPatch, part: str, value: object) -> None:
    """Let every decision begin with a part of the state forgotten."""
    begin = DecisionContext.__init__

    def begin_without(self: DecisionContext, *given: object) -> None:
        begin(self, *given)  # type: ignore[arg-type] # handed on as they came
        setattr(self.state, part, value() if callable(value) else value)

    patch.setattr(DecisionContext, "__init__", begin_without)


def expect_notice(check: str, among: Collection[Scenario] = ()) -> None:
    """Live until the check notices what was planted; only that one listens.

    ``among`` are the scenarios in which it may be noticed: of the lives, only these are lived.

    Raises:
        AssertionError: in all lives it noticed nothing.
    """
    listening = [each for each in CHECKS if each.__name__ == check]
    share = 0.0 if listening else SHARE_CHECKED
    suited = (seed for seed in count() if not among or Course(Random(seed)).scenario in among)
    for seed in islice(suited, LIVES):
        if any(violation.check == check for violation in examine(seed, listening, share).found):
            return
    raise AssertionError(f"In {LIVES} lives nobody noticed. {TITLES[check]}")
