"""What ``dealwright demo`` can show, and what runs beside it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass

from rich.console import Console

from demo.all_tools.houses import FIRST
from demo.all_tools.run import run_all_tools
from demo.run import SIMULATED, run_demo
from local.simulators import NOTHING_SAID, Said
from local.stack import Stack


@dataclass(frozen=True)
class Show:
    """One of the demos."""

    tell: Callable[[Stack, Console], Coroutine[None, None, bool]]
    """Shows it; True when all is well at the end."""
    simulated: Mapping[str, Mapping[str, str]]
    """The tools that are simulated, each with what its simulator is started with."""
    said: Said = NOTHING_SAID
    """What the installation says besides."""


EIGHT_DEALS = Show(run_demo, SIMULATED)
ALL_TOOLS = Show(run_all_tools, FIRST.simulated, FIRST.said())
