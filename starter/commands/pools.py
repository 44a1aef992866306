"""``pool list``: who of which pool has how many deals."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from starter.commands.messages import AsJson
from starter.printing import counted, moment, print_rows, say_json
from starter.store import opened_store

if TYPE_CHECKING:
    from store.pools import MemberLoad

app = typer.Typer(help="Look at how deals are shared out.", no_args_is_help=True)


@app.command("list")
def list_loads(
    pool: Annotated[str | None, typer.Option(help="Only this pool.")] = None, as_json: AsJson = False
) -> None:
    """List who has how many deals from which pool: open ones, and all."""
    found = [one for one in asyncio.run(_read()) if pool in {None, one.pool}]
    if as_json:
        say_json([one.model_dump(mode="json", exclude_none=True) for one in found])
        return
    rows = [
        (one.playbook, one.pool, one.person, str(one.open), str(one.all),
         moment(one.away_until) if one.away_until else "")
        for one in found
    ]  # fmt: skip
    print_rows(counted(len(rows), "member"), ("playbook", "pool", "person", "open", "all", "away until"), rows)


async def _read() -> list[MemberLoad]:
    from store import pools

    async with opened_store() as store:
        return await pools.member_loads(store, datetime.now(UTC))
