"""Commands about deals: open, record, command, show, list, tasks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from deals.admission import BadDeal, Problem
from deals.commands import COMMANDS
from deals.entries import Entry
from deals.facts import FACTS
from deals.identity import DEFAULT_PLAYBOOK
from starter.client import DealClient

T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
DealId = Annotated[str, typer.Argument(help="The deal's id.")]
Fields = Annotated[
    list[str] | None, typer.Argument(help="Fields as name=value; values that are JSON are read as JSON.")
]
out = Console()


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("open")(open_deal)
    app.command("record")(record)
    app.command("command")(command)
    app.command("show")(show)
    app.command("list")(list_deals)
    app.command("tasks")(tasks)


def open_deal(
    deal_id: DealId,
    fields: Fields = None,
    file: Annotated[Path | None, typer.Option(help="A JSON file with the deal; - for standard input.")] = None,
    playbook: Annotated[str, typer.Option(help="The playbook that the deal follows.")] = DEFAULT_PLAYBOOK,
    as_json: AsJson = False,
) -> None:
    """Open a deal. Opening the same deal again is no error."""
    deal = {**_read(file), **_parsed(fields), "id": deal_id}

    async def opening(client: DealClient) -> None:
        opened = await client.open(deal, playbook)
        said = "opened" if opened.opened_now else "runs already, with the same content"
        _say(as_json, {"deal_id": opened.deal_id, "opened_now": opened.opened_now}, f"Deal {deal_id} {said}.")

    _with_client(opening)


def record(
    deal_id: DealId,
    fact: Annotated[str, typer.Argument(help="The fact's name, such as demo_held.")],
    fields: Fields = None,
    as_json: AsJson = False,
) -> None:
    """Tell a deal a fact."""
    told = _model(FACTS, "fact", fact, _parsed(fields))

    async def recording(client: DealClient) -> None:
        id_ = await client.record(deal_id, told)
        _say(as_json, {"deal_id": deal_id, "fact": fact, "id": id_}, f"Told {deal_id}: {fact} ({id_}).")

    _with_client(recording)


def command(
    deal_id: DealId,
    name: Annotated[str, typer.Argument(help="The command's name, such as accept_handoff.")],
    fields: Fields = None,
    as_json: AsJson = False,
) -> None:
    """Give a deal a command, and print its verdict."""
    given = _model(COMMANDS, "command", name, _parsed(fields))

    async def commanding(client: DealClient) -> None:
        verdict = await client.command(deal_id, given)
        _say(as_json, verdict.model_dump(mode="json"), ("" if verdict.accepted else "Not taken: ") + verdict.text)
        if verdict.decided and not verdict.accepted:
            raise typer.Exit(1)

    _with_client(commanding)


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
            out.print_json(json.dumps(document))
            return
        out.print(f"[bold]{snapshot.title or deal_id}[/bold] ({deal_id}), stage [bold]{snapshot.stage}[/bold]")
        facts = Table.grid(padding=(0, 2))
        for name, value in snapshot.model_dump(mode="json", exclude_none=True, exclude_defaults=True).items():
            if isinstance(value, str | int | float | bool) and name not in {"deal_id", "title", "stage", "bundle"}:
                facts.add_row(name.replace("_", " "), str(value))
        out.print(facts)
        for point in snapshot.attention.values():
            out.print(f"[red]needs attention:[/red] {point}", highlight=False)
        _print_rows("What comes next", ("when", "what", "why"), [(_time(i.at), i.what, i.why) for i in agenda])
        for entry in entries:
            out.print(f"[dim]{_time(entry.at)}[/dim]  {entry.sentence()}", highlight=False)

    _with_client(showing)


def list_deals(
    stage: Annotated[str | None, typer.Option(help="Only deals in this stage.")] = None,
    owner: Annotated[str | None, typer.Option(help="Only deals that this role owns.")] = None,
    needs_attention: Annotated[bool, typer.Option(help="Only deals that somebody should look at.")] = False,
    finished: Annotated[bool, typer.Option(help="Finished deals instead of open ones.")] = False,
    most: Annotated[int, typer.Option(min=1, max=1000, help="How many at the most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List deals."""

    async def listing(client: DealClient) -> None:
        found = await client.find(
            "finished" if finished else "open",
            stage=stage, owner=owner, needs_attention=needs_attention or None, limit=most,
        )  # fmt: skip
        if as_json:
            out.print_json(json.dumps([deal.model_dump(mode="json", exclude_none=True) for deal in found.deals]))
            return
        rows = [
            (
                d.deal_id,
                d.stage,
                d.owner,
                d.outcome,
                f"{d.amount:,.0f}" if d.amount else "",
                "!" if d.needs_attention else "",
            )
            for d in found.deals
        ]
        _print_rows(f"{len(rows)} deals", ("deal", "stage", "owner", "outcome", "amount", "attention"), rows)
        if found.next_page:
            out.print(f"More than {most}: narrow the list, or raise --most.")

    _with_client(listing)


def tasks(
    deal: Annotated[str | None, typer.Option(help="Only tasks of this deal.")] = None,
    role: Annotated[str | None, typer.Option(help="Only tasks of this role.")] = None,
    done: Annotated[bool, typer.Option(help="Closed tasks as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what people are asked to do, from the store."""
    from runtime.settings import Settings
    from store import tasks as store_tasks
    from store.database import Store

    async def reading() -> None:
        store = Store.open(Settings().database_url)
        try:
            rows = await store_tasks.listed(store, only_open=not done, role=role, deal_id=deal)
        finally:
            await store.close()
        if as_json:
            out.print_json(json.dumps([row.model_dump(mode="json") for row in rows]))
            return
        lines = [(r.deal_id, r.role, r.title, _time(r.due_at) if r.due_at else "", r.how or "open") for r in rows]
        _print_rows(f"{len(rows)} tasks", ("deal", "role", "task", "due", "state"), lines)

    asyncio.run(reading())


async def _whole_story(client: DealClient, deal_id: str) -> tuple[Entry, ...]:
    """From the journal; where that is not at hand, the entries of the deal's present run."""
    from runtime.settings import Settings
    from store import journal
    from store.database import Store
    from store.errors import StoreError

    store = Store.open(Settings().database_url)
    try:
        await store.check_migrated()
        lines = await journal.story(store, deal_id)
    except StoreError:
        lines = []
    finally:
        await store.close()
    return tuple(journal.ENTRY.validate_python(line.entry) for line in lines) or await client.story(deal_id)


def _with_client(work: Any) -> None:  # noqa: ANN401 - a coroutine function taking a client
    async def running() -> None:
        await work(await DealClient.connect())
        await asyncio.sleep(0.05)

    asyncio.run(running())


def _read(file: Path | None) -> dict[str, object]:
    if file is None:
        return {}
    try:
        text = typer.get_text_stream("stdin").read() if str(file) == "-" else file.read_text(encoding="utf-8")
        read = json.loads(text)
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise typer.BadParameter(f"{file} is no JSON: {error}") from error
    if not isinstance(read, dict):
        raise typer.BadParameter(f"{file} must hold one JSON object, the deal")
    return read


def _parsed(fields: list[str] | None) -> dict[str, object]:
    parsed: dict[str, object] = {}
    for field in fields or []:
        name, equals, value = field.partition("=")
        if not equals:
            raise typer.BadParameter(f"{field!r} is no field: write name=value")
        parsed[name] = _value(value)
    return parsed


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _model(registry: dict[str, type[T]], kind: str, name: str, fields: dict[str, object]) -> T:
    if name not in registry:
        raise typer.BadParameter(f"there is no {kind} {name!r}; there are: {', '.join(registry)}")
    model = registry[name]
    try:
        return model(**fields)
    except ValidationError as error:
        faults = tuple(Problem(".".join(map(str, one["loc"])), one["msg"]) for one in error.errors())
        raise BadDeal(faults) from error


def _say(as_json: bool, document: object, text: str) -> None:
    if as_json:
        out.print_json(json.dumps(document))
    else:
        out.print(text, highlight=False, markup=False)


def _print_rows(title: str, columns: tuple[str, ...], rows: Sequence[tuple[str | None, ...]]) -> None:
    table = Table(*columns, title=title, title_justify="left", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(cell or "" for cell in row))
    out.print(table)


def _time(at: datetime) -> str:
    return f"{at:%a %d %b %Y %H:%M} UTC"
