"""Pools that nobody uses, that never choose somebody, or that have nobody for some deals."""

from __future__ import annotations

from collections.abc import Iterator

from dealwright.diagnostics.diagnostic import Diagnostic, Place, warning
from dealwright.playbook.checks.traversal import steps_in
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.pools import Pool
from dealwright.playbook.language.steps.assign import AssignStep


def pools_that_leave_out(playbook: Playbook) -> Iterator[Diagnostic]:
    """Pools of which some or all members, or some or all deals, get nothing."""
    used = {step.from_ for _, step in steps_in(playbook) if isinstance(step, AssignStep)}
    for name, pool in playbook.pools.items():
        place: Place = ("pools", name)
        if name not in used:
            problem = f"no step assigns anybody from {name}"
            yield warning(place, problem, f"write a step such as {{assign: role, from: {name}}}, or take the pool out")
        yield from _holes(name, pool, place)


def _holes(name: str, pool: Pool, place: Place) -> Iterator[Diagnostic]:
    if pool.otherwise is None and all(member.territory is not None for member in pool.members):
        problem = f"a deal in no territory of {name} has nobody: its owner is asked to choose"
        yield warning(place, problem, "give one member no territory, or say otherwise: role, who chooses then")
    shares = [member for member in pool.members if member.weight != 1]
    if len(pool.members) == 1 and shares:
        problem = f"{name} has one member: a weight says nothing"
        yield warning((*place, "members", 0, "weight"), problem, "take it out, or add who shares the deals")
