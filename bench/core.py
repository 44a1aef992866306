"""How many lives a minute the pure core can decide and fold on one core: no Temporal, no I/O, no JSON."""

from __future__ import annotations

import gc
from statistics import mean

from pydantic import BaseModel, ConfigDict

from runtime.gc_tuning import tune_gc
from simulation.life import live

_WARM_UP = 100
"""Lives that are not counted: in a worker, too, most calendars have been worked out before."""
_LIVES = 200


class CoreSpeed(BaseModel):
    """What was measured. A life is a random one of the property tests: up to three years, all that can go wrong."""

    model_config = ConfigDict(frozen=True)

    lives_per_core_minute: float
    looks_per_life: float
    entries_per_life: float
    microseconds_per_look: float


def core_speed(first_seed: int) -> CoreSpeed:
    """Live lives from a seed on, and count only the processor time of ``decide`` and ``fold``."""
    for seed in range(_WARM_UP):
        live(seed)
    gc.collect()
    tune_gc()  # as a worker does
    # Only the figures are kept: lives that pile up would have the garbage collector work for this bench.
    lives = [_lived(seed) for seed in range(first_seed, first_seed + _LIVES)]
    seconds, decisions, entries = (mean(of_all) for of_all in zip(*lives, strict=True))
    return CoreSpeed(
        lives_per_core_minute=60 / seconds,
        looks_per_life=decisions,
        entries_per_life=entries,
        microseconds_per_look=seconds / decisions * 1e6,
    )


def _lived(seed: int) -> tuple[float, float, float]:
    """Of one life: the core's processor time in seconds, the decisions, the entries."""
    life = live(seed).simulation
    return life.core_seconds, len(life.decisions), len(life.entries)
