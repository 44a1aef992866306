"""What goes wrong in tools, one thing after another, while deals and people work in them and processes are killed."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Literal, NamedTuple

import pytest

from tests.faults.tool_world import Fault, ToolWorld

IN_TOOL_LIVES = [
    pytest.mark.server,
    pytest.mark.skipif("DEALWRIGHT_TOOL_LIVES" not in os.environ, reason="DEALWRIGHT_TOOL_LIVES=1 lives these"),
]
"""The marks of tests that ``make tool-lives`` runs alone."""
FAULTS: tuple[Fault, ...] = (
    {"duplicate": -1, "reorder": True, "delay": 0.3},
    {"lose_response": 1},
    {"bad_gateway": 1},
    {"server_error": 1},
    {"quota_spent": 1},
    {"drop": -1},
)
CALM: Fault = {
    "duplicate": 0, "reorder": False, "delay": 0, "lose_response": 0, "bad_gateway": 0, "server_error": 0,
    "quota_spent": 0, "drop": 0,
}  # fmt: skip
Process = Literal["worker", "gateway"]


class Turn(NamedTuple):
    """One thing that goes wrong, and which process is killed meanwhile."""

    number: int
    """From 1."""
    fault: Fault
    first: Process
    """Killed while the deal does something in the tool."""
    then: Process
    """Killed once people have done something there."""


async def whatever_fails(world: ToolWorld, live: Callable[[Turn], Awaitable[str]]) -> list[str]:
    """Live a deal for each thing that goes wrong; the tools are read after it, and behave again."""
    deals = []
    for number, fault in enumerate(FAULTS, 1):
        first, then = _KILLED[number % 2]
        await world.misbehave(fault)
        deals.append(await live(Turn(number, fault, first, then)))
        if "drop" in fault:
            await world.until("the end of all webhooks", world.nothing_is_sent)
        await world.misbehave(CALM)
        await world.until("the webhooks of a turn", world.reading(world.nothing_is_sent))
        await world.look()
    return deals


_KILLED: tuple[tuple[Process, Process], ...] = (("gateway", "worker"), ("worker", "gateway"))
