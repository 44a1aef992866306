"""``show``, ``list`` and ``tasks``."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from dealwright.client.deal_client import DealClient
from dealwright.client.listing import DealStatus, FoundDeal
from dealwright.deal import Money, in_words
from dealwright.entries import Entry
from dealwright.views.snapshot import HeldContact, Snapshot
from starter.commands.messages import AsJson, DealId, with_client
from starter.printing import aside, counted, moment, out, print_rows, say_json

if TYPE_CHECKING:
    from store.deal_summaries import DealSummary

_SHOWN_ELSEWHERE = {"deal_id", "title", "stage", "bundle", "uncertain_touches"}
_IN_OTHER_WORDS = {"term": "contract term", "missing": "missing to go on", "repeats": "facts told again"}


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("show")(show)
    app.command("list")(list_deals)
    app.command("tasks")(tasks)


def show(
    deal_id: DealId,
    story: Annotated[bool, typer.Option(help="The deal's whole story, from the journal.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show where a deal stands and what comes next."""

    async def showing(client: DealClient) -> None:
        snapshot, agenda = await client.snapshot(deal_id), await client.agenda(deal_id)
        entries = await _whole_story(client, deal_id) if story else ()
        if as_json:
            document: dict[str, object] = {
                "snapshot": snapshot.model_dump(mode="json", exclude_none=True),
                "agenda": [item.model_dump(mode="json") for item in agenda],
            }
            if story:
                document["story"] = [entry.model_dump(mode="json", exclude_none=True) for entry in entries]
            say_json(document)
            return
        print_snapshot(deal_id, snapshot)
        if agenda:
            print_rows("What comes next", ("when", "what", "why"), [(moment(i.at), i.what, i.why) for i in agenda])
        print_story(entries)

    with_client(showing)


def print_story(entries: Iterable[Entry]) -> None:
    """Print a line for each entry: a reason that somebody wrote in two lines must not look like another entry."""
    for entry in entries:
        line = " ".join(entry.sentence().split())
        out.print(Text.assemble((moment(entry.at), "dim"), "  ", line), soft_wrap=True)


def print_snapshot(deal_id: str, snapshot: Snapshot) -> None:
    """Print where a deal stands."""
    named = (snapshot.title, "bold"), f" ({deal_id})" if snapshot.title else (deal_id, "bold")
    stage = (", stage ", (snapshot.stage, "bold")) if snapshot.stage else ()
    out.print(Text.assemble(*(part for part in (*named, *stage) if part[0])), soft_wrap=True)
    facts = Table.grid(padding=(0, 2))
    for name, value in snapshot:
        if (name == "repeats" and not value) or (name == "leaves_when" and snapshot.finished):
            continue
        if name in snapshot.model_fields_set and name not in _SHOWN_ELSEWHERE and (text := _in_words(value)):
            facts.add_row(_IN_OTHER_WORDS.get(name, name.replace("_", " ")), text)
    out.print(facts)
    for held in snapshot.held_contacts:
        out.print(f"contact {held.id}: {_held(held)}", soft_wrap=True)
    for point in snapshot.attention.values():
        out.print(Text.assemble(("needs attention: ", "red"), point), soft_wrap=True)


def _held(contact: HeldContact) -> str:
    """What keeps a contact from messages."""
    silence = () if contact.marketing and contact.mail else ("no marketing" if contact.mail else "no mail",)
    away = (f"away until {moment(contact.away_until)}",) if contact.away_until else ()
    return ", ".join((*silence, *away))


def _in_words(value: object) -> str:
    """A value of one line; nothing for what is empty, or is shown elsewhere."""
    match value:
        case bool():
            return "yes" if value else ""
        case datetime():
            return moment(value)
        case Money() | str() | int() | float() | date():
            return str(value)
        case dict() if all(isinstance(each, Money | str | int | float) for each in value.values()):
            return ", ".join(f"{name} {in_words(each)}" for name, each in value.items())
        case tuple() if all(isinstance(piece, str) for piece in value):
            return ", ".join(map(str, value))
        case _:
            return ""


def list_deals(
    stage: Annotated[str | None, typer.Option(help="Only deals in this stage.")] = None,
    owner_role: Annotated[str | None, typer.Option(help="Only deals that this role owns.")] = None,
    needs_attention: Annotated[bool, typer.Option(help="Only deals that somebody should look at.")] = False,
    status: Annotated[DealStatus, typer.Option(help="Open, finished, or any deals.")] = "open",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at the most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List deals."""

    async def listing(client: DealClient) -> None:
        found = await client.find(
            status, stage=stage, owner_role=owner_role, needs_attention=needs_attention or None, limit=limit
        )
        known = await _summaries(found.deals)
        if as_json:
            say_json([_document(deal, known) for deal in found.deals])
            return
        print_deals(found.deals, known)
        if found.next_page:
            out.print(f"More than {limit}: narrow the list, or raise --limit.")

    with_client(listing)


def print_deals(deals: Sequence[FoundDeal], known: Mapping[str, DealSummary]) -> None:
    """Print a list of deals; ``known`` is what their journals say of them."""
    columns = ("deal", "stage", "owner role", "owner", "outcome", "amount", "next", "attention")
    print_rows(counted(len(deals), "deal"), columns, [_cells(deal, known.get(deal.deal_id)) for deal in deals])


def _cells(deal: FoundDeal, known: DealSummary | None) -> tuple[str | None, ...]:
    owner = known.owner if known else None
    coming = f"{moment(known.next_at)}: {known.next_action}" if known and known.next_at else None
    attention = "!" * deal.needs_attention
    return deal.deal_id, deal.stage, deal.owner_role, owner, deal.outcome, _amount(deal), coming, attention


def _document(deal: FoundDeal, known: Mapping[str, DealSummary]) -> dict[str, object]:
    found: dict[str, object] = deal.model_dump(mode="json", exclude_none=True)
    if (summary := known.get(deal.deal_id)) is not None:
        fields = {"owner", "next_action", "next_at"}
        found |= summary.model_dump(mode="json", exclude_none=True, include=fields)
    return found


async def _summaries(deals: Sequence[FoundDeal]) -> dict[str, DealSummary]:
    """What the journals of deals say of them; nothing where the store is not to be had."""
    from starter.store import opened_store
    from store.deal_summaries import summaries_of
    from store.errors import StoreError

    try:
        async with opened_store() as store:
            return await summaries_of(store, [deal.deal_id for deal in deals])
    except StoreError as error:
        aside.print(f"Without owners and what comes next: {error}", soft_wrap=True)
        return {}


def tasks(
    deal: Annotated[str | None, typer.Option(help="Only tasks of this deal.")] = None,
    role: Annotated[str | None, typer.Option(help="Only tasks of this role.")] = None,
    done: Annotated[bool, typer.Option(help="Closed tasks as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what people are asked to do, from the store.

    The command complete_task takes a task's id. Handoffs and approvals that wait stand on their deal's page.
    """
    from runtime.settings import Settings
    from store import tasks as store_tasks
    from store.database import Store

    async def reading() -> None:
        store = Store.existing(Settings().database_url)
        try:
            await store.check_migrated()
            rows = await store_tasks.list_tasks(store, only_open=not done, role=role, deal_id=deal)
        finally:
            await store.close()
        if as_json:
            say_json([row.model_dump(mode="json") for row in rows])
            return
        lines = [
            (r.deal_id, r.role, r.id, r.title, moment(r.due_at) if r.due_at else "", r.how or "open") for r in rows
        ]
        print_rows(counted(len(rows), "task"), ("deal", "role", "id", "what", "due", "state"), lines)

    asyncio.run(reading())


async def _whole_story(client: DealClient, deal_id: str) -> tuple[Entry, ...]:
    """From the journal, and what the present run has not written there yet; without a journal, the present run's."""
    from runtime.settings import Settings
    from store import journal
    from store.database import Store
    from store.errors import StoreError

    try:
        store = Store.existing(Settings().database_url)
        try:
            await store.check_migrated()
            lines = await journal.story(store, deal_id)
        finally:
            await store.close()
    except StoreError as error:
        aside.print(f"The story of the present run only: {error}", soft_wrap=True)
        lines = []
    written = tuple(journal.ENTRY.validate_python(line.entry) for line in lines)
    last = written[-1].number or 0 if written else 0
    return written + tuple(entry for entry in await client.story(deal_id) if (entry.number or 0) > last)


def _amount(deal: FoundDeal) -> str:
    """The amount as search attributes have it, with its currency."""
    return f"{deal.amount:,} {deal.currency or ''}".replace(".0 ", " ").rstrip() if deal.amount else ""
