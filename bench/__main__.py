"""``python -m bench``: what a deal costs, each figure a ratio against a bare workflow in the same run.

Writes ``var/bench.json``. Both cores are used and the machine may be noisy: the sides take turns, and medians count.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from temporalio.client import WorkflowHistory

from bench.core import core_speed
from bench.driver import VirtualTime, opening_time, record, run_life
from bench.histories import actions_by_kind, events_by_kind
from bench.intake import measure_intake
from bench.ledger_cost import milliseconds_a_touch
from bench.life import Life
from bench.open_deals import open_deals
from bench.playbook_tests import milliseconds_a_test
from bench.replays import seconds_per_event
from bench.report import console, show, write
from bench.under_load import measure_under_load, ratios
from bench.variant import BARE, REAL, Variant, WorkerProcess
from dealwright.decision import SEARCH_ATTRIBUTES
from local.server.plan import ServerPlan
from local.server.server import LocalServer
from runtime.plugin import deals_plugin

ROUNDS = 4
LIVES_A_ROUND = 3


@dataclass
class Measured:
    """What was measured of one side."""

    cpu: list[float] = field(default_factory=list)
    """Seconds of worker CPU a life."""
    replay: list[float] = field(default_factory=list)
    """Seconds of CPU an event."""
    histories: list[WorkflowHistory] = field(default_factory=list)
    """Of one life."""

    @property
    def events(self) -> Counter[str]:
        """Events of the life, by kind."""
        return events_by_kind(self.histories)

    @property
    def actions(self) -> Counter[str]:
        """Billed actions of the life, by kind."""
        return actions_by_kind(self.histories)


async def main() -> None:
    """Measure everything, print it and write it down."""
    with tempfile.TemporaryDirectory(prefix="dealwright-bench-") as directory:
        sides, told = await _lives(Path(directory))
        console.print("bench: cold replays")
        for _ in range(ROUNDS):
            for side in (REAL, BARE):
                life = Path(directory) / "life.json"
                sides[side].replay.append(await seconds_per_event(side, sides[side].histories, life))
        crowds = await measure_under_load(Path(directory) / "crowd", console)
        events = await measure_intake(Path(directory) / "intake", console)
        console.print("bench: the pure core")
        cores = [core_speed(seed) for seed in (1_000, 2_000, 3_000)]
        console.print("bench: tests of playbooks")
        a_test = milliseconds_a_test()
        console.print("bench: the ledger")
        touches = await milliseconds_a_touch(Path(directory))
    real, bare = sides[REAL], sides[BARE]
    figures = {
        "events_ratio": real.events.total() / bare.events.total(),
        "actions_ratio": real.actions.total() / bare.actions.total(),
        "cpu_ratio": median(real.cpu) / median(bare.cpu),
        "replay_ratio": median(real.replay) / median(bare.replay),
        "lives_per_core_minute": median(core.lives_per_core_minute for core in cores),
        "intake_ratio": events.ratio,
        "playbook_test_ms": a_test,
        **ratios(crowds),
    }
    show(figures, {f"ledger, {database}": f"{ms:.1f} ms a touch" for database, ms in touches.items()})
    write({
        **figures,
        "ledger_ms_per_touch": touches,
        "intake_events_a_second": events.model_dump(),
        "cpu_ms_per_fact": {side.name: [cpu / told * 1000 for cpu in measured.cpu] for side, measured in sides.items()},
        "replay_us_per_event": {side.name: [one * 1e6 for one in measured.replay] for side, measured in sides.items()},
        "events": {side.name: dict(measured.events) for side, measured in sides.items()},
        "actions": {side.name: dict(measured.actions) for side, measured in sides.items()},
        "core": [core.model_dump() for core in cores],
        "crowds": {side.name: found.model_dump() for side, found in crowds.items()},
        "facts_and_commands_a_life": told,
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
    })  # fmt: skip


async def many_open() -> None:
    """Measure facts to many open deals, print it and write it down."""
    with tempfile.TemporaryDirectory(prefix="dealwright-bench-") as directory:
        found = await open_deals(Path(directory), console)
    real, bare = found[REAL], found[BARE]
    told = {
        f"facts to {one.open_deals:,}, {side.name}": f"p50 {one.p50 * 1000:.0f} ms, p99 {one.p99 * 1000:.0f} ms, "
        f"CPU {one.cpu_ms_a_fact:.0f} ms"
        for side, measured in found.items()
        for one in (measured.few, measured.many)
    }
    memory = {f"memory, {deals:,} deals": f"{mib:.0f} MiB" for deals, mib in real.mib.items()}
    figures = {"p99_ratio": real.p99_ratio, "tasks_timed_out": real.tasks_timed_out}
    show(figures, {"p99_ratio of the bare side": f"{bare.p99_ratio:.2f}", **told, **memory})
    write({**figures, "open_deals": {side.name: one.model_dump() for side, one in found.items()}})


async def _lives(directory: Path) -> tuple[dict[Variant, Measured], int]:
    plan = ServerPlan(
        directory=directory / "temporal", search_attributes=SEARCH_ATTRIBUTES, ui=False, durable=False, own=True
    )
    async with LocalServer.start(plan, console) as server:
        client = await server.connect([deals_plugin()])
        stage = VirtualTime(client, opening_time(datetime.now(UTC)))
        console.print("bench: recording the life of deal (a)")
        async with WorkerProcess.start(REAL, server.environment, directory) as _:
            life = await record(stage, "bench")
        life.write(directory / "life.json")
        measured = {REAL: Measured(), BARE: Measured()}
        for number in range(ROUNDS):
            for side in (REAL, BARE):
                console.print(f"bench: round {number + 1} of {ROUNDS}, {side.name}")
                async with WorkerProcess.start(side, server.environment, directory, directory / "life.json") as worker:
                    await _round(stage, life, worker, measured[side], number)
    return measured, len(life.messages)


async def _round(stage: VirtualTime, life: Life, worker: WorkerProcess, measured: Measured, number: int) -> None:
    await run_life(stage, life.under(f"warm-{number}"), worker.side)
    before = worker.cpu()
    lived = await asyncio.gather(
        *(run_life(stage, life.under(f"life-{number}-{one}"), worker.side) for one in range(LIVES_A_ROUND))
    )
    measured.cpu.append((worker.cpu() - before).total_seconds() / LIVES_A_ROUND)
    measured.histories = _typical(lived)


def _typical(lived: Sequence[list[WorkflowHistory]]) -> list[WorkflowHistory]:
    """The life with the median number of events."""
    ordered = sorted(lived, key=lambda histories: events_by_kind(histories).total())
    return ordered[len(ordered) // 2]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench", description="What a deal costs.")
    parser.add_argument("--open-deals", action="store_true", help="facts to 1,000 and to 10,000 open deals instead")
    asyncio.run(many_open() if parser.parse_args().open_deals else main())
    sys.stdout.flush()
    os._exit(0)  # the SDK's threads may crash the interpreter at its exit
