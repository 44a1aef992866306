"""What stands in the mailboxes and in Slack after the demo, as people find it there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from local.mailbox import ReceivedMail


def show_mailboxes(letters: Sequence[ReceivedMail], console: Console) -> None:
    """Each letter, by mailbox."""
    table = _table("What each mailbox received", "mailbox", "date", "subject")
    for letter in sorted(letters, key=lambda one: (one.recipients, one.dated or one.arrived_at)):
        dated = f"{letter.dated:%d %b %Y %H:%M}" if letter.dated else ""
        table.add_row(", ".join(letter.recipients), dated, Text(letter.subject))
    console.print(table)


def show_slack(messages: Sequence[Mapping[str, Any]], workspace: Mapping[str, Any], console: Console) -> None:
    """Each message, by where it stands; of people's work also what stands where the buttons were."""
    table = _table("What stands in Slack", "where", "message")
    for message in sorted(messages, key=lambda one: (_place(one, workspace), one["ts"])):
        for line in _lines(message):
            table.add_row(_place(message, workspace), Text(line))
    console.print(table)


def _table(title: str, first: str, *others: str) -> Table:
    return Table(Column(first, overflow="fold"), *others, title=title, title_justify="left", box=None)


def _place(message: Mapping[str, Any], workspace: Mapping[str, Any]) -> str:
    place = workspace["conversations"][message["channel"]]
    return f"#{place['name']}" if place["user"] is None else str(workspace["users"][place["user"]]["real_name"])


def _lines(message: Mapping[str, Any]) -> list[str]:
    """The message; of one with blocks each question, with its buttons or what stands in their place."""
    lines, asks = list[str](), ""
    for block in message["blocks"]:
        match block:
            case {"type": "section", "text": {"text": str(text)}}:
                asks = text.partition("\n")[0]
            case {"type": "context", "elements": [{"text": str(text)}, *_]}:
                lines.append(f"{asks} - {text}")
            case {"type": "actions", "elements": list(buttons)}:
                lines.append(" ".join([asks, *(f"[{button['text']['text']}]" for button in buttons)]))
    return lines or [str(message["text"])]
