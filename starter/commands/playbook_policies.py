"""``playbook prove``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from starter.commands.messages import AsJson
from starter.commands.playbook_tests import end_with
from starter.playbooks.files import Folder
from starter.printing import aside

if TYPE_CHECKING:
    from simulation.proving.prover import Prover
    from starter.playbooks.proofs import Proof

_STOPPED = 130
"""The exit code of what was stopped with Ctrl-C."""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("prove")(prove)


def prove(
    folder: Folder,
    lives: Annotated[int, typer.Option("--lives", min=1, help="On so many random lives.")] = 2000,
    seed: Annotated[int, typer.Option("--seed", help="Another seed draws other lives; the same one the same.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Try the policies beside a playbook (policies.yaml): exit code 1 if one is broken, 2 if a file has a mistake."""
    from runtime.gc_tuning import tune_gc
    from simulation.policies.reading import BadPolicies
    from simulation.proving.prover import Prover
    from starter.playbooks.folder import BadPlaybook, PlaybookFolder

    try:
        read = PlaybookFolder.read(folder)
        file, policies = read.policies()
    except (BadPlaybook, BadPolicies) as error:
        end_with(error, as_json=as_json)
    tune_gc()
    proof = _proof(Prover(read.playbook, read.rules, policies, seed), file, lives)
    if as_json:
        proof.say_json()
    else:
        proof.print()
    if not proof.is_whole:
        raise typer.Exit(_STOPPED)
    if not proof.holds:
        raise typer.Exit(1)


def _proof(prover: Prover, file: str, lives: int) -> Proof:
    from starter.playbooks.proofs import Proof

    began = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=aside, transient=True, disable=not aside.is_terminal) as bar:
        task = bar.add_task("Living", total=lives)
        try:
            while prover.lives < lives:
                prover.live_one()
                bar.update(task, completed=prover.lives)
        except KeyboardInterrupt:
            bar.update(task, description="Stopped")
        broken = sum(found.broken_in > 0 for found in prover.findings)
        telling = bar.add_task("Looking for the shortest stories", total=broken, visible=broken > 0)
        prover.tell_stories(lambda: bar.advance(telling))
    seconds, found = time.monotonic() - began, tuple(prover.findings)
    return Proof(file, found, prover.lives, lives, prover.seed, seconds, prover.endless, prover.circle)
