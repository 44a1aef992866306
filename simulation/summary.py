"""Many lives: examined in turn or side by side, and counted."""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_context

from dealwright import entries as e
from simulation.examiner import Examination, examine
from simulation.life import Life
from simulation.playbook_library import library

SMALLEST_SHARE = 0.015
"""The share of lives that must reach each stage and each outcome, to mean something."""
OUTCOMES = (
    "won",
    "renewed",
    "lost",
    "unresponsive",
    "churned",
    "disqualified",
    "completed",
    "ended by a person",
    "open",
)
_RARE_STAGES = frozenset({"side", "offer", "billed"})
"""The odd playbook's dead end, which only a person moves a deal to; and later stages of the few deals with tools."""
_ALONE, _TOGETHER = 600, 50
_REPORTS_KEPT = 3


def stages() -> tuple[str, ...]:
    """Every stage that lives are to reach."""
    names = [stage.name for _, playbook in library().offers.values() for stage in playbook.stages]
    return tuple(name for name in dict.fromkeys(names) if name not in _RARE_STAGES)


@dataclass
class Summary:
    """What many lives came to."""

    lives: int = 0
    stages: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    decisions: int = 0
    entries: int = 0
    core_seconds: float = 0.0
    violations: Counter[str] = field(default_factory=Counter)
    """By check, in how many lives it found something."""
    reports: dict[str, list[str]] = field(default_factory=dict)
    """By check, the first stories in which it found something."""

    def count(self, examination: Examination) -> None:
        """Add a life."""
        simulation = examination.life.simulation
        self.lives += 1
        self.decisions += len(simulation.decisions)
        self.entries += len(simulation.entries)
        self.core_seconds += simulation.core_seconds
        self.stages.update({entry.stage for entry in simulation.entries if isinstance(entry, e.StageEntered)})
        self.outcomes.update(set(_outcomes(examination.life)))
        for check in {violation.check for violation in examination.found}:
            self.violations[check] += 1
            self._keep(check, [examination.report(check)])

    def add(self, other: Summary) -> None:
        """Add the lives of another summary."""
        self.lives += other.lives
        self.decisions += other.decisions
        self.entries += other.entries
        self.core_seconds += other.core_seconds
        self.stages += other.stages
        self.outcomes += other.outcomes
        self.violations += other.violations
        for check, reports in other.reports.items():
            self._keep(check, reports)

    def _keep(self, check: str, reports: list[str]) -> None:
        self.reports[check] = [*self.reports.get(check, []), *reports][:_REPORTS_KEPT]

    @property
    def shares(self) -> dict[str, float]:
        """Of each stage and outcome the share of lives that reached it."""
        counts = {f"stage {name}": self.stages[name] for name in stages()}
        counts |= {name: self.outcomes[name] for name in OUTCOMES}
        return {name: count / max(self.lives, 1) for name, count in counts.items()}

    def __str__(self) -> str:
        shares = "\n".join(f"  {share:6.1%}  {name}" for name, share in self.shares.items())
        a_minute = 60 * self.lives / self.core_seconds if self.core_seconds else 0.0
        return (
            f"{self.lives} lives of {self.decisions / max(self.lives, 1):.0f} decisions and "
            f"{self.entries / max(self.lives, 1):.0f} entries on average, "
            f"{a_minute:,.0f} lives a minute and core in decide and fold\n{shares}"
        )


def _outcomes(life: Life) -> Iterator[str]:
    simulation = life.simulation
    state = simulation.state
    yield (state.outcome or "") if state.finished else "open"
    if any(isinstance(entry, e.StageEntered) and entry.marks == "won" for entry in simulation.entries):
        yield "won"
    if state.term > 1:
        yield "renewed"
    if any(isinstance(entry, e.CommandTaken) and entry.command == "close" for entry in simulation.entries):
        yield "ended by a person"


def examine_all(seeds: Sequence[int]) -> Iterator[Summary]:
    """Examine lives, on several cores when they are many; summaries come as they are ready."""
    chunks = [seeds[first : first + _TOGETHER] for first in range(0, len(seeds), _TOGETHER)]
    if len(seeds) <= _ALONE:
        yield from map(examine_in_turn, chunks)
        return
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), _settle_in) as pool:
        try:
            for ready in as_completed([pool.submit(examine_in_turn, chunk) for chunk in chunks]):
                yield ready.result()
        finally:
            pool.shutdown(cancel_futures=True)  # where one failed, nobody waits for the others


def _settle_in() -> None:
    """Behind other tests that run meanwhile, which wait a lot: lives take the time that these leave over.

    What is imported stays, and what a life makes is nearly all gone without the garbage collector.
    """
    os.nice(10)
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


def examine_in_turn(seeds: Iterable[int]) -> Summary:
    """The summary of these lives."""
    summary = Summary()
    for seed in seeds:
        try:
            summary.count(examine(seed))
        except Exception as error:
            error.add_note(f"In the life of seed {seed}: DEALWRIGHT_SEED={seed} lives it again.")
            raise
    return summary
