"""``integration list`` and ``integration try``: what tools there are, and what they would send."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from starter.commands.messages import AsJson
from starter.printing import counted, out, print_rows, say_json

if TYPE_CHECKING:
    from integrations.kit.mapping.answers import Reply
    from store.intake import Event

_LONGEST_FILE = 1024 * 1024


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("list")(list_tools)
    app.command("try")(try_payload)


def list_tools(as_json: AsJson = False) -> None:
    """List the tools, what each can do, and what of it is configured. No secret is shown."""
    from starter.integrations.configured import tools

    found = tools()
    if as_json:
        say_json({"tools": [one.model_dump() for one in found]})
        return
    rows = [
        (one.name, one.title, one.source or "", ", ".join(one.offers), ", ".join(one.configured) or "nothing")
        for one in found
    ]
    print_rows(counted(len(found), "tool"), ("tool", "title", "source", "can", "configured"), rows)


def try_payload(
    tool: Annotated[str, typer.Argument(help="The tool, or the source as `integration list` shows it.")],
    file: Annotated[Path, typer.Option(help="A body as the tool sends it; - reads standard input.")],
    header: Annotated[list[str] | None, typer.Option(help="A header of the request, as Name: value.")] = None,
    query: Annotated[list[str] | None, typer.Option(help="A field of the URL's query, as name=value.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what a payload would become: each event with its id, time, deal and facts, or why it would be skipped.

    It is read as the gateway reads it, by the tool's mapping file or its code, with the links and messages that the
    database knows. No signature is needed, the tool is asked nothing, and nothing is stored or sent. Exit code 1: the
    payload cannot be read.
    """
    from integrations.kit.mapping.bodies import Unreadable
    from starter.integrations.trial import tried

    headers, fields = _pairs(header, ":", "--header"), _pairs(query, "=", "--query")
    try:
        trial = asyncio.run(tried(tool, _read(file), headers, fields))
    except Unreadable as error:
        if as_json:
            say_json({"ok": False, "error": str(error)})
        else:
            out.print(f"The payload cannot be read: {error}.", soft_wrap=True)
        raise typer.Exit(1) from None
    if as_json:
        say_json({"source": trial.source, "events": [_document(one) for one in trial.events],
                  "answer": _answer(trial.answer), "without_database": trial.without_database})  # fmt: skip
        return
    _print(trial.source, trial.events)
    if trial.without_database is not None:
        out.print(f"Tried without what this installation knows: {trial.without_database}", soft_wrap=True)
    if trial.answer is not None:
        answer = trial.answer
        out.print(f"Answered {answer.status} {answer.content_type}: {answer.body.decode()}", soft_wrap=True)


def _print(source: str, events: tuple[Event, ...]) -> None:
    rows = []
    for event in events:
        document = _document(event)
        fields = json.dumps(document["fields"], ensure_ascii=False) if document["fields"] else ""
        told = f"{event.fact} {fields}".strip() if event.state == "waiting" else f"{event.state}: {event.last_error}"
        rows.append((event.event_id, str(document["at"] or "when it came"), event.deal_ref or "", told))
    print_rows(f"{counted(len(events), 'event')} of {source}", ("event", "happened", "deal", "becomes"), rows)


def _document(event: Event) -> dict[str, object]:
    waits = event.state == "waiting"
    left_out = {"id", "at", "source"} if waits else set(event.payload)
    return {
        "event_id": event.event_id,
        "deal": event.deal_ref,
        "state": event.state,
        "fact": event.fact or None,
        "at": event.payload.get("at") if waits else None,
        "fields": {name: value for name, value in event.payload.items() if name not in left_out},
        "why": event.last_error,
    }


def _answer(answer: Reply | None) -> dict[str, object] | None:
    if answer is None:
        return None
    return {"status": answer.status, "content_type": answer.content_type, "body": answer.body.decode()}


def _read(file: Path) -> bytes:
    try:
        body = sys.stdin.buffer.read(_LONGEST_FILE + 1) if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{file}: {error.strerror}", param_hint="--file") from None
    if len(body) > _LONGEST_FILE:
        raise typer.BadParameter(f"{file} has more than {_LONGEST_FILE} bytes", param_hint="--file")
    return body


def _pairs(texts: list[str] | None, sign: str, option: str) -> dict[str, str]:
    pairs = {}
    for text in texts or ():
        name, found, value = text.partition(sign)
        if not found or not name.strip():
            raise typer.BadParameter(f"{text!r} is none: write name{sign} value", param_hint=option)
        pairs[name.strip()] = value.strip()
    return pairs
