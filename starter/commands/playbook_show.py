"""``playbook show``."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from starter.bundle_references import HOW, read_bundle
from starter.commands.messages import AsJson
from starter.commands.playbook_tests import end_with
from starter.printing import out, say_json


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("show")(show)


def show(
    playbook: Annotated[str, typer.Argument(metavar="PLAYBOOK", help=f"The playbook: {HOW}.")],
    mermaid: Annotated[bool, typer.Option("--mermaid", help="As a Mermaid flowchart, to paste into a page.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the stages of a playbook, the ways between them with their conditions in words, and how deals end."""
    from dealwright.playbook.loading import BadPlaybook
    from dealwright.playbook.ways import overview
    from starter.playbooks.stage_map import as_mermaid, as_text

    try:
        found = overview(asyncio.run(read_bundle(playbook)).playbook)
    except BadPlaybook as error:
        end_with(error, as_json=as_json)
    if as_json:
        say_json(found.model_dump(mode="json"))
        return
    for line in as_mermaid(found) if mermaid else as_text(found):
        out.print(line, soft_wrap=True)
