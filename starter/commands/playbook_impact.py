"""``playbook impact``: what adopting a playbook would change for each open deal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress

from starter.bundle_references import HOW, NamedBundle, read_bundle
from starter.changing.pace import Rate, at_a_rate, read_rate
from starter.changing.which_deals import WhichDeals, find_deals
from starter.commands.messages import AsJson
from starter.printing import aside, counted, out, print_rows, say_json
from starter.store import matching_store

if TYPE_CHECKING:
    from dealwright.impact.change import Impact

RateOption = Annotated[str, typer.Option("--rate", metavar="N/s", help="So many deals at the most: 10/s, 600/m.")]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("impact")(impact)


def impact(
    playbook: Annotated[str, typer.Argument(help=f"The playbook that deals would adopt: {HOW}.")],
    stage: Annotated[str | None, typer.Option(help="Only deals in this stage.")] = None,
    following: Annotated[
        str | None, typer.Option(help="Deals that follow this playbook, by name; by default the one of the same name.")
    ] = None,
    days: Annotated[int, typer.Option(min=0, max=365, help="So far ahead is looked.")] = 30,
    rate: RateOption = "20/s",
    as_json: AsJson = False,
) -> None:
    """Tell what adopting a playbook would change for each open deal. Nothing is changed or recorded.

    Plays that are stopped or begun, messages and tasks that come at another time, are added or dropped, approvals
    that are asked for, and the deals that cannot adopt it, with the reason: if nobody answers and nothing new comes.
    """
    wanted, found = asyncio.run(_looking(playbook, stage, following, timedelta(days=days), read_rate(rate)))
    if as_json:
        say_impacts(wanted, found)
    else:
        print_impacts(wanted, found)


async def _looking(
    reference: str, stage: str | None, following: str | None, ahead: timedelta, rate: Rate
) -> tuple[NamedBundle, list[Impact]]:
    from dealwright.client.deal_client import DealClient
    from dealwright.impact.comparing import Wanted
    from starter.changing.impacts import Impacts

    wanted = await read_bundle(reference)
    async with matching_store() as (temporal, store):
        client = DealClient(temporal)
        impacts = Impacts(client, store, Wanted(wanted.hash, wanted.playbook), ahead)
        deals = await find_deals(client, WhichDeals(following or wanted.playbook.playbook, stage))
        found: list[Impact] = []
        with Progress(console=aside, transient=True, disable=not aside.is_terminal) as bar:
            task = bar.add_task("Looking at deals", total=len(deals))
            async for one in at_a_rate(deals, rate, impacts.on):
                found.append(one)
                bar.advance(task)
    return wanted, sorted(found, key=lambda one: one.deal_id)


def say_impacts(wanted: NamedBundle, found: Sequence[Impact]) -> None:
    """Print, as JSON, what adopting the playbook would change."""
    from starter.changing.impacts import counted_by_kind, counted_refusals

    say_json(
        {
            "playbook": wanted.playbook.playbook,
            "bundle": wanted.hash,
            "deals": len(found),
            "unchanged": sum(not one.changes and one.cannot is None for one in found),
            "cannot": counted_refusals(found),
            "by_kind": counted_by_kind(found),
            "impacts": [one.model_dump(mode="json") for one in found],
        }
    )


def print_impacts(wanted: NamedBundle, found: Sequence[Impact]) -> None:
    """Print what adopting the playbook would change: by kind first, then deal by deal."""
    from starter.changing.impacts import counted_by_kind, counted_refusals

    unchanged = sum(not one.changes and one.cannot is None for one in found)
    out.print(f"{counted(len(found), 'open deal')} that would follow {wanted.said}; {unchanged} would not change.")
    columns = ("what", "change", "name", "times", "deals")
    rows = [
        (str(one["kind"]), str(one["what"]).replace("_", " "), str(one["name"]), str(one["changes"]), str(one["deals"]))
        for one in counted_by_kind(found)
    ]
    if rows:
        print_rows("By kind", columns, rows)
    for why, deals in counted_refusals(found).items():
        out.print(f"{counted(deals, 'deal')} cannot adopt it: {why}", soft_wrap=True)
    changed = [one for one in found if one.changes or one.cannot]
    lines = [(one.deal_id, one.stage, _in_a_line(one)) for one in changed]
    if lines:
        print_rows("Deal by deal", ("deal", "stage", "what changes"), lines)


def _in_a_line(one: Impact) -> str:
    return f"cannot: {one.cannot}" if one.cannot else "; ".join(change.sentence() for change in one.changes)
