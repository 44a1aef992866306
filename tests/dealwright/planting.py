"""Faults planted on purpose, and whether a check notices them.

``python -m tests.dealwright.planting`` writes down anew in which life each fault is noticed first, so that the tests
need not look for it: after a change of the rules or of the random lives.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from itertools import chain, count, islice
from pathlib import Path
from random import Random
from typing import TypeAlias

import pytest

from dealwright.rules.decision_context import DecisionContext
from simulation.examiner import CHECKS, TITLES, examine
from simulation.metamorphic import SHARE_CHECKED
from simulation.scenarios import Course, Scenario

LIVES = 300
"""In so many lives every planted fault must be noticed."""
NOTICED = Path(__file__).with_name("noticed_faults.json")
"""The seed of the life in which each fault was noticed. It is tried first; one that is out of date costs time only."""

Plant: TypeAlias = Callable[[pytest.MonkeyPatch], None]


def never(*_: object, **__: object) -> bool:
    """In the place of a question: no."""
    return False


def nothing(*_: object, **__: object) -> None:
    """In the place of what is to be done: nothing is."""
    return


def forget(patch: pytest.MonkeyPatch, part: str, value: object) -> None:
    """Let every decision begin with a part of the state forgotten."""
    begin = DecisionContext.__init__

    def begin_without(self: DecisionContext, *given: object) -> None:
        begin(self, *given)  # type: ignore[arg-type] # handed on as they came
        setattr(self.state, part, value() if callable(value) else value)

    patch.setattr(DecisionContext, "__init__", begin_without)


def expect_notice(plant: Plant, check: str, among: Collection[Scenario] = ()) -> None:
    """Live until the check notices what was planted.

    ``among`` are the scenarios in which it may be noticed: of the lives, only these are lived.

    Raises:
        AssertionError: in all lives it noticed nothing.
    """
    noted = json.loads(NOTICED.read_text("utf-8")).get(plant.__name__)
    if first_notice(check, chain(() if noted is None else (noted,), _suited(among))) is None:
        raise AssertionError(f"In {LIVES} lives nobody noticed. {TITLES[check]}")


def first_notice(check: str, seeds: Iterator[int]) -> int | None:
    """The seed of the first life in which the check notices something; only that one listens."""
    listening = [each for each in CHECKS if each.__name__ == check]
    share = 0.0 if listening else SHARE_CHECKED
    for seed in seeds:
        if any(violation.check == check for violation in examine(seed, listening, share).found):
            return seed
    return None


def _suited(among: Collection[Scenario]) -> Iterator[int]:
    return islice((seed for seed in count() if not among or Course(Random(seed), seed).scenario in among), LIVES)


def _write_down() -> None:
    from tests.dealwright import test_planted_faults, test_planted_faults_of_laws

    faults: list[tuple[Plant, str, Scenario | None]] = [
        *test_planted_faults.FAULTS,
        *test_planted_faults_of_laws.FAULTS,
    ]
    noticed = {}
    for plant, check, scenario in faults:
        with pytest.MonkeyPatch.context() as patch:
            plant(patch)
            noticed[plant.__name__] = first_notice(check, _suited((scenario,) if scenario else ()))
    NOTICED.write_text(json.dumps(noticed, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _write_down()
