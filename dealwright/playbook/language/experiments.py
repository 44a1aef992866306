"""Experiments as a playbook writes them: which arm a deal is in, and what in a condition depends on it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator

from dealwright.diagnostics.diagnostic import BadInput, BadValue
from dealwright.playbook.language.conditions import All, Any, Equals, Not, Test, compared_paths
from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.paths import EXPERIMENT, Path
from dealwright.state import DealState
from dealwright.values.recorded import Given, Text

_PARTS = 2**64


class Experiment(Given):
    """Something that is tried in two or more ways, each in a part of the deals."""

    arms: Annotated[dict[Word, Annotated[int, Field(ge=0, le=1_000_000)]], Field(min_length=1, max_length=20)]
    """The ways, each with its weight: of deals that no condition has asked for yet, how many get it."""
    summary: Text | None = None
    """What is tried, and what for."""

    @model_validator(mode="after")
    def _compares_something(self) -> Self:
        if len(self.arms) == 1:
            raise BadValue("one arm alone is compared with nothing", "write two or more: arms: {control: 1, other: 1}")
        if not any(self.arms.values()):
            raise BadValue("no arm has a weight, so that no deal gets one", "write control: 1 for one that deals get")
        return self

    def arm_of(self, name: str, deal_id: str) -> str:
        """The arm of a deal: by a hash of both names, so that it is the same at every replay and on every machine."""
        drawn = int.from_bytes(hashlib.sha256(f"{name}\n{deal_id}".encode()).digest()[:8])
        ahead = drawn * sum(self.arms.values()) // _PARTS
        for arm, weight in sorted(self.arms.items()):
            if ahead < weight:
                return arm
            ahead -= weight
        raise AssertionError("the weights sum up to less than themselves")


Experiments = Annotated[dict[Word, Experiment], Field(max_length=100)]
"""The experiments that a playbook declares, by name."""


def arm_paths(experiments: Mapping[str, Experiment]) -> dict[str, Path]:
    """Where the arms of a deal stand in the view of it."""
    return {f"{EXPERIMENT}{name}": _path(name, experiment) for name, experiment in experiments.items()}


def _path(name: str, experiment: Experiment) -> Path:
    def read(state: DealState) -> object:
        if (exposed := state.arms.get(name)) is not None:
            return exposed
        return experiment.arm_of(name, state.deal.id) if state.deal else None

    return Path(f"{EXPERIMENT}{name}", read, words=tuple(experiment.arms))


def arm_paths_as_written(written: object) -> dict[str, Path]:
    """Those of a playbook's file, before it is read: of experiments that are wrong, that they are meant."""
    given = written if isinstance(written, dict) else {}
    found: dict[str, Path] = {}
    for name, each in given.items():
        try:
            found |= arm_paths({str(name): Experiment.model_validate(each)})
        except (BadInput, ValidationError):
            found[f"{EXPERIMENT}{name}"] = Path(f"{EXPERIMENT}{name}", lambda _: None, broken=True)
    return found


def experiments_in(test: Test) -> Iterator[str]:
    """The experiments whose arm a condition looks at."""
    for path in compared_paths(test):
        if path.text.startswith(EXPERIMENT):
            yield path.text.removeprefix(EXPERIMENT)


def asks_only_for_arms(test: Test) -> bool:
    """Whether a condition looks at nothing but arms: it holds for a deal always, or never."""
    match test:
        case Equals(path):
            return path.text.startswith(EXPERIMENT)
        case Not(part):
            return asks_only_for_arms(part)
        case All(parts) | Any(parts):
            return all(map(asks_only_for_arms, parts))
        case _:
            return False
