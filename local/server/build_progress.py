"""Progress on the terminal while Go compiles for minutes."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

PLAIN_LINE_SECONDS = 30.0


class BuildProgress:
    """A bar on a terminal; elsewhere a line every half minute, so that a CI log shows life.

    Go prints a line for each module it fetches and each package it compiles; what its cache holds is not printed,
    so the bar may end early but never runs backwards.
    """

    def __init__(self, console: Console, name: str, packages: int, minutes: str) -> None:
        self._console = console
        self._name = name
        self._packages = packages
        self._minutes = minutes
        self._fetched = self._compiled = 0
        self._started = self._printed_at = time.monotonic()
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=12),
            TextColumn("{task.fields[counts]}"),
            TimeElapsedColumn(),
            TextColumn(f"of {minutes}"),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task(name, total=packages, counts="starting")

    def __enter__(self) -> Self:
        self._bar.start()
        if not self._console.is_terminal:
            self._say(f"{self._name}: usually {self._minutes} on two cores")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
        if error is None:
            self._say(f"{self._name}: built in {self._elapsed():.0f} s ({self._counts()})")

    def heard(self, line: str) -> None:
        """Take in one line of Go's output."""
        if line.startswith("go: downloading"):
            self._fetched += 1
        elif line and not line.startswith("go:"):
            self._compiled += 1
        self._bar.update(self._task, completed=min(self._compiled, self._packages), counts=self._counts())
        if not self._console.is_terminal and time.monotonic() - self._printed_at > PLAIN_LINE_SECONDS:
            self._printed_at = time.monotonic()
            self._say(f"{self._name}: {self._elapsed():.0f} s, {self._counts()}")

    def _counts(self) -> str:
        return f"{self._fetched} modules, {self._compiled} packages"

    def _elapsed(self) -> float:
        return time.monotonic() - self._started

    def _say(self, text: str) -> None:
        self._console.print(text, highlight=False, markup=False)
