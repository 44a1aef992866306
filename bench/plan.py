"""The plan of the bare workflow: constants, as its author would have written them into the code."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from bench.life import Life, PlanStep

PLAN_VARIABLE = "BENCH_LIFE"
"""The environment variable that names the file of the recorded life."""


@cache
def plan() -> tuple[PlanStep, ...]:
    """What the bare workflow does, one wait after another."""
    return Life.read(Path(os.environ[PLAN_VARIABLE])).plan
