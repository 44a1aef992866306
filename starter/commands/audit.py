"""``audit``: who changed what."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from starter.commands.messages import AsJson
from starter.printing import counted, moment, print_rows, say_json
from starter.store import opened_store

if TYPE_CHECKING:
    from store.audit import AuditRow


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("audit")(audit)


def audit(
    deal: Annotated[str | None, typer.Option(help="Only what is about this deal.")] = None,
    caller: Annotated[str | None, typer.Option(help="Only of the key with this name.")] = None,
    by: Annotated[str | None, typer.Option(help="Only in this name.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at the most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List who asked for which change, the newest first."""
    found = asyncio.run(_read(deal, caller, by, limit))
    if as_json:
        say_json([each.model_dump(mode="json", exclude_none=True) for each in found])
        return
    columns = ("when", "key", "by", "what", "on", "result", "id of fact or command")
    print_rows(counted(len(found), "change"), columns, [_cells(each) for each in found])


async def _read(deal: str | None, caller: str | None, by: str | None, limit: int) -> list[AuditRow]:
    from store.audit import recent

    async with opened_store() as store:
        return await recent(store, deal_id=deal, caller=caller, by=by, limit=limit)


def _cells(row: AuditRow) -> tuple[str | None, ...]:
    on = row.deal_id or row.target
    return moment(row.at), row.caller, row.by, row.operation, on, row.result, row.idempotency_key
