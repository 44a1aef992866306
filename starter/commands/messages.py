"""``open``, ``record`` and ``command``; and the arguments that all commands about deals take."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import uuid4

import typer
from pydantic import BaseModel

from dealwright.client.deal_client import DealClient
from dealwright.client.errors import DealNotLetIn
from dealwright.client.opening import OpenedDeal
from dealwright.commands import COMMANDS
from dealwright.deal import Deal
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.diagnostics.text import quoted, sentences
from dealwright.facts import FACTS
from dealwright.identity import DEFAULT_PLAYBOOK
from dealwright.validation.reading import read_fields as validated
from starter.audit_entries import audited
from starter.fields import read_fields
from starter.printing import say

T = TypeVar("T", bound=BaseModel)
_NOT_TAKEN = "Not taken"
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
DealId = Annotated[str, typer.Argument(help="The deal's id.")]
Fields = Annotated[
    list[str] | None, typer.Argument(help="Fields as name=value; values that are JSON are read as JSON.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("open")(open_deal)
    app.command("record")(record)
    app.command("command")(command)


def open_deal(
    deal_id: DealId,
    fields: Fields = None,
    file: Annotated[Path | None, typer.Option(help="A JSON file with the deal; - for standard input.")] = None,
    playbook: Annotated[str, typer.Option(help="The playbook that the deal follows.")] = DEFAULT_PLAYBOOK,
    as_json: AsJson = False,
) -> None:
    """Open a deal. Opening the same deal again is no error."""
    deal = {**_read(file), **read_fields(fields, Deal), "id": deal_id}

    async def opening(client: DealClient) -> None:
        try:
            opened = await _opened(client, deal_id, deal, playbook)
        except DealNotLetIn as refused:
            document = {"deal_id": deal_id, "opened_now": True, "refused": refused.reason}
            say(as_json, document, f"Deal {deal_id} was not let in: {refused.reason.rstrip('.')}.")
            raise typer.Exit(1) from None
        said = "opened" if opened.opened_now else "runs already, with the same content"
        unsure = "" if opened.let_in else " No worker has looked at it yet."
        document = {"deal_id": opened.deal_id, "opened_now": opened.opened_now, "let_in": opened.let_in}
        say(as_json, document, f"Deal {deal_id} {said}.{unsure}")

    with_client(opening)


async def _opened(client: DealClient, deal_id: str, deal: dict[str, object], playbook: str) -> OpenedDeal:
    async with audited("open_deal", deal_id) as asked:
        try:
            opened = await client.open(deal, playbook)
        except DealNotLetIn:
            asked.result, asked.opened_now = "refused", True
            raise
        asked.result, asked.opened_now = "done", opened.opened_now
        return opened


def record(
    deal_id: DealId,
    fact: Annotated[str, typer.Argument(help="The fact's name, such as demo_held.")],
    fields: Fields = None,
    as_json: AsJson = False,
) -> None:
    """Tell a deal a fact."""
    told = _model(FACTS, "fact", fact, fields)

    async def recording(client: DealClient) -> None:
        async with audited(f"tell_{fact}", deal_id) as asked:
            asked.id = told.id
            asked.id = id_ = await client.record(deal_id, told)
            asked.result = "done"
        say(as_json, {"deal_id": deal_id, "fact": fact, "id": id_}, f"Told {deal_id}: {fact} ({id_}).")

    with_client(recording)


def command(
    deal_id: DealId,
    name: Annotated[str, typer.Argument(help="The command's name, such as accept_handoff.")],
    fields: Fields = None,
    as_json: AsJson = False,
) -> None:
    """Give a deal a command, and print its verdict."""
    given = _model(COMMANDS, "command", name, fields)

    async def commanding(client: DealClient) -> None:
        async with audited(f"give_{name}", deal_id, given.by) as asked:
            asked.id = str(uuid4())
            verdict = await client.command(deal_id, given, command_id=asked.id)
            asked.result = "undecided" if not verdict.decided else "done" if verdict.accepted else "refused"
        said = "" if verdict.accepted or verdict.text.startswith(_NOT_TAKEN) else f"{_NOT_TAKEN}: "
        say(as_json, verdict.model_dump(mode="json"), said + verdict.text)
        if verdict.decided and not verdict.accepted:
            raise typer.Exit(1)

    with_client(commanding)


def with_client(work: Callable[[DealClient], Awaitable[None]]) -> None:
    """Do something with a client."""

    async def running() -> None:
        await work(await DealClient.connect())
        await asyncio.sleep(0.05)

    asyncio.run(running())


def _read(file: Path | None) -> dict[str, object]:
    if file is None:
        return {}
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        read = json.loads(raw)
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise typer.BadParameter(f"{file} is no JSON: {error}") from error
    if not isinstance(read, dict):
        raise typer.BadParameter(f"{file} must hold one JSON object, the deal")
    return read


def _model(registry: dict[str, type[T]], kind: str, name: str, given: list[str] | None) -> T:
    if name not in registry:
        raise typer.BadParameter(sentences(f"there is no {kind} {quoted(name)}", did_you_mean(name, registry)))
    return validated(registry[name], read_fields(given, registry[name]))
