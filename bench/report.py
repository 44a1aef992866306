"""What was measured, beside its targets: on the terminal, and in ``var/bench.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

RESULT = Path("var/bench.json")
TARGETS = {
    "events_ratio": ("at most", 1.15),
    "actions_ratio": ("at most", 1.3),
    "cpu_ratio": ("at most", 1.6),
    "replay_ratio": ("at most", 1.5),
    "burst_ratio": ("at most", 1.5),
    "tasks_timed_out": ("at most", 0.0),
    "cold_ratio": ("at most", 1.5),
    "cached_ratio": ("at most", 2.0),
    "p99_ratio": ("at most", 1.2),
    "intake_ratio": ("at least", 0.6),
    "playbook_test_ms": ("at most", 50.0),
    "lives_per_core_minute": ("at least", 10_000.0),
}
console = Console()


def write(found: Mapping[str, object]) -> None:
    """Write figures down; those of another run that were not measured now stay."""
    RESULT.parent.mkdir(exist_ok=True)
    before = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    RESULT.write_text(json.dumps({**before, **found}, indent=1) + "\n", encoding="utf-8")
    console.print(f"Written to {RESULT}.")


def show(figures: Mapping[str, float], others: Mapping[str, str]) -> None:
    """Print the figures, each with its target, and those that have none."""
    table = Table("figure", "measured", "target", "", title="What a deal costs", title_justify="left", box=None)
    for name, value in figures.items():
        sense, target = TARGETS[name]
        reached = value <= target if sense == "at most" else value >= target
        whole = target == 0 or target > 100  # noqa: PLR2004 - counts and large figures without decimals
        shown = f"{value:,.0f}" if whole else f"{value:.2f}"
        table.add_row(
            name, shown, f"{sense} {target:,g}", "[green]reached[/green]" if reached else "[red]not reached[/red]"
        )
    for name, shown in others.items():
        table.add_row(name, shown, "", "")
    console.print(table)
