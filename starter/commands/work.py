"""``work``: what people are asked and have not answered, over all deals."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from starter.commands.messages import AsJson
from starter.printing import counted, moment, print_rows, say_json
from starter.store import opened_store

if TYPE_CHECKING:
    from store.open_work import OpenWork


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("work")(work)


def work(
    person: Annotated[str | None, typer.Option(help="Only of this person, by e-mail address or else by name.")] = None,
    role: Annotated[str | None, typer.Option(help="Only of this role.")] = None,
    deal: Annotated[str | None, typer.Option(help="Only of this deal.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How much at the most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List open tasks, approvals and handoffs, by when they are due, and the command that answers each."""
    found = asyncio.run(_read(person, role, deal, limit))
    if as_json:
        say_json([one.model_dump(mode="json") for one in found])
        return
    columns = ("due", "kind", "deal", "what", "role", "person", "id", "answered by")
    print_rows(f"{counted(len(found), 'thing')} open", columns, [_cells(one) for one in found])


async def _read(person: str | None, role: str | None, deal: str | None, limit: int) -> list[OpenWork]:
    from store.open_work import WhichWork, list_work

    async with opened_store() as store:
        return await list_work(store, datetime.now(UTC), WhichWork(person, role, deal), limit=limit)


def _cells(one: OpenWork) -> tuple[str | None, ...]:
    due = f"{moment(one.due_at)}{' (overdue)' if one.overdue else ''}"
    return due, one.kind, one.deal_id, _title(one), one.role, one.person, one.id, one.answer.command


def _title(one: OpenWork) -> str:
    money = " ".join(f"({name} in {currency})" for name, currency in sorted(one.currencies.items()))
    return f"{one.title} {money}".rstrip()
