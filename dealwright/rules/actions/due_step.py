"""A step whose time has come, as the actions get it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from dealwright.playbook.language.plays import Play
from dealwright.playbook.language.steps.step import Step
from dealwright.state import Run

S = TypeVar("S", bound=Step)


@dataclass(frozen=True, slots=True)
class DueStep(Generic[S]):
    """A step of a run that is to be done now."""

    run: Run
    play: Play
    index: int
    """Its place among the play's steps, from 0."""
    step: S
