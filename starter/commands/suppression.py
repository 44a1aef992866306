"""``suppression list`` and ``suppression remove``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from starter.audit_entries import leave_entry
from starter.commands.messages import AsJson
from starter.printing import moment, out, print_rows, say_json
from starter.store import opened_store

if TYPE_CHECKING:
    from store.absences import Absence
    from store.suppression import ListedAddress, Removal

app = typer.Typer(help="Look at the addresses that get no mail, and take one off.", no_args_is_help=True)
_IT_MEANS = (
    "All deals may write to it again; a deal that was told of it itself keeps it. Whoever opted out gets marketing "
    "again only if they asked for that themselves. A new opt-out or bounce puts the address back."
)


@app.command("list")
def list_addresses(
    address: Annotated[str | None, typer.Option(help="Only this address, with what else is known of it.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at the most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List the addresses that get no marketing or no mail, the newest first."""
    found, away, removals = asyncio.run(_read(address, limit))
    if as_json:
        document: dict[str, object] = {"listed": [each.model_dump(mode="json") for each in found]}
        if address is not None:
            document["away"] = away.model_dump(mode="json") if away else None
            document["removals"] = [each.model_dump(mode="json") for each in removals]
        say_json(document)
        return
    count = f"{len(found)} address{'' if len(found) == 1 else 'es'}"
    rows = [(one.address, "no mail" if one.bounced else "no marketing", moment(one.since), one.reason) for one in found]
    print_rows(count, ("address", "gets", "since", "why"), rows)
    if away is not None:
        out.print(f"Absence until {moment(away.until)}, as told to deal {away.deal_id} at {moment(away.told_at)}.")
    for each in removals:
        out.print(f"Taken off at {moment(each.removed_at)} by {each.by}: {each.why} ({each.reason})", soft_wrap=True)


@app.command()
def remove(
    address: Annotated[str, typer.Argument(help="The address, however it is written.")],
    by: Annotated[str, typer.Option(help="Who takes it off.")],
    why: Annotated[str, typer.Option(help="Why; it is kept.")],
    bounce: Annotated[bool, typer.Option("--bounce", help="Only the bounce, an opt-out stays.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take an address off the lists. Exit code 1: it is not on them."""
    if not by.strip() or not why.strip():
        raise typer.BadParameter("say who takes it off (--by) and why (--why)")
    form, gone = asyncio.run(_take_off(address, by.strip(), why.strip(), only_bounce=bounce))
    if as_json:
        say_json({"address": form, "removed": gone, "means": _IT_MEANS if gone else None})
    elif gone:
        what = "had bounced, which is forgotten" if bounce else "is off the list"
        out.print(f"{form} {what}. {_IT_MEANS}", soft_wrap=True)
    else:
        out.print(f"{form} {'has not bounced' if bounce else 'is on no list'}: nothing was changed.", soft_wrap=True)
    if not gone:
        raise typer.Exit(1)


async def _read(address: str | None, limit: int) -> tuple[list[ListedAddress], Absence | None, list[Removal]]:
    from store import absences, suppression

    async with opened_store() as store:
        found = await suppression.list_addresses(store, address=address, limit=limit)
        if address is None:
            return found, None, []
        return found, await absences.find(store, address), await suppression.removals(store, address)


async def _take_off(address: str, by: str, why: str, *, only_bounce: bool) -> tuple[str, bool]:
    from dealwright.values.addresses import normal
    from store import suppression

    async with opened_store() as store:
        form, gone = normal(address), await suppression.remove(store, address, by=by, why=why, only_bounce=only_bounce)
        if gone:
            await leave_entry(store, "remove_suppression", form, by)
        return form, gone
