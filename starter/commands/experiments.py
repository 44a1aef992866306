"""``experiments``: what became of the deals of each arm."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.facts import FACTS
from starter.commands.messages import AsJson
from starter.printing import counted, moment, print_rows, say_json
from starter.store import opened_store

if TYPE_CHECKING:
    from store.experiments import ArmResults


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("experiments")(experiments)


def experiments(
    name: Annotated[str | None, typer.Argument(help="Only this experiment.")] = None,
    fact: Annotated[
        list[str], typer.Option(help="Count the deals in which this fact happened since. May be given again.")
    ] = ["reply_received", "meeting_booked"],  # noqa: B006 - Typer takes it for the default, and changes nothing
    as_json: AsJson = False,
) -> None:
    """Count the deals of each arm of an experiment, and what became of them since they were exposed to it.

    These are counts: whether a difference is more than chance is not said. The journal lags, so the last days may be
    incomplete.
    """
    for each in fact:
        if each not in FACTS:
            raise typer.BadParameter(
                f"{each!r} is no fact: {did_you_mean(each, FACTS, 'docs/playbook/triggers.md has all')}"
            )
    found = asyncio.run(_read(name, tuple(dict.fromkeys(fact))))
    if as_json:
        say_json([one.model_dump(mode="json") for one in found])
        return
    endings = sorted({outcome for one in found for outcome in one.ended})
    columns = ("experiment", "arm", "exposed", *dict.fromkeys(fact), "won", "open", *endings, "first", "last")
    print_rows(counted(sum(one.exposed for one in found), "exposure"), columns, [_cells(one, endings) for one in found])


async def _read(name: str | None, facts: tuple[str, ...]) -> list[ArmResults]:
    from store.experiments import results

    async with opened_store() as store:
        return await results(store, name, facts=facts)


def _cells(one: ArmResults, endings: list[str]) -> tuple[str, ...]:
    counts = (one.exposed, *one.facts.values(), one.won, one.open, *(one.ended.get(outcome, 0) for outcome in endings))
    return one.experiment, one.arm, *map(str, counts), moment(one.first_at), moment(one.last_at)
