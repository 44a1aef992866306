"""``playbook adopt``, which lets many deals follow another playbook, or go back, and ``playbook adoptions``."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Annotated, NamedTuple, TypeVar
from uuid import uuid4

import typer
from rich.progress import Progress

from starter.audit_entries import leave_entry, who_is_here
from starter.bundle_references import HOW, NamedBundle, published_bundle
from starter.changing.pace import Rate, at_a_rate, read_rate
from starter.changing.which_deals import WhichDeals, find_deals, read_which
from starter.commands.messages import AsJson
from starter.commands.playbook_impact import RateOption, print_impacts, say_impacts
from starter.printing import aside, counted, moment, out, print_rows, say_json
from starter.store import matching_store, opened_store

if TYPE_CHECKING:
    from temporalio.client import Client

    from store.adoptions import AdoptingDeal, Adoption
    from store.database import Store


T = TypeVar("T")
R = TypeVar("R")


class When(Enum):
    """When deals adopt the playbook."""

    NOW = "now"
    NEXT_STAGE = "next-stage"


_SHOWN = 20
"""Deals that are told of one by one, of those that are not as they should be."""


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("adopt")(adopt)
    app.command("adoptions")(list_adoptions)


def adopt(  # noqa: PLR0913 - each is an option
    playbook: Annotated[
        str | None, typer.Argument(help=f"The published playbook: {HOW}. Not with --back.", metavar="PLAYBOOK")
    ] = None,
    *,
    deals: Annotated[
        list[str] | None, typer.Option(help="all, stage=NAME, or a deal's id; may be repeated. Others keep theirs.")
    ] = None,
    when: Annotated[When, typer.Option(help="At once, or when a deal next enters a stage.")] = When.NOW,
    following: Annotated[
        str | None, typer.Option(help="Deals that follow this playbook, by name; by default the one of the same name.")
    ] = None,
    why: Annotated[str, typer.Option(help="Why; each deal's story tells it.")] = "many deals adopt this version",
    rate: RateOption = "10/s",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    back: Annotated[str | None, typer.Option(metavar="RUN", help="Let the deals of a run go back.")] = None,
    as_json: AsJson = False,
) -> None:
    """Let deals that are under way follow a published playbook, at a bounded rate.

    What is done is kept after each deal. Broken off with Ctrl-C, the same command goes on where it was. With
    --back RUN, each deal of that run follows again what it followed before, as long as nothing has left because of it.
    """
    pace = read_rate(rate)
    if back is not None:
        asyncio.run(_going_back(back, pace, as_json=as_json))
        return
    if playbook is None or not deals:
        raise typer.BadParameter("name the playbook, and with --deals the deals that adopt it: all, stage=NAME or ids")
    choice = _Choice(playbook, tuple(deals), following, "now" if when is When.NOW else "next_stage", why)
    asyncio.run(_adopting(choice, pace, dry_run=dry_run, as_json=as_json))


class _Choice(NamedTuple):
    """What was asked for."""

    playbook: str
    deals: tuple[str, ...]
    following: str | None
    comes: str
    why: str


async def _adopting(choice: _Choice, rate: Rate, *, dry_run: bool, as_json: bool) -> None:
    from dealwright.client.deal_client import DealClient
    from dealwright.impact.comparing import Wanted
    from starter.changing.adopting import AdoptingDeals
    from starter.changing.impacts import Impacts
    from store import adoptions

    async with matching_store() as (temporal, store):
        wanted = await published_bundle(store, choice.playbook)
        which = read_which(choice.deals, choice.following or wanted.playbook.playbook)
        client = DealClient(temporal)
        if dry_run:
            impacts = Impacts(client, store, Wanted(wanted.hash, wanted.playbook), timedelta(days=30))
            found = await _each(await find_deals(client, which), rate, impacts.on, "Looking at deals")
            (say_impacts if as_json else print_impacts)(wanted, found)
            return
        run = await _run_of(temporal, store, which, _new(wanted, which, choice))
        to_do = [one for one in await adoptions.deals_of(store, run.run) if one.state in adoptions.TO_DO]
        aside.print(f"Run {run.run}: {counted(len(to_do), 'deal')} to ask. The same command goes on with it.")
        await _each(to_do, rate, AdoptingDeals(client, store, run).adopt, "Asking deals")
        _tell(run, await adoptions.deals_of(store, run.run), as_json=as_json, back=False)


def _new(wanted: NamedBundle, which: WhichDeals, choice: _Choice) -> Adoption:
    from store.adoptions import Adoption, named

    now = datetime.now(UTC)
    return Adoption.model_validate(
        {
            "run": named(now, uuid4().hex[:4]), "playbook": wanted.playbook.playbook, "bundle": wanted.hash,
            "comes": choice.comes, "why": choice.why,
            "which": {"playbook": which.playbook, "stage": which.stage, "ids": list(which.ids)},
            "by": who_is_here(), "begun_at": now,
        }
    )  # fmt: skip


async def _run_of(temporal: Client, store: Store, which: WhichDeals, new: Adoption) -> Adoption:
    """The run that goes on, or the new one, with its deals."""
    from dealwright.client.deal_client import DealClient
    from store import adoptions

    if (before := await adoptions.unfinished(store, new)) is not None:
        return before
    await adoptions.begin(store, new, await find_deals(DealClient(temporal), which))
    await leave_entry(store, "adopt_playbook_in_deals", new.run, new.by)
    return new


async def _going_back(run_id: str, rate: Rate, *, as_json: bool) -> None:
    from dealwright.client.deal_client import DealClient
    from starter.changing.adopting import AdoptingDeals
    from store import adoptions

    async with matching_store() as (temporal, store):
        run = await adoptions.find(store, run_id)
        changed = [one for one in await adoptions.deals_of(store, run_id) if one.state in adoptions.CHANGED]
        to_do = [one for one in changed if one.back in {None, "asked"}]
        await leave_entry(store, "take_back_adoption", run_id, who_is_here())
        await _each(to_do, rate, AdoptingDeals(DealClient(temporal), store, run).go_back, "Asking deals")
        _tell(run, await adoptions.deals_of(store, run_id), as_json=as_json, back=True)


async def _each(items: Sequence[T], rate: Rate, work: Callable[[T], Awaitable[R]], doing: str) -> list[R]:
    found: list[R] = []
    with Progress(console=aside, transient=True, disable=not aside.is_terminal) as bar:
        task = bar.add_task(doing, total=len(items))
        async for one in at_a_rate(items, rate, work):
            found.append(one)
            bar.advance(task)
    return found


def _tell(run: Adoption, deals: Sequence[AdoptingDeal], *, as_json: bool, back: bool) -> None:
    from store import adoptions

    if back:
        deals = [one for one in deals if one.state in adoptions.CHANGED]
    counts = Counter((one.back or "waiting") if back else one.state for one in deals)
    left = [one for one in deals if (one.back in {None, "asked"} if back else one.state in adoptions.TO_DO)]
    if as_json:
        told = [one.model_dump(mode="json") for one in deals]
        say_json({**run.model_dump(mode="json"), "counts": dict(counts), "to_do": len(left), "deals": told})
    else:
        said = ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in counts.most_common())
        out.print(f"Run {run.run}, {run.playbook} ({run.bundle[:12]}): {said or 'no deal'}.", soft_wrap=True)
        good = {"went_back"} if back else {"adopted", "planned", "followed"}
        for one in [each for each in deals if ((each.back if back else each.state) or "") not in good][:_SHOWN]:
            out.print(f"{one.deal_id}: {one.said or 'not asked yet'}", soft_wrap=True)
        if left:
            out.print(f"{counted(len(left), 'deal')} to be asked again: give the same command once more.")
        elif not back and counts.keys() & {"adopted", "planned"}:
            out.print(f"The way back: dealwright playbook adopt --back {run.run}", soft_wrap=True)
    if left:
        raise typer.Exit(1)


def list_adoptions(as_json: AsJson = False) -> None:
    """List the last runs in which deals adopted a playbook, the newest first."""
    from store import adoptions

    async def reading() -> list[tuple[Adoption, dict[str, int]]]:
        async with opened_store() as store:
            return [(run, dict(counts)) for run, counts in await adoptions.runs(store)]

    found = asyncio.run(reading())
    if as_json:
        say_json([{**run.model_dump(mode="json"), "counts": counts} for run, counts in found])
        return
    lines = [
        (
            run.run, run.playbook, run.bundle[:12], run.comes.replace("_", " "), run.by, moment(run.begun_at),
            ", ".join(f"{number} {state}" for state, number in sorted(counts.items())),
        )
        for run, counts in found
    ]  # fmt: skip
    print_rows(counted(len(found), "run"), ("run", "playbook", "hash", "when", "by", "begun", "deals"), lines)
