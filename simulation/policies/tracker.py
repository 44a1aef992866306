"""What every tracker of a policy has, and how it is told that one is broken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from dealwright import entries as e
from dealwright.playbook.language.conditions import Test
from dealwright.playbook.language.model import Playbook
from dealwright.rules.clocks import clock_for
from dealwright.state import DealState
from simulation.policies.policy import Policy
from simulation.timeline.happening import Happening
from simulation.timeline.pattern import Pattern


@dataclass(frozen=True)
class Broken:
    """How a policy is broken."""

    at: datetime
    number: int
    """The number of the last entry before, or of the entry that breaks it."""
    why: str
    happening: Happening | None = None
    """What must not happen, and does."""
    since: Happening | None = None
    """What came before, where the policy speaks of it."""
    stage: str | None = None
    """The stage that the deal was in, where nothing in particular breaks it."""


class Heard(NamedTuple):
    """One thing that happens, with what is known before it."""

    happening: Happening
    entry: e.Entry
    state: DealState


class Tracker:
    """Follows one policy through one life."""

    def __init__(self, policy: Policy, playbook: Playbook) -> None:
        self.policy, self.playbook = policy, playbook
        self.broken: Broken | None = None
        self.tried = False
        """Whether the life came to what the policy is about."""

    def patterns(self) -> tuple[Pattern, ...]:
        """What it wants to hear of."""
        return ()

    def hear(self, heard: Heard) -> None:
        """Something happens."""

    def learned(self, state: DealState) -> None:
        """What was heard last is known by now, and nothing has followed from it yet."""

    def decided(self, state: DealState, now: datetime) -> None:
        """A decision was made; the state is the one after it."""

    def ended(self, state: DealState, now: datetime) -> None:
        """The life is told to its end."""

    def applies(self, state: DealState, now: datetime) -> bool:
        """Whether the policy's ``if`` holds."""
        return self.policy.if_ is None or self.holds(self.policy.if_, state, now)

    def holds(self, condition: Test, state: DealState, now: datetime) -> bool:
        """Whether a condition holds, of all the deal's life."""
        return condition.test(state, None, clock_for(state, self.playbook, now))

    def break_by(self, heard: Heard, why: str, since: Happening | None = None) -> None:
        """Note how it was broken first."""
        one = heard.happening
        self.broken = self.broken or Broken(one.at, one.number, why, one, since)


def words(happening: Happening) -> str:
    """What happened, in a few words."""
    kind = {"fact": "", "stage": "stage ", "closed": "the end, "}.get(
        happening.kind, f"{happening.kind.replace('_', ' ')} "
    )
    variant = next((key.partition(":")[2] for key in happening.keys if ":" in key and happening.kind == "fact"), "")
    return f"{kind}{happening.name.replace('_', ' ') if happening.kind == 'fact' else happening.name}" + (
        f": {variant}" if variant else ""
    )
