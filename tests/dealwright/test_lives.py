"""What must be true of every life of a deal, tried on many random ones.

``DEALWRIGHT_LIVES`` says how many (300), ``DEALWRIGHT_SEED`` lives the one life of that seed again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from simulation.examiner import TITLES
from simulation.summary import SMALLEST_SHARE, Summary, examine_all

SEED = os.environ.get("DEALWRIGHT_SEED")
SEEDS = [int(SEED)] if SEED else range(int(os.environ.get("DEALWRIGHT_LIVES", "300")))
LONG = 1_000
"""From so many lives on, progress is shown."""
_SECONDS_BETWEEN_LINES = 5


@pytest.fixture(scope="module")
def lives(request: pytest.FixtureRequest) -> Summary:
    """All lives, lived and examined once."""
    summary = Summary()
    with _progress(request.config) as progress:
        for part in examine_all(SEEDS):
            summary.add(part)
            progress.update(summary.lives)
        progress.say(str(summary))
    return summary


@pytest.mark.parametrize("check", TITLES, ids=list(TITLES))
def test_in_every_life(lives: Summary, check: str) -> None:
    reports = "\n\n".join(lives.reports.get(check, ()))

    assert not lives.violations[check], f"In {lives.violations[check]} of {lives.lives} lives:\n{reports}"


@pytest.mark.skipif(bool(SEED), reason="one life cannot reach everything")
def test_lives_reach_every_stage_and_every_outcome(lives: Summary) -> None:
    rare = {name: share for name, share in lives.shares.items() if share < SMALLEST_SHARE}

    assert not rare, f"Too few lives reach {', '.join(rare)}.\n{lives}"


class _Told:
    """Progress of long work: a bar for people, a line now and then for everything else."""

    def __init__(self, console: Console, bar: Progress | None) -> None:
        self._console, self._bar = console, bar
        self._task = bar.add_task("lives", total=len(SEEDS)) if bar else None
        self._next_line = time.monotonic() + _SECONDS_BETWEEN_LINES

    def update(self, lives: int) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=lives)
        elif len(SEEDS) >= LONG and time.monotonic() > self._next_line:
            self._next_line = time.monotonic() + _SECONDS_BETWEEN_LINES
            self.say(f"{lives:,} of {len(SEEDS):,} lives")

    def say(self, text: str) -> None:
        self._console.print(text, highlight=False)


@contextmanager
def _progress(config: pytest.Config) -> Iterator[_Told]:
    capture = config.pluginmanager.getplugin("capturemanager")
    if len(SEEDS) < LONG or capture is None:
        yield _Told(Console(quiet=len(SEEDS) < LONG), None)
        return
    with capture.global_and_fixture_disabled():
        console = Console()
        console.print()
        if console.is_terminal:
            columns = ("Living", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            with Progress(*columns, console=console) as bar:
                yield _Told(console, bar)
        else:
            yield _Told(console, None)
